/* kcat-in/wanted: what -t means. */
#include "kcat-in/wanted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static char words[8][64];

/* Up to 8 of them, NULL at the end. */
static struct wanted all_of(const char *const *list)
{
    struct wanted wanted = {0};
    struct fault fault = {.tool = "t"};
    for (size_t i = 0; list[i] != NULL; i++)
        assert_true(wanted_add(&wanted, strcpy(words[i], list[i]), &fault));
    return wanted;
}

static void a_topic_is_meant_with_all_its_partitions(void **state)
{
    (void)state;
    struct wanted wanted = all_of((const char *const[]){"a", "b", NULL});
    assert_true(wanted_topic(&wanted, "a") && wanted_topic(&wanted, "b"));
    assert_false(wanted_topic(&wanted, "ab") || wanted_topic(&wanted, ""));
    assert_true(wanted_partition(&wanted, "a", 0) && wanted_partition(&wanted, "b", 999));
    assert_int_equal(wanted_highest(&wanted, "a"), -1);
    assert_false(wanted_patterns(&wanted) || wanted_some(&wanted) || wanted_internal(&wanted));
    wanted_close(&wanted);
}

static void partitions_of_one_topic_add_up(void **state)
{
    (void)state;
    struct wanted wanted = all_of((const char *const[]){"a:0", "b:7", "a:2-3", NULL});
    assert_string_equal(wanted.names[0], "a");
    assert_true(wanted_partition(&wanted, "a", 0) && wanted_partition(&wanted, "a", 3));
    assert_false(wanted_partition(&wanted, "a", 1) || wanted_partition(&wanted, "a", 7));
    assert_int_equal(wanted_highest(&wanted, "a"), 3);
    assert_int_equal(wanted_highest(&wanted, "b"), 7);
    assert_int_equal(wanted_highest(&wanted, "c"), -1);
    assert_true(wanted_some(&wanted));
    wanted_close(&wanted);
    wanted = all_of((const char *const[]){"a:0", "a", NULL});
    assert_true(wanted_partition(&wanted, "a", 1));
    wanted_close(&wanted);
}

static void a_pattern_matches_as_the_client_does(void **state)
{
    (void)state;
    struct wanted wanted = all_of((const char *const[]){"^a[0-9]+(x|y)$", NULL});
    assert_true(wanted_patterns(&wanted) && wanted_topic(&wanted, "a12y"));
    assert_false(wanted_topic(&wanted, "ax") || wanted_topic(&wanted, "ba1x"));
    wanted_close(&wanted);
}

static void kafkas_own_topics_are_asked_for(void **state)
{
    (void)state;
    struct wanted wanted = all_of((const char *const[]){"^.*", NULL});
    assert_false(wanted_topic(&wanted, "__consumer_offsets") || wanted_internal(&wanted));
    assert_true(wanted_topic(&wanted, "_mine"));
    wanted_close(&wanted);
    wanted = all_of((const char *const[]){"^__.*", NULL});
    assert_true(wanted_topic(&wanted, "__consumer_offsets") && wanted_internal(&wanted));
    wanted_close(&wanted);
    wanted = all_of((const char *const[]){"__consumer_offsets", NULL});
    assert_true(wanted_topic(&wanted, "__consumer_offsets") && wanted_internal(&wanted));
    wanted_close(&wanted);
}

static void what_means_nothing_is_refused(void **state)
{
    (void)state;
    const char *const wrong[] = {"", "a,b", "a:x", "a:1,", ":0", "^(", "^a[", "a:5-2"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct wanted wanted = {0};
        struct fault fault = {.tool = "t"};
        if (wanted_add(&wanted, strcpy(words[0], wrong[i]), &fault))
            fail_msg("\"%s\" is taken", wrong[i]);
        assert_int_equal(fault.status, STATUS_USAGE);
        wanted_close(&wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_topic_is_meant_with_all_its_partitions),
        cmocka_unit_test(partitions_of_one_topic_add_up),
        cmocka_unit_test(a_pattern_matches_as_the_client_does),
        cmocka_unit_test(kafkas_own_topics_are_asked_for),
        cmocka_unit_test(what_means_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
