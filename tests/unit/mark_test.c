/* kcat-in/mark: a log is known again, and another one is not taken for it. A log is a row of
 * timestamps here, its records' offsets from `low` on. */
#include "kcat-in/mark.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

enum { MOST = 200 };

struct log {
    int64_t times[MOST], low, end;
};

static int64_t first_of(const struct log *log, int64_t time)
{
    for (int64_t i = log->low; i < log->end; i++)
        if (log->times[i] >= time)
            return i;
    return -1;
}

/* Reads from `from` on, then looks. */
static bool look(struct mark *mark, const struct log *log, int64_t from)
{
    for (int64_t i = from; i < log->end; i++)
        mark_seen(mark, log->times[i]);
    int64_t time = mark_ask(mark, log->end);
    return time == 0 || mark_answer(mark, first_of(log, time));
}

static void append(struct log *log, int64_t time)
{
    log->times[log->end++] = time;
}

static void nothing_read_asks_nothing(void **state)
{
    (void)state;
    struct mark mark = {0};
    assert_int_equal(mark_ask(&mark, 0), 0);
    mark_seen(&mark, -1);
    assert_false(mark_new(&mark));
    assert_int_equal(mark_ask(&mark, 0), 0);
    mark_seen(&mark, 0);
    assert_true(mark_new(&mark));
    assert_int_equal(mark_ask(&mark, 0), 1);
    assert_false(mark_new(&mark));
}

/* Timestamps out of order, records deleted from the start, read from anywhere on. */
static void one_log_is_never_taken_for_another(void **state)
{
    (void)state;
    srand(1);
    for (int round = 0; round < 2000; round++) {
        struct log log = {0};
        struct mark mark = {0};
        int64_t read = rand() % 5;
        while (log.end < read)
            append(&log, rand() % 50);
        while (log.end < MOST - 10) {
            for (int n = rand() % 10; n > 0; n--)
                append(&log, log.end + rand() % 50);
            assert_true(look(&mark, &log, read));
            read = log.end;
            if (rand() % 3 == 0)
                log.low += rand() % (log.end - log.low + 1);
        }
    }
}

/* Made again: later records, as many as before or more. */
static void another_log_is_found_out(void **state)
{
    (void)state;
    srand(2);
    for (int round = 0; round < 2000; round++) {
        struct log log = {0}, again = {0};
        struct mark mark = {0};
        int64_t now = 1000;
        for (int n = 1 + rand() % 50; n > 0; n--)
            append(&log, now += rand() % 2);
        assert_true(look(&mark, &log, rand() % log.end));
        for (int64_t n = log.end + rand() % 20; n > 0; n--)
            append(&again, ++now);
        assert_false(look(&mark, &again, log.end));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_read_asks_nothing),
        cmocka_unit_test(one_log_is_never_taken_for_another),
        cmocka_unit_test(another_log_is_found_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
