/* kcat-in/progress: how much there is, how fast it goes, and the line that says so. */
#include "kcat-in/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct progress_sum part(int64_t start, int64_t position, int64_t end, uint64_t put,
                                uint64_t most)
{
    struct progress_sum sum = {0};
    const struct progress_part of = {start, position, end, put, most, false};
    progress_part(&sum, &of);
    return sum;
}

static void a_partition_is_worth_its_offsets_or_its_records(void **state)
{
    (void)state;
    struct progress_sum sum = part(10, 15, 30, 3, 0);
    assert_int_equal(sum.done, 5);
    assert_int_equal(sum.all, 20);
    sum = part(10, 15, 30, 3, 6);
    assert_int_equal(sum.done, 3);
    assert_int_equal(sum.all, 6);
    sum = part(10, 15, 30, 3, 60);
    assert_int_equal(sum.done, 5);
    assert_int_equal(sum.all, 20);
    sum = part(10, 15, INT64_MAX, 3, 4);
    assert_int_equal(sum.all, 4);
    assert_true(part(10, 15, INT64_MAX, 3, 0).endless);
    sum = part(30, 30, 10, 0, 0);
    assert_int_equal(sum.all, 0);
    sum = part(0, 40, 10, 0, 0);
    assert_int_equal(sum.done, 10);
    const struct progress_part compacted = {0, 10, 10, 2, 5, true};
    progress_part(&sum, &compacted);
    assert_int_equal(sum.done, 15);
    assert_int_equal(sum.all, 15);
}

static void the_nearer_end_counts(void **state)
{
    (void)state;
    struct progress_sum sum = {.records = 5, .done = 10, .all = 100};
    progress_count(&sum, 0);
    assert_int_equal(sum.all, 100);
    progress_count(&sum, 1000);
    assert_int_equal(sum.all, 100);
    progress_count(&sum, 10);
    assert_int_equal(sum.all, 10);
    assert_int_equal(sum.done, 5);
    sum = (struct progress_sum){.records = 50, .done = 90, .all = 10, .endless = true};
    progress_count(&sum, 40);
    assert_int_equal(sum.done, 40);
    assert_false(sum.endless);
    sum = (struct progress_sum){.records = 1};
    progress_count(&sum, UINT64_MAX);
    assert_true(sum.all == INT64_MAX);
}

static void a_rate_is_that_of_the_last_seconds(void **state)
{
    (void)state;
    struct progress progress;
    struct progress_sum sum = {.records = 7, .all = 1};
    progress_start(&progress, &sum, 1000);
    progress_step(&progress, &sum, 1000);
    assert_true(progress.records == 0);
    sum.records += 100;
    progress_step(&progress, &sum, 2000);
    assert_true(progress.records == 100);
    progress_step(&progress, &sum, 4000);
    assert_true(progress.records > 33 && progress.records < 34);
    for (int i = 0; i < 100; i++) {
        sum.records += 250;
        progress_step(&progress, &sum, 4250 + 250 * i);
    }
    assert_true(progress.records > 990 && progress.records < 1001);
    progress_step(&progress, &sum, 1000000);
    assert_true(progress.records == 0);
    sum.done = -5; /* partitions have gone */
    progress_step(&progress, &sum, 1000250);
    assert_true(progress.done == 0);
}

static void says(const struct progress *progress, int columns, const char *want)
{
    char line[PROGRESS_LINE];
    size_t n = progress_line(progress, "records", columns, line);
    assert_int_equal(n, strlen(want));
    assert_memory_equal(line, want, n);
}

static void what_does_not_fit_is_left_out(void **state)
{
    (void)state;
    const struct progress progress = {
        .sum = {1234567, 0, 45, 100, false}, .records = 812345, .bytes = 96.1e6, .done = 0.6626};
    const char *const lines[] = {"kcat-in: 1234567 records, 812 k/s, 96 MB/s, 45 %, 1:23 left",
                                 "kcat-in: 1234567 records, 812 k/s, 45 %, 1:23 left",
                                 "kcat-in: 1234567 records, 45 %, 1:23 left",
                                 "1234567 records, 45 %, 1:23 left",
                                 "45 %, 1:23 left",
                                 "45 %",
                                 ""};
    for (int columns = 200, i = 0; columns >= -1; columns--) {
        while (*lines[i] != '\0' && (int)strlen(lines[i]) >= columns)
            i++;
        says(&progress, columns, lines[i]);
    }
}

static void nothing_moves(void **state)
{
    (void)state;
    struct progress progress = {.sum = {.endless = true, .all = 50}};
    says(&progress, 80, "kcat-in: 0 records, 0/s, 0 B/s");
    progress.sum = (struct progress_sum){.all = 50};
    says(&progress, 80, "kcat-in: 0 records, 0/s, 0 B/s, 0 %");
    progress.sum.done = 60;
    says(&progress, 80, "kcat-in: 0 records, 0/s, 0 B/s, 100 %");
    progress.records = 0.04;
    progress.bytes = 0.06;
    progress.done = 1e-9;
    progress.sum.done = 0;
    says(&progress, 80, "kcat-in: 0 records, 0/s, 0.1 B/s, 0 %");
}

static void numbers_have_no_end(void **state)
{
    (void)state;
    struct progress progress = {.sum = {UINT64_MAX, UINT64_MAX, INT64_MAX - 1, INT64_MAX, false},
                                .records = 1e30,
                                .bytes = 999499,
                                .done = 1e-3};
    says(&progress, 200,
         "kcat-in: 18446744073709551615 records, 1000000000000 E/s, 999 kB/s, 100 %, 16:40 left");
    progress.bytes = 999500;
    progress.records = 9.94;
    progress.sum.done = 0;
    progress.done = 1e13;
    says(&progress, 200,
         "kcat-in: 18446744073709551615 records, 9.9/s, 1.0 MB/s, 0 %, 10 days left");
    progress.done = 1e14;
    progress.records = 9.96;
    says(&progress, 200,
         "kcat-in: 18446744073709551615 records, 10/s, 1.0 MB/s, 0 %, 25:37:14 left");
    char line[PROGRESS_LINE], what[4 * PROGRESS_LINE];
    memset(what, 'x', sizeof what - 1);
    what[sizeof what - 1] = '\0';
    assert_in_range(progress_line(&progress, what, 10000, line), 1, PROGRESS_LINE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_partition_is_worth_its_offsets_or_its_records),
        cmocka_unit_test(the_nearer_end_counts),
        cmocka_unit_test(a_rate_is_that_of_the_last_seconds),
        cmocka_unit_test(what_does_not_fit_is_left_out),
        cmocka_unit_test(nothing_moves),
        cmocka_unit_test(numbers_have_no_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
