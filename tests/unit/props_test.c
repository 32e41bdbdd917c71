/* kafka/props: which properties are refused, which are secrets, which are weak. */
#include "kafka/props.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct prop prop(const char *name, const char *value)
{
    return (struct prop){.name = (char *)(uintptr_t)name, .value = (char *)(uintptr_t)value};
}

static bool refused(const char *name, const char *value, bool group)
{
    struct prop given = prop(name, value);
    return props_refused(&given, group) != NULL;
}

static void what_runs_code_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"plugin.library.paths",
                                        "ssl.engine.location",
                                        "ssl.engine.id",
                                        "ssl.providers",
                                        "sasl.kerberos.kinit.cmd",
                                        "sasl.kerberos.keytab",
                                        "sasl.kerberos.min.time.before.relogin",
                                        "sasl.oauthbearer.token.endpoint.url",
                                        "sasl.oauthbearer.assertion.private.key.file",
                                        "sasl.oauthbearer.config",
                                        "enable.sasl.oauthbearer.unsecure.jwt",
                                        "https.ca.location",
                                        "interceptors",
                                        "oauthbearer_token_refresh_cb",
                                        "enabled_events",
                                        "log.queue",
                                        "internal.termination.signal"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!refused(names[i], "true", false))
            fail_msg("%s is taken", names[i]);
}

static void what_promises_rest_on_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"enable.auto.commit",
                                        "auto.commit.enable",
                                        "auto.commit.interval.ms",
                                        "offset.store.method",
                                        "enable.auto.offset.store",
                                        "auto.offset.reset",
                                        "group.id",
                                        "transactional.id",
                                        "enable.idempotence",
                                        "acks",
                                        "request.required.acks",
                                        "delivery.report.only.error",
                                        "enable.partition.eof",
                                        "partitioner",
                                        "allow.auto.create.topics",
                                        "bootstrap.servers",
                                        "metadata.broker.list",
                                        "topic.acks",
                                        "topic.request.required.acks",
                                        "topic.auto.offset.reset",
                                        "topic.partitioner"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!refused(names[i], "true", false))
            fail_msg("%s is taken", names[i]);
}

static void what_tunes_is_taken(void **state)
{
    (void)state;
    static const char *const names[] = {"security.protocol",
                                        "sasl.username",
                                        "sasl.password",
                                        "ssl.ca.location",
                                        "ssl.key.location",
                                        "linger.ms",
                                        "compression.codec",
                                        "group.instance.id",
                                        "debug",
                                        "sticky.partitioning.linger.ms",
                                        "client.rack",
                                        "socket.timeout.ms",
                                        "topic.metadata.refresh.interval.ms",
                                        "session.timeout.ms",
                                        "retries",
                                        "sasl.kerberos.service.name",
                                        "nosuch"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (refused(names[i], "x", true))
            fail_msg("%s is refused", names[i]);
}

static void some_values_are_taken(void **state)
{
    (void)state;
    static const char strategy[] = "partition.assignment.strategy";
    assert_false(refused(strategy, "range", true));
    assert_false(refused(strategy, " range, roundrobin", true));
    assert_false(refused(strategy, "cooperative-sticky", true));
    static const char *const wrong[] = {"",       "sticky", "range,sticky",
                                        "range,", "rang",   "range roundrobin"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (!refused(strategy, wrong[i], true))
            fail_msg("%s is taken", wrong[i]);
    assert_false(refused("group.protocol", "classic", true));
    assert_false(refused("group.protocol", "consumer", true));
    assert_true(refused("group.protocol", "share", true));
    assert_false(refused("sasl.mechanism", "SCRAM-SHA-512", false));
    assert_true(refused("sasl.mechanism", "OAUTHBEARER", false));
    assert_true(refused("sasl.mechanisms", "SCRAM-SHA-", false));
    assert_false(refused("isolation.level", "read_uncommitted", false));
    assert_true(refused("isolation.level", "read_uncommitted", true));
    assert_false(refused("isolation.level", "READ_COMMITTED", true));
}

static void secrets_are_known_by_name(void **state)
{
    (void)state;
    static const char *const secrets[] = {
        "sasl.password", "ssl.key.password", "ssl.key.pem",  "ssl.keystore.password",
        "Sasl.Password", "x.client.secret",  "x.passphrase", "other.pem"};
    static const char *const others[] = {"sasl.username", "ssl.ca.pem", "ssl.certificate.pem",
                                         "ssl.key.location", "client.id"};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        if (!props_secret(secrets[i]))
            fail_msg("%s is no secret", secrets[i]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (props_secret(others[i]))
            fail_msg("%s is a secret", others[i]);
    assert_true(props_key("ssl.key.location") && props_path("ssl.key.location"));
    assert_true(props_path("ssl.ca.location") && !props_key("ssl.ca.location"));
    assert_false(props_path("ssl.ca.pem"));
}

static void names_are_letters_digits_and_dots(void **state)
{
    (void)state;
    assert_true(props_name(span_str("sasl.mechanism_X-9")));
    static const char *const wrong[] = {"", "a b", "a=b", "a:b", "sasl.p\xc3\xa4ss", "a/b", "a\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(props_name(span_str(wrong[i])));
    assert_false(props_name(span_of("a", 2))); /* its NUL */
}

/* Whether any of the pairs NAME, VALUE is weak. */
static bool weak(const char *const *pairs)
{
    struct props props = {0};
    struct fault fault = {.tool = "test"};
    bool found = false;
    for (; *pairs != NULL; pairs += 2) {
        struct prop given = prop(pairs[0], pairs[1]);
        assert_true(props_add(&props, &given, &fault));
    }
    for (size_t i = 0; i < props.count; i++)
        found |= props_weak(&props, &props.list[i]) != NULL;
    props_close(&props);
    return found;
}

#define PAIRS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void what_takes_tls_away_is_weak(void **state)
{
    (void)state;
    static const char verify[] = "enable.ssl.certificate.verification",
                      host[] = "ssl.endpoint.identification.algorithm",
                      protocol[] = "security.protocol", mechanism[] = "sasl.mechanism";
    assert_true(weak(PAIRS(verify, "false")));
    assert_true(weak(PAIRS(verify, "0")));
    assert_false(weak(PAIRS(verify, "TRUE")));
    assert_true(weak(PAIRS(host, "none")));
    assert_false(weak(PAIRS(host, " https")));
    assert_true(weak(PAIRS(protocol, "SASL_PLAINTEXT", mechanism, "PLAIN")));
    assert_true(weak(PAIRS(protocol, " sasl_plaintext", "sasl.mechanisms", "PLAIN")));
    assert_false(weak(PAIRS(protocol, "SASL_SSL", mechanism, "PLAIN")));
    assert_false(weak(PAIRS(protocol, "SASL_PLAINTEXT", mechanism, "SCRAM-SHA-256")));
    assert_false(weak(PAIRS(protocol, "SASL_PLAINTEXT")));
    /* The last word counts, by either name. */
    assert_false(weak(PAIRS(protocol, "SASL_PLAINTEXT", mechanism, "PLAIN", protocol, "SASL_SSL")));
    assert_false(weak(
        PAIRS(protocol, "SASL_PLAINTEXT", mechanism, "PLAIN", "sasl.mechanisms", "SCRAM-SHA-256")));
    assert_true(weak(
        PAIRS(protocol, "SASL_PLAINTEXT", "sasl.mechanisms", "SCRAM-SHA-256", mechanism, "PLAIN")));
    assert_false(weak(PAIRS(verify, "false", verify, "true")));
}

static void a_fault_says_where(void **state)
{
    (void)state;
    struct fault fault = {.tool = "test"};
    assert_int_equal(props_fault(&fault, (struct props_place){0}, "acks", "no"), 64);
    assert_string_equal(fault.line, "-X acks: no");
    fault = (struct fault){.tool = "test"};
    assert_int_equal(props_fault(&fault, (struct props_place){"a.yaml", 3, 7}, "acks", "no"), 78);
    assert_string_equal(fault.line, "a.yaml:3:7: acks: no");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_runs_code_is_refused),
        cmocka_unit_test(what_promises_rest_on_is_refused),
        cmocka_unit_test(what_tunes_is_taken),
        cmocka_unit_test(some_values_are_taken),
        cmocka_unit_test(secrets_are_known_by_name),
        cmocka_unit_test(names_are_letters_digits_and_dots),
        cmocka_unit_test(what_takes_tls_away_is_weak),
        cmocka_unit_test(a_fault_says_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
