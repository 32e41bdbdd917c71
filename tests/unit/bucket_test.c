/* bucket: every record once, under its partition, in the order it came in. */
#include "kout/bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct bucket opened(int32_t partitions)
{
    struct fault fault = {.tool = "bucket"};
    struct bucket bucket;
    assert_true(bucket_open(&bucket, partitions, &fault));
    return bucket;
}

/* A record whose offset tells which it is. */
static bool put(struct bucket *bucket, int64_t number, int32_t partition)
{
    struct frame frame = {.kind = FRAME_RECORD, .offset = number};
    return bucket_put(bucket, &frame, partition);
}

static void assert_run(const struct bucket *bucket, int32_t partition, const int64_t *numbers,
                       size_t count)
{
    struct bucket_run run = bucket_run(bucket, partition);
    assert_int_equal(run.count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(bucket->records[run.order[i]].offset, numbers[i]);
}

static void order_is_kept_in_a_partition(void **state)
{
    (void)state;
    struct bucket bucket = opened(3);
    static const int32_t to[] = {2, 0, BUCKET_ANY, 2, 0, 2, BUCKET_ANY};
    for (int64_t i = 0; i < 7; i++)
        put(&bucket, i, to[i]);
    bucket_sort(&bucket);
    assert_run(&bucket, BUCKET_ANY, (int64_t[]){2, 6}, 2);
    assert_run(&bucket, 0, (int64_t[]){1, 4}, 2);
    assert_run(&bucket, 1, NULL, 0);
    assert_run(&bucket, 2, (int64_t[]){0, 3, 5}, 3);
    bucket_close(&bucket);
}

static void nothing_put_is_no_runs(void **state)
{
    (void)state;
    struct bucket bucket = opened(2);
    bucket_sort(&bucket);
    for (int32_t p = BUCKET_ANY; p < 2; p++)
        assert_run(&bucket, p, NULL, 0);
    bucket_close(&bucket);
}

static void it_is_full_at_its_room(void **state)
{
    (void)state;
    struct bucket bucket = opened(1);
    for (int i = 1; i < BUCKET_ROOM; i++)
        assert_false(put(&bucket, i, 0));
    assert_true(put(&bucket, BUCKET_ROOM, 0));
    bucket_sort(&bucket);
    assert_int_equal(bucket_run(&bucket, 0).count, BUCKET_ROOM);
    bucket_close(&bucket);
}

static void emptied_it_starts_anew(void **state)
{
    (void)state;
    struct bucket bucket = opened(2);
    put(&bucket, 1, 0);
    put(&bucket, 2, 1);
    bucket_sort(&bucket);
    bucket_empty(&bucket);
    put(&bucket, 3, 1);
    bucket_sort(&bucket);
    assert_run(&bucket, 0, NULL, 0);
    assert_run(&bucket, 1, (int64_t[]){3}, 1);
    bucket_close(&bucket);
}

/* Any number of partitions, any mix: the runs are what a look at each record gives. */
static void random_records_are_all_there(void **state)
{
    (void)state;
    static const int32_t partitions[] = {1, 2, 7, 100, 5000};
    static int32_t to[BUCKET_ROOM];
    srandom(20260101);
    for (size_t n = 0; n < sizeof partitions / sizeof partitions[0]; n++) {
        struct bucket bucket = opened(partitions[n]);
        size_t seen = 0;
        for (int i = 0; i < BUCKET_ROOM; i++) {
            to[i] = (int32_t)(random() % (partitions[n] + 1)) - 1;
            put(&bucket, i, to[i]);
        }
        bucket_sort(&bucket);
        for (int32_t p = BUCKET_ANY; p < partitions[n]; p++) {
            struct bucket_run run = bucket_run(&bucket, p);
            int64_t last = -1;
            for (size_t i = 0; i < run.count; i++, seen++) {
                int64_t number = bucket.records[run.order[i]].offset;
                assert_int_equal(to[number], p);
                assert_true(number > last);
                last = number;
            }
        }
        assert_int_equal(seen, BUCKET_ROOM);
        bucket_close(&bucket);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_kept_in_a_partition), cmocka_unit_test(nothing_put_is_no_runs),
        cmocka_unit_test(it_is_full_at_its_room),       cmocka_unit_test(emptied_it_starts_anew),
        cmocka_unit_test(random_records_are_all_there),
    };
    return cmocka_run_group_tests_name("bucket", tests, NULL, NULL);
}
