/* kcat-in/range: offsets and partitions as they are typed. */
#include "kcat-in/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static void offsets_are_words_or_numbers(void **state)
{
    (void)state;
    struct range range;
    assert_true(range_parse("beginning", &range) && range.kind == RANGE_BEGINNING);
    assert_true(range_parse("end", &range) && range.kind == RANGE_END);
    assert_true(range_parse("9223372036854775807", &range) && range.offset == INT64_MAX);
    const char *const wrong[] = {"", "x", "5x", "-1", "9223372036854775808", "beginnin", " 5"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(range_parse(wrong[i], &range));
}

static void offsets_outside_become_the_edge(void **state)
{
    (void)state;
    struct range at = {RANGE_OFFSET, 5};
    assert_int_equal(range_resolve(&at, 0, 10), 5);
    assert_int_equal(range_resolve(&at, 7, 10), 7);
    assert_int_equal(range_resolve(&at, 0, 3), 3);
    assert_int_equal(range_resolve(&(struct range){RANGE_BEGINNING, 0}, 7, 10), 7);
    assert_int_equal(range_resolve(&(struct range){RANGE_END, 0}, 7, 10), 10);
}

static bool topic(const char *text, struct range_partitions *partitions, char *name)
{
    strcpy(name, text);
    return range_topic(name, partitions);
}

static void partitions_are_lists_of_spans(void **state)
{
    (void)state;
    struct range_partitions partitions;
    char name[64];
    assert_true(topic("t", &partitions, name));
    assert_true(range_has(&partitions, 0) && range_has(&partitions, 9999));
    assert_int_equal(range_highest(&partitions), -1);
    assert_true(topic("t:0,2-5", &partitions, name));
    assert_string_equal(name, "t");
    static const bool want[] = {true, false, true, true, true, true, false};
    for (int i = 0; i < 7; i++)
        assert_int_equal(range_has(&partitions, i), want[i]);
    assert_int_equal(range_highest(&partitions), 5);
    assert_true(topic("^a:b", &partitions, name)); /* a pattern keeps its colon */
    assert_string_equal(name, "^a:b");
    const char *const wrong[] = {"",      ":0",   "t:",   "t:x",          "t:1,", "t:,1",
                                 "t:5-2", "t:1-", "t:-1", "t:2147483648", "t:1 "};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(topic(wrong[i], &partitions, name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_are_words_or_numbers),
        cmocka_unit_test(offsets_outside_become_the_edge),
        cmocka_unit_test(partitions_are_lists_of_spans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
