/* kafka/range: offsets and partitions as they are typed. */
#include "kafka/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static void places_are_words_numbers_or_times(void **state)
{
    (void)state;
    struct range range;
    assert_true(range_parse("beginning", 0, &range) && range.kind == RANGE_BEGINNING);
    assert_true(range_parse("end", 0, &range) && range.kind == RANGE_END);
    assert_true(range_parse("9223372036854775807", 0, &range) && range.kind == RANGE_OFFSET);
    assert_int_equal(range.value, INT64_MAX);
    assert_true(range_parse("-0", 0, &range) && range.kind == RANGE_LAST && range.value == 0);
    assert_true(range_parse("-7", 0, &range) && range.kind == RANGE_LAST && range.value == 7);
    assert_true(range_parse("@-1s", 5000, &range) && range.kind == RANGE_TIME);
    assert_int_equal(range.value, 4000);
    const char *const wrong[] = {"",         "x",  "5x", "-",  "--1", "9223372036854775808",
                                 "beginnin", " 5", "@",  "@x", "-5x", "-9223372036854775808",
                                 "END",      "-1h"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(range_parse(wrong[i], 0, &range));
}

static int64_t resolve(enum range_kind kind, int64_t value, int64_t low, int64_t high,
                       int64_t found)
{
    return range_resolve(&(struct range){kind, value}, low, high, found);
}

static void a_place_is_an_offset_in_each_partition(void **state)
{
    (void)state;
    assert_int_equal(resolve(RANGE_BEGINNING, 0, 7, 10, -1), 7);
    assert_int_equal(resolve(RANGE_END, 0, 7, 10, -1), 10);
    assert_int_equal(resolve(RANGE_OFFSET, 5, 0, 10, -1), 5);
    assert_int_equal(resolve(RANGE_OFFSET, 5, 7, 10, -1), 7);
    assert_int_equal(resolve(RANGE_OFFSET, 5, 0, 3, -1), 5);
    assert_int_equal(resolve(RANGE_LAST, 2, 7, 10, -1), 8);
    assert_int_equal(resolve(RANGE_LAST, 0, 7, 10, -1), 10);
    assert_int_equal(resolve(RANGE_LAST, 4, 7, 10, -1), 7);
    assert_int_equal(resolve(RANGE_LAST, INT64_MAX, 7, 10, -1), 7);
    assert_int_equal(resolve(RANGE_TIME, 1, 7, 10, 8), 8);
    assert_int_equal(resolve(RANGE_TIME, 1, 7, 10, 3), 7);
    assert_int_equal(resolve(RANGE_TIME, 1, 7, 10, 12), 12); /* came since `high` was asked */
    assert_int_equal(resolve(RANGE_TIME, 1, 7, 10, -1), 10);
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
        cmocka_unit_test(places_are_words_numbers_or_times),
        cmocka_unit_test(a_place_is_an_offset_in_each_partition),
        cmocka_unit_test(partitions_are_lists_of_spans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
