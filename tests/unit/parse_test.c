/* util/parse: the whole word or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/parse.h"

#include <string.h>

/* Words that are no number of any kind. */
static const char *const never[] = {"",   " ",    " 1",   "1 ",  "+1",
                                    "-1", "0x10", "1.5",  "1e3", "K",
                                    "s",  "1_0",  "\xb2", "1\n", "99999999999999999999"};
enum { NEVER = sizeof never / sizeof never[0] };

static void counts(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        uint64_t least, count;
    } good[] = {{"0", 0, 0},
                {"1", 1, 1},
                {"007", 0, 7},
                {"9223372036854775807", 0, INT64_MAX},
                {"128", 128, 128}};
    uint64_t count;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(parse_count(good[i].word, good[i].least, &count));
        assert_true(count == good[i].count);
    }
    for (size_t i = 0; i < NEVER; i++)
        assert_false(parse_count(never[i], 0, &count));
    assert_false(parse_count("0", 1, &count));
    assert_false(parse_count("127", 128, &count));
    assert_false(parse_count("9223372036854775808", 0, &count));
    assert_false(parse_count("18446744073709551616", 0, &count));
    assert_false(parse_count("1K", 0, &count));
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        uint64_t bytes;
    } good[] = {{"0", 0},
                {"4096", 4096},
                {"4K", 4096},
                {"4k", 4096},
                {"1M", 1048576},
                {"128m", 134217728},
                {"2G", UINT64_C(2147483648)},
                {"8589934591G", INT64_MAX - 1073741823}};
    uint64_t bytes;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(parse_size(good[i].word, &bytes));
        assert_true(bytes == good[i].bytes);
    }
    for (size_t i = 0; i < NEVER; i++)
        assert_false(parse_size(never[i], &bytes));
    static const char *const bad[] = {
        "1KB", "1KK", "1T", "1 K", "8589934592G", "17179869184G", "9223372036854775808"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(parse_size(bad[i], &bytes));
}

static void durations(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        int64_t ms;
    } good[] = {{"0", 0},
                {"2", 2000},
                {"500ms", 500},
                {"1s", 1000},
                {"5m", 300000},
                {"2h", 7200000},
                {"1d", 86400000},
                {"1000000000000ms", 1000000000000},
                {"1000000000", 1000000000000}};
    int64_t ms;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(parse_duration(good[i].word, &ms));
        assert_true(ms == good[i].ms);
    }
    for (size_t i = 0; i < NEVER; i++)
        assert_false(parse_duration(never[i], &ms));
    static const char *const bad[] = {"1M",
                                      "1w",
                                      "1sm",
                                      "1 s",
                                      "1S",
                                      "11575d",
                                      "1000000001s",
                                      "1000000000001ms",
                                      "9223372036854775807d"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(parse_duration(bad[i], &ms));
}

static void separators(void **state)
{
    (void)state;
    static const struct {
        const char *word, *bytes;
        size_t size;
    } good[] = {{":", ":", 1},
                {"\\t", "\t", 1},
                {"\\n\\r\\0\\\\", "\n\r\0\\", 4},
                {"\\x00\\xfF\\xAb", "\0\xff\xab", 3},
                {", ", ", ", 2},
                {"\\x414", "A4", 2},
                {"\xc3\xa9", "\xc3\xa9", 2}};
    uint8_t bytes[SEPARATOR_MOST];
    size_t size;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(parse_separator(good[i].word, bytes, &size));
        assert_int_equal(size, good[i].size);
        assert_memory_equal(bytes, good[i].bytes, size);
    }
    static const char *const bad[] = {"",      "\\",  "\\a",    "\\x", "\\x1", "\\xg0",
                                      "\\x0g", "a\\", "\\\\\\", "\\1", "\\N"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(parse_separator(bad[i], bytes, &size));
}

static void separators_have_a_bound(void **state)
{
    (void)state;
    char word[2 * SEPARATOR_MOST + 3] = "";
    uint8_t bytes[SEPARATOR_MOST];
    size_t size;
    for (int i = 0; i < SEPARATOR_MOST; i++)
        strcat(word, "\\t");
    assert_true(parse_separator(word, bytes, &size));
    assert_int_equal(size, SEPARATOR_MOST);
    strcat(word, "x");
    assert_false(parse_separator(word, bytes, &size));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(sizes),
        cmocka_unit_test(durations),
        cmocka_unit_test(separators),
        cmocka_unit_test(separators_have_a_bound),
    };
    return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
