/* kout/rate: as many as asked for, never more in any stretch of time. */
#include "kout/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void none_is_any(void **state)
{
    (void)state;
    struct rate rate;
    rate_open(&rate, 0);
    for (int i = 0; i < 1000000; i++) {
        assert_int_equal(rate_wait(&rate, 5), 0);
        rate_take(&rate, 5);
    }
}

static void one_a_second(void **state)
{
    (void)state;
    struct rate rate;
    rate_open(&rate, 1);
    assert_int_equal(rate_wait(&rate, 70000), 0);
    rate_take(&rate, 70000);
    assert_int_equal(rate_wait(&rate, 70000), 1000 - RATE_SLICE);
    assert_int_equal(rate_wait(&rate, 70500), 500 - RATE_SLICE);
    assert_int_equal(rate_wait(&rate, 71000), 0);
}

/* Who always waits as told gets the rate, whatever it is. */
static void all_of_the_rate_is_had(void **state)
{
    (void)state;
    static const uint64_t rates[] = {1, 7, 100, 999, 1000, 1001, 250000, 30000000};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct rate rate;
        int64_t now = 1000, start = now;
        uint64_t taken = 0;
        rate_open(&rate, rates[i]);
        while (taken < rates[i] * 3) {
            int wait = rate_wait(&rate, now);
            assert_in_range(wait, 0, 1000);
            now += wait;
            if (wait == 0) {
                rate_take(&rate, now);
                taken++;
            }
        }
        int64_t whole = (int64_t)((rates[i] * 3 - 1) * 1000 / rates[i]);
        assert_in_range(now - start, whole - RATE_SLICE - 40, whole + 1); /* ns are whole, too */
    }
}

/* In any stretch of time no more than its share and the slice's. */
static void never_more_after_a_silence_either(void **state)
{
    (void)state;
    enum { RECORDS = 3000 };
    static int64_t at[RECORDS];
    srandom(1);
    for (uint64_t records = 3; records < 5000; records *= 7) {
        struct rate rate;
        int64_t now = 0;
        rate_open(&rate, records);
        for (int i = 0; i < RECORDS; i++) {
            int wait;
            if (random() % 500 == 0)
                now += random() % 3000;
            while ((wait = rate_wait(&rate, now)) > 0)
                now += 1 + random() % wait;
            rate_take(&rate, now);
            at[i] = now;
        }
        for (int i = 0; i < RECORDS; i++)
            for (int j = i; j < RECORDS && at[j] < at[i] + 2000; j++) {
                int64_t most = (at[j] - at[i] + RATE_SLICE) * (int64_t)records / 1000 + 1;
                assert_true(j - i + 1 <= most + 1);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_any),
        cmocka_unit_test(one_a_second),
        cmocka_unit_test(all_of_the_rate_is_had),
        cmocka_unit_test(never_more_after_a_silence_either),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
