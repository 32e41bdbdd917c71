/* util/escape: no byte that could steer a terminal gets through, and all of UTF-8 that cannot does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/escape.h"

#include <stdbool.h>
#include <string.h>

/* UTF-8 by its definition, RFC 3629 section 3: how many bytes the code point takes, and which. */
static size_t encode(uint32_t point, uint8_t at[4])
{
    static const uint8_t first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        at[i] = (uint8_t)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    at[0] = (uint8_t)(first[size] | point);
    return size;
}

/* util/escape.c has them as ranges; this is the list of Unicode 15's UnicodeData.txt, category Cf,
 * without those that have a shape, and what is not assigned between them. */
static bool unseen(uint32_t point)
{
    switch (point) {
    case 0xAD:
    case 0x61C:
    case 0x180E:
    case 0xFEFF:
        return true;
    }
    uint32_t page = point >> 4;
    return (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
           page == 0x206 || (point >= 0xFFF9 && point <= 0xFFFB) || page == 0x1343 ||
           (point >= 0x1BCA0 && point <= 0x1BCA3) || (point >= 0x1D173 && point <= 0x1D17A) ||
           (point >> 7) == 0xE0000 >> 7;
}

static bool harmless(uint32_t point)
{
    bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
    bool surrogate = point >= 0xD800 && point < 0xE000;
    return !control && !unseen(point) && !surrogate && point < 0x110000;
}

static void every_code_point(void **state)
{
    (void)state;
    uint8_t at[5] = {0};
    for (uint32_t point = 0; point < 0x200000; point++) {
        size_t size = encode(point, at);
        at[size] = 'x';
        size_t expected = harmless(point) ? size : 0;
        if (escape_plain(at, size) != expected || escape_plain(at, size + 1) != expected)
            fail_msg("U+%04X is not taken as %zu bytes", point, expected);
        for (size_t cut = 1; cut < size; cut++)
            assert_int_equal(escape_plain(at, cut), 0);
    }
}

/* What decodes by hand to a shortest form; all else must be refused. */
static size_t by_hand(const uint8_t *at, size_t size)
{
    uint8_t again[4];
    uint32_t point = at[0];
    size_t length = 1;
    if ((at[0] & 0xE0) == 0xC0 && size >= 2) {
        length = 2;
        point = (uint32_t)(at[0] & 0x1F) << 6 | (at[1] & 0x3F);
    } else if ((at[0] & 0xF0) == 0xE0 && size >= 3) {
        length = 3;
        point = (uint32_t)(at[0] & 0x0F) << 12 | (uint32_t)(at[1] & 0x3F) << 6 | (at[2] & 0x3F);
    } else if (at[0] >= 0x80) {
        return 0;
    }
    bool shortest = encode(point, again) == length && memcmp(at, again, length) == 0;
    return shortest && harmless(point) ? length : 0;
}

static void every_sequence_of_three(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 1U << 24; n++) {
        const uint8_t at[3] = {(uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
        if (escape_plain(at, 3) != by_hand(at, 3))
            fail_msg("%02x %02x %02x", at[0], at[1], at[2]);
    }
    for (uint32_t n = 0; n < 1U << 16; n++) {
        const uint8_t at[2] = {(uint8_t)(n >> 8), (uint8_t)n};
        if (escape_plain(at, 2) != by_hand(at, 2))
            fail_msg("%02x %02x", at[0], at[1]);
    }
}

static void four_bytes_at_their_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t plain;
    } rows[] = {
        {"\xF0\x90\x80\x80", 4}, {"\xF0\x8F\xBF\xBF", 0}, {"\xF4\x8F\xBF\xBF", 4},
        {"\xF4\x90\x80\x80", 0}, {"\xF5\x80\x80\x80", 0}, {"\xF8\x88\x80\x80", 0},
        {"\xFF\xBF\xBF\xBF", 0}, {"\xF0\x90\x80\x20", 0}, {"\xF0\x90\x20\x80", 0},
        {"\xF0\x9F\x90\xAB", 4}, {"\xF0\x90\x80\xC0", 0}, {"\xF4\x80\xC0\x80", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t at[4];
        memcpy(at, rows[i].bytes, 4);
        if (escape_plain(at, 4) != rows[i].plain)
            fail_msg("row %zu", i);
    }
}

static void expect_escape(const char *bytes, size_t size, const char *expected)
{
    char to[256];
    size_t made = escape_bytes(to, sizeof to, (const uint8_t *)bytes, size);
    assert_int_equal(made, strlen(expected));
    assert_memory_equal(to, expected, made);
}

static void bytes_become_escapes(void **state)
{
    (void)state;
    expect_escape("", 0, "");
    expect_escape("plain text ~", 12, "plain text ~");
    expect_escape("\n\r\t", 3, "\\n\\r\\t");
    expect_escape("\0\x01\x1b[31m\x7f", 8, "\\x00\\x01\\x1b[31m\\x7f");
    expect_escape("a\\n", 3, "a\\n");
    expect_escape("\xC2\x9B", 2, "\\xc2\\x9b"); /* CSI as a C1 control */
    expect_escape("\xC2\xA0\xC3\xA9\xE2\x82\xAC", 7, "\xC2\xA0\xC3\xA9\xE2\x82\xAC");
    expect_escape("\xFF\xC3", 2, "\\xff\\xc3");
    expect_escape("\xE2\x82z", 3, "\\xe2\\x82z");
}

/* However small the room: never more than fits, never half a character or half an escape. */
static void the_room_is_kept(void **state)
{
    (void)state;
    static const uint8_t bytes[] = "a\x01\xC3\xA9\n\xF0\x9F\x90\xAB.";
    static const size_t ends[] = {0, 1, 1, 1, 1, 5, 5, 7, 7, 9, 9, 9, 9, 13, 14, 14};
    char to[32];
    for (size_t room = 0; room < sizeof ends / sizeof ends[0]; room++) {
        memset(to, '!', sizeof to);
        assert_int_equal(escape_bytes(to, room, bytes, sizeof bytes - 1), ends[room]);
        assert_memory_equal(to, "a\\x01\xC3\xA9\\n\xF0\x9F\x90\xAB.", ends[room]);
        assert_int_equal(to[ends[room]], '!');
    }
}

static void one_byte(void **state)
{
    (void)state;
    char to[ESCAPE_MOST];
    for (unsigned byte = 0; byte < 256; byte++) {
        size_t made = escape_byte(to, (uint8_t)byte);
        bool letter = byte == '\n' || byte == '\r' || byte == '\t';
        assert_int_equal(made, letter ? 2 : 4);
        assert_int_equal(to[0], '\\');
        for (size_t i = 0; i < made; i++)
            assert_true(to[i] > 0x20 && to[i] < 0x7F);
    }
    assert_int_equal(escape_byte(to, 0xAB), 4);
    assert_memory_equal(to, "\\xab", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point),           cmocka_unit_test(every_sequence_of_three),
        cmocka_unit_test(four_bytes_at_their_bounds), cmocka_unit_test(bytes_become_escapes),
        cmocka_unit_test(the_room_is_kept),           cmocka_unit_test(one_byte),
    };
    return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
