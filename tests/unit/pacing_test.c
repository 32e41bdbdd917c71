/* kcat-in/pacing: when a barrier is due and how much may be on its way, case by case, and by random
 * scripts against a model. */
#include "kcat-in/pacing.h"
#include "model/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scripts.h"

static void put(struct pacing *pacing, int count)
{
    for (int i = 0; i < count; i++)
        pacing_put(pacing, 10);
}

static void a_barrier_is_due_after_its_interval(void **state)
{
    (void)state;
    struct pacing pacing;
    pacing_open(&pacing, 100, 0, 5000);
    assert_false(pacing_due(&pacing, false, 6000)); /* for nothing, never */
    assert_int_equal(pacing_wait(&pacing, false, 5000), -1);
    assert_false(pacing_due(&pacing, true, 5099));
    assert_int_equal(pacing_wait(&pacing, true, 5099), 1);
    assert_true(pacing_due(&pacing, true, 5100));
    assert_int_equal(pacing_wait(&pacing, true, 5100), 0);
    assert_int_equal(pacing_wait(&pacing, true, 9000), 0);
    put(&pacing, 1);
    assert_true(pacing_due(&pacing, false, 5100));
    assert_int_equal(pacing_wait(&pacing, false, 5000), 100);
    pacing_barrier(&pacing, 1, 5100);
    assert_false(pacing_due(&pacing, false, 9000));
    assert_false(pacing_due(&pacing, true, 5199));
    assert_true(pacing_due(&pacing, true, 5200));
}

static void without_an_interval_time_says_nothing(void **state)
{
    (void)state;
    struct pacing pacing;
    pacing_open(&pacing, 0, 0, 0);
    put(&pacing, 1000);
    assert_false(pacing_due(&pacing, true, 1000000));
    assert_int_equal(pacing_wait(&pacing, true, 0), -1);
    pacing_open(&pacing, 1000000, 0, 0);
    assert_int_equal(pacing_wait(&pacing, true, 0), 60000);
    assert_int_equal(pacing_wait(&pacing, true, 1000000 - 60001), 60000);
    assert_int_equal(pacing_wait(&pacing, true, 1000000 - 59999), 59999);
}

static void a_barrier_is_due_after_so_many_records(void **state)
{
    (void)state;
    struct pacing pacing;
    pacing_open(&pacing, 0, 3, 0);
    assert_false(pacing_due(&pacing, true, 0));
    put(&pacing, 2);
    assert_false(pacing_due(&pacing, true, 0));
    put(&pacing, 1);
    assert_true(pacing_due(&pacing, true, 0));
    pacing_barrier(&pacing, 1, 0);
    put(&pacing, 2);
    assert_false(pacing_due(&pacing, true, 0));
    put(&pacing, 2);
    assert_true(pacing_due(&pacing, true, 0));
}

static void a_barrier_is_due_after_half_of_the_spool(void **state)
{
    (void)state;
    struct pacing pacing;
    pacing_open(&pacing, 0, 0, 0);
    pacing.spool = 100;
    put(&pacing, 4);
    assert_false(pacing_due(&pacing, true, 0));
    put(&pacing, 1);
    assert_true(pacing_due(&pacing, true, 0));
    pacing_barrier(&pacing, 1, 0);
    put(&pacing, 4);
    assert_false(pacing_due(&pacing, true, 0));
    pacing.spool = 1;
    assert_true(pacing_due(&pacing, true, 0));
}

static void a_slow_ack_halves_what_was_on_its_way(void **state)
{
    (void)state;
    struct pacing pacing;
    pacing_open(&pacing, 0, 0, 0);
    put(&pacing, 1000);
    pacing_barrier(&pacing, 1, 0);
    pacing_ack(&pacing, 1, PACING_SLOW);
    assert_int_equal(pacing.window, 0); /* as slow as it may be */
    put(&pacing, 1000);
    pacing_barrier(&pacing, 2, 0);
    assert_true(pacing_open_to(&pacing));
    pacing_ack(&pacing, 2, PACING_SLOW + 1);
    assert_int_equal(pacing.window, 500);
    put(&pacing, 249);
    assert_false(pacing_due(&pacing, true, 0));
    put(&pacing, 1);
    assert_true(pacing_due(&pacing, true, 0)); /* at half of it */
    pacing_barrier(&pacing, 3, 0);
    assert_false(pacing_due(&pacing, true, 0));
    put(&pacing, 249);
    assert_true(pacing_open_to(&pacing));
    put(&pacing, 1);
    assert_false(pacing_open_to(&pacing));
    pacing_ack(&pacing, 3, PACING_SLOW + 1);
    assert_int_equal(pacing.window, 125);
    put(&pacing, 750); /* more than it lets through: a slow ack of many does not widen it */
    pacing_barrier(&pacing, 4, 0);
    pacing_ack(&pacing, 4, PACING_SLOW + 1);
    assert_int_equal(pacing.window, 125);
}

static void the_window_is_never_shut(void **state)
{
    (void)state;
    struct pacing pacing;
    pacing_open(&pacing, 0, 0, 0);
    put(&pacing, 3);
    pacing_barrier(&pacing, 1, 0);
    pacing_ack(&pacing, 1, 5000);
    assert_int_equal(pacing.window, 1);
    assert_true(pacing_open_to(&pacing));
    assert_false(pacing_due(&pacing, true, 0)); /* nothing was put */
    put(&pacing, 1);
    assert_false(pacing_open_to(&pacing));
    assert_true(pacing_due(&pacing, true, 0));
    pacing_barrier(&pacing, 2, 0);
    pacing_ack(&pacing, 2, 5000);
    assert_int_equal(pacing.window, 1);
    assert_true(pacing_open_to(&pacing));
    put(&pacing, 1);
    pacing_barrier(&pacing, 3, 0);
    pacing_ack(&pacing, 3, 0);
    assert_int_equal(pacing.window, 2);
}

static void quick_acks_of_a_full_window_widen_it(void **state)
{
    (void)state;
    struct pacing pacing;
    pacing_open(&pacing, 0, 0, 0);
    put(&pacing, 200);
    pacing_barrier(&pacing, 1, 0);
    pacing_ack(&pacing, 1, 5000);
    assert_int_equal(pacing.window, 100);
    put(&pacing, 50);
    pacing_barrier(&pacing, 2, 0);
    pacing_ack(&pacing, 2, 0);
    assert_int_equal(pacing.window, 100); /* it was not full */
    put(&pacing, 51);
    pacing_barrier(&pacing, 3, 0);
    pacing_ack(&pacing, 3, PACING_FAST);
    assert_int_equal(pacing.window, 100); /* not that quick */
    put(&pacing, 51);
    pacing_barrier(&pacing, 4, 0);
    pacing_ack(&pacing, 4, PACING_FAST - 1);
    assert_int_equal(pacing.window, 126); /* by a quarter and one */
}

static void a_command_may_take_its_time(void **state)
{
    (void)state;
    struct pacing pacing;
    pacing_open(&pacing, 0, 0, 0);
    pacing.steady = true;
    put(&pacing, 1000);
    pacing_barrier(&pacing, 1, 0);
    pacing_ack(&pacing, 1, 60000);
    assert_int_equal(pacing.window, 0);
    assert_true(pacing_open_to(&pacing));
}

static void acks_of_what_is_forgotten_say_nothing(void **state)
{
    (void)state;
    struct pacing pacing;
    pacing_open(&pacing, 0, 0, 0);
    for (int i = 1; i <= PACING_BARRIERS + 1; i++) {
        put(&pacing, 1);
        pacing_barrier(&pacing, i, 0);
    }
    pacing_ack(&pacing, 1, 5000);
    assert_int_equal(pacing.window, 0);
    assert_int_equal(pacing.acked, 0);
    pacing_ack(&pacing, 3, 0);
    assert_int_equal(pacing.acked, 3);
    pacing_ack(&pacing, 2, 0); /* behind it: nothing goes back */
    assert_int_equal(pacing.acked, 3);
    pacing_ack(&pacing, PACING_BARRIERS + 1, 5000); /* 65 were on their way when it was put */
    assert_int_equal(pacing.acked, PACING_BARRIERS + 1);
    assert_int_equal(pacing.window, (PACING_BARRIERS + 1) / 2);
}

/* --- against model/pace */

enum { SCRIPTS = 2000, STEPS = 600, NEAR = 60 };

struct played {
    struct pace model;
    struct pacing pacing;
    int64_t now;
};

static void puts_some(struct played *played)
{
    for (int i = rand() % 8; i > 0 && pacing_open_to(&played->pacing); i--) {
        int bytes = rand() % 100;
        pacing_put(&played->pacing, (size_t)bytes);
        played->model.put++;
        played->model.bytes += bytes;
    }
}

static bool may_have_moved(const struct played *played)
{
    return pace_since(&played->model) > 0 || rand() % 4 == 0;
}

static void puts_a_barrier(struct played *played)
{
    pace_barrier(&played->model, played->now);
    pacing_barrier(&played->pacing, played->model.barrier, played->now);
}

/* Where nothing more may be put, an acknowledgement is to come, or a barrier is due. */
static void looks(struct played *played)
{
    bool moved = may_have_moved(played), due = pacing_due(&played->pacing, moved, played->now);
    assert_true(due || !pace_must(&played->model, moved, played->now));
    assert_true(!due || pace_may(&played->model, moved, played->now));
    int wait = pacing_wait(&played->pacing, moved, played->now);
    if (wait >= 0 && wait < 60000)
        assert_true(pacing_due(&played->pacing, moved, played->now + wait));
    if (wait > 0 && !due)
        assert_false(pacing_due(&played->pacing, moved, played->now + wait - 1));
    if (wait < 0)
        assert_int_equal(pacing_due(&played->pacing, moved, played->now + 1000000), due);
    if (!pacing_open_to(&played->pacing))
        assert_true(due || played->model.heard < played->model.barrier);
    if (due || rand() % 16 == 0)
        puts_a_barrier(played);
}

/* After a slow one no more than half of what was on its way is let through; and never nothing. */
static void acks(struct played *played)
{
    struct pace *model = &played->model;
    if (model->heard == model->barrier)
        return;
    int64_t last = model->heard + 1 + rand() % (model->barrier - model->heard);
    if (model->barrier - model->heard > NEAR)
        last = model->barrier;
    for (int64_t n = model->heard + 1; n <= last; n++) {
        uint64_t before = played->pacing.window;
        bool slow = pace_ack(model, n, played->now);
        pacing_ack(&played->pacing, n, played->now);
        assert_int_equal(played->pacing.acked, model->acked);
        if (slow)
            assert_in_range(played->pacing.window, 1, model->most);
        else
            model->most = (int64_t)played->pacing.window;
        assert_true(slow || played->pacing.window >= before);
        assert_true(played->pacing.put > played->pacing.acked || pacing_open_to(&played->pacing));
    }
}

static void play(void)
{
    static struct played played;
    played = (struct played){.now = rand() % 1000};
    played.model.interval = rand() % 2 * (rand() % 300);
    played.model.count = rand() % 2 * (rand() % 50);
    played.model.spool = rand() % 2 * (1000 + rand() % 3000);
    played.model.command = rand() % 4 == 0;
    played.model.time[0] = played.now;
    pacing_open(&played.pacing, played.model.interval, (uint64_t)played.model.count, played.now);
    played.pacing.spool = (uint64_t)played.model.spool;
    played.pacing.steady = played.model.command;
    for (int i = 0; i < STEPS; i++) {
        played.now += rand() % 8 == 0 ? rand() % 1500 : rand() % 20;
        puts_some(&played);
        looks(&played);
        if (rand() % 4 == 0 || played.model.barrier - played.model.heard > NEAR)
            acks(&played);
        assert_true(!played.model.command || played.pacing.window == 0);
    }
}

static void random_scripts_agree_with_the_model(void **state)
{
    (void)state;
    scripts_play(SCRIPTS, play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_barrier_is_due_after_its_interval),
        cmocka_unit_test(without_an_interval_time_says_nothing),
        cmocka_unit_test(a_barrier_is_due_after_so_many_records),
        cmocka_unit_test(a_barrier_is_due_after_half_of_the_spool),
        cmocka_unit_test(a_slow_ack_halves_what_was_on_its_way),
        cmocka_unit_test(the_window_is_never_shut),
        cmocka_unit_test(quick_acks_of_a_full_window_widen_it),
        cmocka_unit_test(a_command_may_take_its_time),
        cmocka_unit_test(acks_of_what_is_forgotten_say_nothing),
        SCRIPTS_TEST(random_scripts_agree_with_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
