/* ack/bond: offsets and state that belong together, and every way in which they do not. */
#include "ack/bond.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const uint8_t run[MARKER_RUN_ID] = {1};

struct row {
    bool stored;
    int64_t note;    /* the barrier it names; 0: an empty one */
    const char *log; /* s: state, else a marker of that barrier's digit */
    const char *log_group;
    enum bond_verdict verdict;
};

static void tell_marker(struct bond *bond, int64_t barrier, const char *group)
{
    char note[MARKER_NOTE], value[MARKER_VALUE];
    marker_note(note, span_str("s"), run, barrier);
    size_t size = marker_value(value, note, span_str(group));
    assert_true(bond_record(bond, marker_key(), span_of((const uint8_t *)value, size)));
}

static void offsets_and_state_must_agree(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {false, 0, "", "g", BOND_NEW},       {true, 3, "s3", "g", BOND_WHOLE},
        {true, 3, "3", "g", BOND_WHOLE},     {true, 3, "s1ss2s3", "g", BOND_WHOLE},
        {false, 0, "s3", "g", BOND_ALONE},   {false, 0, "3", "g", BOND_ALONE},
        {true, 3, "", "g", BOND_GONE},       {true, 0, "", "g", BOND_GONE},
        {true, 0, "s3", "g", BOND_OTHER},    {true, 3, "s2", "g", BOND_OTHER},
        {true, 2, "s2s3", "g", BOND_OTHER},  {true, 3, "s3", "h", BOND_OTHER},
        {true, 3, "s3s", "g", BOND_FOREIGN}, {false, 0, "s", "g", BOND_FOREIGN},
        {true, 3, "ss", "g", BOND_FOREIGN}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bond bond = {0};
        char note[MARKER_NOTE] = "";
        if (rows[i].note != 0)
            marker_note(note, span_str("s"), run, rows[i].note);
        assert_true(bond_offset(&bond, rows[i].stored, span_str(note)));
        for (const char *at = rows[i].log; *at != '\0'; at++)
            if (*at == 's')
                assert_false(bond_record(&bond, span_str("key"), span_str("12345678")));
            else
                tell_marker(&bond, *at - '0', rows[i].log_group);
        enum bond_verdict verdict = bond_judge(&bond, span_str("g"));
        if (verdict != rows[i].verdict)
            fail_msg("row %zu: %d, not %d", i, (int)verdict, (int)rows[i].verdict);
        if (verdict > BOND_NEW)
            assert_non_null(bond_say(verdict));
    }
}

static void the_partitions_of_a_task_must_agree(void **state)
{
    (void)state;
    struct bond bond = {0};
    assert_true(bond_offset(&bond, true, span_str("a")));
    assert_true(bond_offset(&bond, true, span_str("a")));
    assert_false(bond_offset(&bond, true, span_str("b")));
    assert_false(bond_offset(&bond, false, span_str("")));
    assert_int_equal(bond.parts, 4);
    bond = (struct bond){0};
    assert_true(bond_offset(&bond, false, span_of(NULL, 0)));
    assert_true(bond_offset(&bond, false, span_str("")));
    assert_false(bond_offset(&bond, true, span_str("")));
}

static void what_is_too_long_does_not_fit(void **state)
{
    (void)state;
    static char note[2 * MARKER_NOTE], value[2 * MARKER_VALUE];
    memset(note, 'n', sizeof note - 1);
    memset(value, 'v', sizeof value - 1);
    struct bond bond = {0};
    assert_true(bond_offset(&bond, true, span_str(note)));
    assert_true(bond_record(&bond, marker_key(), span_str(value)));
    assert_int_equal(bond_judge(&bond, span_str("g")), BOND_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_and_state_must_agree),
        cmocka_unit_test(the_partitions_of_a_task_must_agree),
        cmocka_unit_test(what_is_too_long_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
