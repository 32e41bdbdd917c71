/* ack/marker: notes, markers, and the changelog's name. */
#include "ack/marker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const uint8_t run[MARKER_RUN_ID] = {0xab, 0xcd, [15] = 1};

static void a_note_names_store_run_and_barrier(void **state)
{
    (void)state;
    char note[MARKER_NOTE], value[MARKER_VALUE];
    marker_note(note, span_str("counts"), run, 12);
    assert_string_equal(note, "kpipe/1 counts abcd0000000000000000000000000001 12");
    size_t size = marker_value(value, note, span_str("group.a-b"));
    assert_string_equal(value, "kpipe/1 counts abcd0000000000000000000000000001 12 group.a-b");
    assert_int_equal(size, strlen(value));
}

static void the_longest_fit(void **state)
{
    (void)state;
    char note[MARKER_NOTE], value[MARKER_VALUE], store[65] = {0}, group[240] = {0};
    memset(store, 's', 64);
    memset(group, 'g', 239);
    marker_note(note, span_str(store), run, INT64_MAX);
    assert_true(strlen(note) < MARKER_NOTE - 1);
    size_t size = marker_value(value, note, span_str(group));
    assert_int_equal(size, strlen(value));
    assert_int_equal(size, strlen(note) + 1 + 239);
}

static void names(void **state)
{
    (void)state;
    char topic[MARKER_TOPIC + 1], group[250] = {0};
    assert_true(marker_topic(topic, span_str("a-b"), span_str("c")));
    assert_string_equal(topic, "a-b-c-changelog");
    static const char *const none[] = {"", "a b", "a/b", "\xc3\xa4", "a\n"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(marker_topic(topic, span_str(none[i]), span_str("c")));
    memset(group, 'g', 249 - 12);
    assert_true(marker_topic(topic, span_str(group), span_str("c")));
    assert_int_equal(strlen(topic), MARKER_TOPIC);
    group[249 - 12] = 'g';
    assert_false(marker_topic(topic, span_str(group), span_str("c")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_names_store_run_and_barrier),
        cmocka_unit_test(the_longest_fit),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
