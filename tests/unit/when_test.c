/* util/when: times as they are typed. */
#include "util/when.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#define NOW INT64_C(1700000000123)

static int64_t at(const char *word)
{
    int64_t ms;
    return when_parse(word, NOW, &ms) ? ms : -1;
}

static void zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

static void numbers_are_seconds_or_milliseconds(void **state)
{
    (void)state;
    assert_int_equal(at("0"), 0);
    assert_int_equal(at("1700000000"), INT64_C(1700000000000));
    assert_int_equal(at("99999999999"), INT64_C(99999999999000));
    assert_int_equal(at("100000000000"), INT64_C(100000000000));
    assert_int_equal(at("1700000000123"), NOW);
}

static void durations_are_ago(void **state)
{
    (void)state;
    assert_int_equal(at("now"), NOW);
    assert_int_equal(at("-1h"), NOW - 3600000);
    assert_int_equal(at("-500ms"), NOW - 500);
    assert_int_equal(at("-90"), NOW - 90000);
    assert_int_equal(at("-30000d"), -1); /* before 1970 */
}

static void a_zone_is_heeded(void **state)
{
    (void)state;
    zone("Europe/Berlin");
    assert_int_equal(at("2023-11-14T22:13:20Z"), INT64_C(1700000000000));
    assert_int_equal(at("2023-11-14t22:13:20z"), INT64_C(1700000000000));
    assert_int_equal(at("2023-11-14 22:13:20.123Z"), NOW);
    assert_int_equal(at("2023-11-14T22:13:20.1239Z"), NOW);
    assert_int_equal(at("2023-11-14T22:13:20.1Z"), INT64_C(1700000000100));
    assert_int_equal(at("2023-11-14T23:13:20+01:00"), INT64_C(1700000000000));
    assert_int_equal(at("2023-11-14T17:43:20-04:30"), INT64_C(1700000000000));
    assert_int_equal(at("2023-11-14T22:13Z"), INT64_C(1699999980000));
    assert_int_equal(at("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(at("2016-12-31T23:59:60Z"), at("2017-01-01T00:00:00Z")); /* a leap second */
}

static void without_a_zone_it_is_the_local_one(void **state)
{
    (void)state;
    zone("UTC0");
    assert_int_equal(at("2023-11-14"), INT64_C(1699920000000));
    assert_int_equal(at("2023-11-14T22:13:20"), INT64_C(1700000000000));
    zone("CET-1CEST,M3.5.0,M10.5.0/3");
    assert_int_equal(at("2023-11-14T23:13:20"), INT64_C(1700000000000));
    assert_int_equal(at("2023-11-14"), INT64_C(1699920000000) - 3600000);
    assert_int_equal(at("2023-07-01"), INT64_C(1688169600000) - 7200000); /* summer time */
    assert_int_equal(at("2024-02-29T12:00:00"), at("2024-02-29T11:00:00Z"));
    assert_int_equal(at("2023-03-26T12:00:00"), at("2023-03-26T10:00:00Z"));
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    zone("UTC0");
    const char *const wrong[] = {"",
                                 "x",
                                 "-",
                                 "-x",
                                 "-1y",
                                 "now ",
                                 " 5",
                                 "5 ",
                                 "1.5",
                                 "1h",
                                 "99999999999999999999",
                                 "9223372036854775807",
                                 "2023-11",
                                 "2023-11-",
                                 "2023-11-1",
                                 "2023-13-01",
                                 "2023-00-01",
                                 "2023-02-29",
                                 "2100-02-29",
                                 "2023-11-31",
                                 "2023-11-00",
                                 "2023-11-14T",
                                 "2023-11-14T1",
                                 "2023-11-14T24:00",
                                 "2023-11-14T10",
                                 "2023-11-14T10:60",
                                 "2023-11-14T10:00:61",
                                 "2023-11-14T10:00:00.",
                                 "2023-11-14T10:00:00.Z",
                                 "2023-11-14T10:00:00+1",
                                 "2023-11-14T10:00:00+01",
                                 "2023-11-14T10:00:00+0100",
                                 "2023-11-14T10:00:00ZZ",
                                 "2023-11-14T10:00:00 Z",
                                 "2023-11-14Z",
                                 "1969-12-31T23:59:59Z",
                                 "0000-00-00"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (at(wrong[i]) != -1)
            fail_msg("\"%s\" is taken", wrong[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_seconds_or_milliseconds),
        cmocka_unit_test(durations_are_ago),
        cmocka_unit_test(a_zone_is_heeded),
        cmocka_unit_test(without_a_zone_it_is_the_local_one),
        cmocka_unit_test(what_is_no_time_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
