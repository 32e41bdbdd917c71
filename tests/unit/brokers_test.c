/* kafka/brokers: what names a broker, and what does not. */
#include "kafka/brokers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static void brokers_are_hosts_and_ports(void **state)
{
    (void)state;
    const char *const good[] = {"host",
                                "host:9092",
                                "127.0.0.1:1",
                                "a.b-c_d:65535",
                                "[::1]",
                                "[::1]:9092",
                                "a:1,b:2",
                                "a:1, b:2 , c",
                                "a,",
                                "SSL://host:9093",
                                "sasl_ssl://[::1]:9093",
                                "PLAINTEXT://a,SASL_PLAINTEXT://b:1"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (brokers_wrong(good[i]).size != 0)
            fail_msg("\"%s\" is refused", good[i]);
}

static void what_is_none_is_shown(void **state)
{
    (void)state;
    static const struct {
        const char *list, *wrong;
    } cases[] = {{"host:", "host:"},
                 {"host:0", "host:0"},
                 {"host:65536", "host:65536"},
                 {"host:99999", "host:99999"},
                 {"host:9999999999999999999", "host:9999999999999999999"},
                 {"host:abc", "host:abc"},
                 {"host:90x", "host:90x"},
                 {":abc", ":abc"},
                 {":9092", ":9092"},
                 {"a:1,:2,c", ":2"},
                 {"a:1 b:2", "a:1 b:2"},
                 {"kafka://x", "kafka://x"},
                 {"http://x:80/", "http://x:80/"},
                 {"ssl://", "ssl://"},
                 {"a/b", "a/b"},
                 {"[]", "[]"},
                 {"[::1", "[::1"},
                 {"[::1]x", "[::1]x"},
                 {"::1", "::1"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span wrong = brokers_wrong(cases[i].list);
        if (wrong.size != strlen(cases[i].wrong) ||
            memcmp(wrong.at, cases[i].wrong, wrong.size) != 0)
            fail_msg("\"%s\": \"%.*s\"", cases[i].list, (int)wrong.size, (const char *)wrong.at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brokers_are_hosts_and_ports),
        cmocka_unit_test(what_is_none_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
