/* kout/writing: the words of the command line, whole or not at all. */
#include "kout/writing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void partitions(void **state)
{
    (void)state;
    struct writing writing = {0};
    assert_true(writing_partition(&writing, "same"));
    assert_int_equal(writing.to, WRITING_SAME);
    assert_true(writing_partition(&writing, "2147483647"));
    assert_int_equal(writing.to, WRITING_ONE);
    assert_int_equal(writing.partition, INT32_MAX);
    assert_true(writing_partition(&writing, "0"));
    assert_int_equal(writing.partition, 0);
    assert_true(writing_partition(&writing, "key"));
    assert_int_equal(writing.to, WRITING_BY_KEY);
    static const char *const never[] = {"", "Key", "keys", "-1", "1 ", "2147483648", "0x1"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        assert_false(writing_partition(&writing, never[i]));
    assert_int_equal(writing.to, WRITING_BY_KEY);
}

static void codecs(void **state)
{
    (void)state;
    struct writing writing = {0};
    assert_true(writing_codec(&writing, "zstd"));
    assert_string_equal(writing.codec, "zstd");
    assert_true(writing_codec(&writing, "none"));
    assert_string_equal(writing.codec, "none");
    static const char *const never[] = {"", "ZSTD", "gz", "gzip ", "inherit"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        assert_false(writing_codec(&writing, never[i]));
    assert_string_equal(writing.codec, "none");
}

static void assert_create(const char *word, int32_t partitions, const char *settings)
{
    struct fault fault = {.tool = "writing"};
    struct writing writing = {0};
    char all[256] = "";
    assert_true(writing_create(&writing, word, &fault));
    assert_int_equal(writing.create, partitions);
    for (size_t i = 0; i < writing.settings.count; i++) {
        const struct prop *prop = &writing.settings.list[i];
        size_t size = strlen(all);
        snprintf(all + size, sizeof all - size, "[%s|%s]", prop->name, prop->value);
    }
    assert_string_equal(all, settings);
    writing_close(&writing);
}

static void creations(void **state)
{
    (void)state;
    assert_create("4", 4, "");
    assert_create("1,a=b", 1, "[a|b]");
    assert_create("7,cleanup.policy=compact,delete,x.y=1", 7,
                  "[cleanup.policy|compact,delete][x.y|1]");
    assert_create("7,a=b=c,d,e=,,f=1", 7, "[a|b=c,d][e|,][f|1]");
    static const char *const never[] = {"",     "0",   "x",    "-1",      "2147483648", "4,",
                                        "4,ab", "4,=", "4,a=", "4,a,b=c", "4,a b=c",    " 4"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        struct fault fault = {.tool = "writing"};
        struct writing writing = {0};
        assert_false(writing_create(&writing, never[i], &fault));
        assert_int_equal(fault.status, STATUS_USAGE);
        writing_close(&writing);
    }
}

static void refusals(void **state)
{
    (void)state;
    struct writing writing = {0};
    assert_true(writing_on_error(&writing, "dlq:dead"));
    assert_int_equal(writing.refused, WRITING_DLQ);
    assert_string_equal(writing.dead, "dead");
    assert_true(writing_on_error(&writing, "skip"));
    assert_int_equal(writing.refused, WRITING_SKIP);
    assert_null(writing.dead);
    static const char *const never[] = {"", "dlq", "dlq:", "Skip", "skip "};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        assert_false(writing_on_error(&writing, never[i]));
    assert_true(writing_on_error(&writing, "fail"));
    assert_int_equal(writing.refused, WRITING_FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(partitions),
        cmocka_unit_test(codecs),
        cmocka_unit_test(creations),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
