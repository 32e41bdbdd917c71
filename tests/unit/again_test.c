/* kpipe-loop/again: which ends of a pipeline are tried again, when, and how often. */
#include "kpipe-loop/again.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MOST = 30000, TRIES = 3 };

static void five_statuses_are_tried_again_and_no_other(void **state)
{
    (void)state;
    for (int status = 0; status < 256; status++) {
        struct again again;
        again_open(&again, MOST, TRIES);
        bool passes =
            status == 69 || status == 75 || status == 134 || status == 137 || status == 139;
        assert_int_equal(again_after(&again, status, true, 0), passes ? AGAIN_RUN : AGAIN_END);
    }
}

static void waits_double_up_to_the_most(void **state)
{
    (void)state;
    static const int64_t want[] = {100,  200,   400,   800,   1600,  3200,
                                   6400, 12800, 25600, 30000, 30000, 30000};
    struct again again;
    again_open(&again, MOST, TRIES);
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_int_equal(again_after(&again, 75, true, MOST - 1), AGAIN_RUN);
        assert_int_equal(again.wait_ms, want[i]);
    }
}

static void a_long_run_begins_the_waits_anew(void **state)
{
    (void)state;
    struct again again;
    again_open(&again, MOST, TRIES);
    again_after(&again, 75, true, 0);
    again_after(&again, 75, true, 0);
    assert_int_equal(again.wait_ms, 200);
    again_after(&again, 75, true, MOST);
    assert_int_equal(again.wait_ms, 100);
}

static void the_first_wait_is_bounded_too(void **state)
{
    (void)state;
    struct again again;
    again_open(&again, 10, TRIES);
    again_after(&again, 75, true, 0);
    assert_int_equal(again.wait_ms, 10);
}

static void enough_runs_in_a_row_without_an_ack_end_it(void **state)
{
    (void)state;
    struct again again;
    again_open(&again, MOST, TRIES);
    assert_int_equal(again_after(&again, 75, false, 0), AGAIN_RUN);
    assert_int_equal(again_after(&again, 137, false, 0), AGAIN_RUN);
    assert_int_equal(again_after(&again, 75, true, 0), AGAIN_RUN);
    assert_int_equal(again_after(&again, 75, false, 0), AGAIN_RUN);
    assert_int_equal(again_after(&again, 75, false, 0), AGAIN_RUN);
    assert_int_equal(again_after(&again, 75, false, 0), AGAIN_FRUITLESS);
    again_open(&again, MOST, 1);
    assert_int_equal(again_after(&again, 75, false, 0), AGAIN_FRUITLESS);
}

static void a_broker_that_is_away_is_waited_for(void **state)
{
    (void)state;
    struct again again;
    again_open(&again, MOST, TRIES);
    for (int i = 0; i < 100; i++)
        assert_int_equal(again_after(&again, 69, false, 0), AGAIN_RUN);
    again_after(&again, 75, false, 0);
    again_after(&again, 75, false, 0);
    assert_int_equal(again_after(&again, 69, false, 0), AGAIN_RUN);
    assert_int_equal(again_after(&again, 75, false, 0), AGAIN_FRUITLESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_statuses_are_tried_again_and_no_other),
        cmocka_unit_test(waits_double_up_to_the_most),
        cmocka_unit_test(a_long_run_begins_the_waits_anew),
        cmocka_unit_test(the_first_wait_is_bounded_too),
        cmocka_unit_test(enough_runs_in_a_row_without_an_ack_end_it),
        cmocka_unit_test(a_broker_that_is_away_is_waited_for),
    };
    return cmocka_run_group_tests_name("again", tests, NULL, NULL);
}
