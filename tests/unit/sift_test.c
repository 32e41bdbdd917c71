/* kout/sift: against a broker that refuses whole batches: what is to blame stays out, nothing else,
 * in order, in few batches. */
#include "kout/sift.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

enum { RECORDS = 600, PARTITIONS = 3, TOO_LARGE = 10 };

struct world {
    struct sift sift;
    int32_t partition[RECORDS];
    bool bad[RECORDS];
    size_t log[RECORDS], logged; /* what the topic has, in order */
    unsigned batches, refused;
    size_t batch_most; /* a batch of more is refused, too; 0: no limit */
    bool exact;
};

static void open_world(struct world *world, unsigned bad_in_100)
{
    struct fault fault = {.tool = "sift"};
    *world = (struct world){0};
    assert_true(sift_open(&world->sift, PARTITIONS, &fault));
    for (size_t i = 0; i < RECORDS; i++) {
        world->partition[i] = (int32_t)(random() % (PARTITIONS + 1)) - 1;
        world->bad[i] = (unsigned)random() % 100 < bad_in_100;
        assert_true(sift_add(&world->sift, world->partition[i], &fault));
    }
}

/* Sends one batch. False: it was refused. */
static bool send_batch(struct world *world, const size_t *numbers, size_t count)
{
    bool refused = world->batch_most > 0 && count > world->batch_most;
    world->batches++;
    for (size_t i = 0; i < count; i++)
        refused |= world->bad[numbers[i]];
    for (size_t i = 0; i < count; i++) {
        enum sift_report report = refused ? SIFT_REFUSED : SIFT_GOOD;
        if (refused && world->exact && count > 1 && !world->bad[numbers[i]])
            report = SIFT_WITH_OTHERS;
        sift_report(&world->sift, numbers[i], report, refused ? TOO_LARGE : 0);
        if (!refused)
            world->log[world->logged++] = numbers[i];
    }
    world->refused += refused;
    return !refused;
}

/* The next batch of a partition: what is neither there nor left out, up to a cut. */
static size_t piece(const struct world *world, int32_t partition, size_t *numbers)
{
    size_t count = 0;
    for (size_t i = 0; i < RECORDS; i++) {
        uint8_t flags = world->sift.records[i].flags;
        if (world->partition[i] != partition)
            continue;
        if (count > 0 && (flags & (SIFT_CUT | SIFT_DONE | SIFT_OUT)) != 0)
            break;
        if ((flags & (SIFT_DONE | SIFT_OUT)) != 0)
            continue;
        numbers[count++] = i;
    }
    return count;
}

/* A batch of each partition at a time, until nothing is left: at least once. */
static void send_all(struct world *world)
{
    size_t numbers[RECORDS];
    for (bool more = true; more;) {
        more = false;
        for (int32_t p = -1; p < PARTITIONS; p++) {
            size_t count = piece(world, p, numbers);
            if (count > 0) {
                send_batch(world, numbers, count);
                more = true;
            }
        }
        sift_judge(&world->sift);
    }
}

/* In transactions: the first refusal ends one, and all is sent again. */
static void send_once(struct world *world)
{
    size_t numbers[RECORDS];
    bool good;
    do {
        good = true;
        world->logged = 0;
        for (bool more = true; more && good;) {
            more = false;
            for (int32_t p = -1; p < PARTITIONS && good; p++) {
                size_t count = piece(world, p, numbers);
                more |= count > 0;
                good = count == 0 || send_batch(world, numbers, count);
            }
        }
        if (!good) {
            assert_int_equal(sift_judge(&world->sift), SIFT_CHANGED);
            sift_again(&world->sift);
        }
    } while (!good);
}

static void assert_sifted(const struct world *world)
{
    size_t last[PARTITIONS + 1] = {0}, good = 0;
    for (size_t i = 0; i < RECORDS; i++) {
        uint8_t flags = world->sift.records[i].flags;
        assert_int_equal((flags & SIFT_OUT) != 0, world->bad[i]);
        if (world->bad[i])
            assert_int_equal(world->sift.records[i].err, TOO_LARGE);
        good += !world->bad[i];
    }
    assert_int_equal(world->logged, good);
    for (size_t i = 0; i < world->logged; i++) {
        size_t *before = &last[world->partition[world->log[i]] + 1];
        assert_true(world->log[i] + 1 > *before);
        *before = world->log[i] + 1;
    }
}

static void run(unsigned bad, size_t most, bool exact, bool once, unsigned batches_most)
{
    for (unsigned seed = 1; seed <= 20; seed++) {
        struct world world;
        srandom(seed);
        open_world(&world, bad);
        world.batch_most = most;
        world.exact = exact;
        if (once)
            send_once(&world);
        else
            send_all(&world);
        assert_sifted(&world);
        assert_true(world.batches <= batches_most);
        sift_close(&world.sift);
    }
}

static void nothing_refused_is_a_batch_each(void **state)
{
    (void)state;
    run(0, 0, false, false, PARTITIONS + 1);
    run(0, 0, false, true, PARTITIONS + 1);
}

static void a_few_are_found_in_few_batches(void **state)
{
    (void)state;
    run(1, 0, false, false, 250);
    run(1, 0, false, true, 2000);
    run(1, 0, true, false, 40);
    run(1, 0, true, true, 40);
}

static void all_may_be_refused(void **state)
{
    (void)state;
    run(100, 0, false, false, RECORDS * 2);
    run(100, 0, false, true, RECORDS * 200);
    run(30, 0, true, false, RECORDS);
}

static void a_batch_too_large_is_made_smaller_and_none_is_left_out(void **state)
{
    (void)state;
    run(0, 10, false, false, 400);
    run(0, 10, false, true, 10000);
    run(2, 10, false, false, 600);
}

static void by_itself_is_out_at_once(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0);
    sift_report(&world.sift, 5, SIFT_BY_ITSELF, TOO_LARGE);
    sift_report(&world.sift, 6, SIFT_BY_ITSELF, TOO_LARGE);
    assert_int_equal(sift_judge(&world.sift), SIFT_CHANGED);
    assert_int_equal(world.sift.records[5].flags, SIFT_OUT | SIFT_NEW | SIFT_ALONE);
    assert_int_equal(world.sift.records[6].flags, SIFT_OUT | SIFT_NEW | SIFT_ALONE);
    assert_int_equal(sift_judge(&world.sift), SIFT_CLEAN);
    sift_start(&world.sift);
    assert_false(world.sift.marked);
    sift_report(&world.sift, 5, SIFT_REFUSED, TOO_LARGE);
    sift_close(&world.sift);
}

/* Two batches of a partition in one transaction: of the first the broker names the culprit. */
static void a_batch_too_large_is_not_to_blame_beside_one_whose_culprit_is_named(void **state)
{
    (void)state;
    struct fault fault = {.tool = "sift"};
    struct sift sift;
    assert_true(sift_open(&sift, 1, &fault));
    for (size_t i = 0; i < 4; i++)
        assert_true(sift_add(&sift, 0, &fault));
    sift_report(&sift, 0, SIFT_WITH_OTHERS, TOO_LARGE);
    sift_report(&sift, 1, SIFT_REFUSED, TOO_LARGE);
    sift_report(&sift, 2, SIFT_TOO_LARGE, TOO_LARGE);
    sift_report(&sift, 3, SIFT_TOO_LARGE, TOO_LARGE);
    assert_int_equal(sift_judge(&sift), SIFT_CHANGED);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(sift.records[i].flags & SIFT_OUT, i == 1 ? SIFT_OUT : 0);
    sift_close(&sift);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_refused_is_a_batch_each),
        cmocka_unit_test(a_few_are_found_in_few_batches),
        cmocka_unit_test(all_may_be_refused),
        cmocka_unit_test(a_batch_too_large_is_made_smaller_and_none_is_left_out),
        cmocka_unit_test(by_itself_is_out_at_once),
        cmocka_unit_test(a_batch_too_large_is_not_to_blame_beside_one_whose_culprit_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
