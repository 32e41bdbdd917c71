/* strings: the same answers as trying each string at each place. */
#include "kgrep/strings.h"
#include "kgrep/word.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SETS = 3000, FIELDS = 20, TEXT_MOST = 600, FIELD_MOST = 60 };

static unsigned roll(uint64_t *dice, unsigned sides)
{
    *dice = *dice * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(*dice >> 33) % sides;
}

static bool stands(struct span field, size_t at, struct span item, bool fold)
{
    for (size_t i = 0; i < item.size; i++) {
        uint8_t byte = field.at[at + i];
        if ((fold ? tolower(byte) : byte) != item.at[i])
            return false;
    }
    return true;
}

/* The size of the longest of the lines of `text` that stands at `at`; 0: none. */
static size_t longest_at(struct span text, struct span field, size_t at, bool fold, bool word)
{
    size_t longest = 0;
    for (const uint8_t *line = text.at, *end = line + text.size; line < end;) {
        const uint8_t *stop = memchr(line, '\n', (size_t)(end - line));
        struct span item = span_of(line, (size_t)(stop - line));
        if (item.size > longest && item.size <= field.size - at && stands(field, at, item, fold) &&
            (!word || word_stands(field, span_of(field.at + at, item.size))))
            longest = item.size;
        line = stop + 1;
    }
    return longest;
}

static void compare(const struct strings *strings, struct span text, struct span field, bool fold,
                    bool word)
{
    struct span found, any;
    size_t at = 0, size = 0;
    while (at < field.size && (size = longest_at(text, field, at, fold, word)) == 0)
        at++;
    bool is = strings_find(strings, field, 0, STRINGS_LONGEST, word, &found);
    if (is != (size > 0) || (is && (found.at != field.at + at || found.size != size)))
        fail_msg("%s%s in '%.*s' of\n%.*s: %td %zu, not %zu %zu", fold ? "fold " : "",
                 word ? "word " : "", (int)field.size, (const char *)field.at, (int)text.size,
                 (const char *)text.at, is ? found.at - field.at : -1, found.size, at, size);
    assert_int_equal(is, strings_find(strings, field, 0, STRINGS_ANY, word, &any));
    bool whole = field.size > 0 && longest_at(text, field, 0, fold, false) == field.size;
    assert_int_equal(whole, strings_has(strings, field));
}

static void some_set(uint64_t *dice)
{
    char lines[TEXT_MOST + 8];
    uint8_t field[FIELD_MOST];
    size_t size = 0, most = 1 + roll(dice, TEXT_MOST - 20);
    unsigned few = 2 + roll(dice, 6), least = roll(dice, 5), range = 1 + roll(dice, 12);
    bool fold = roll(dice, 2) == 0;
    while (size < most) {
        for (unsigned n = least + roll(dice, range); n > 0; n--)
            lines[size++] = "abc_- \xff\x01"[roll(dice, few)];
        lines[size++] = '\n';
    }
    struct span text = span_of(lines, size);
    struct strings *strings = strings_open(text, fold);
    assert_non_null(strings);
    for (unsigned i = 0; i < FIELDS; i++) {
        size_t field_size = roll(dice, FIELD_MOST);
        for (size_t at = 0; at < field_size; at++)
            field[at] = (uint8_t) "abc_- \xff\x01"
                                  "ABC"[roll(dice, fold ? 11 : few)];
        compare(strings, text, span_of(field, field_size), fold, roll(dice, 2) == 0);
    }
    strings_close(strings);
}

static void each_string_at_each_place_agrees(void **state)
{
    (void)state;
    uint64_t dice = 5;
    for (unsigned i = 0; i < SETS; i++)
        some_set(&dice);
}

static void no_string_is_never_found(void **state)
{
    (void)state;
    struct span found;
    struct strings *strings = strings_open(span_str("\n\n"), false);
    assert_non_null(strings);
    assert_false(strings_find(strings, span_str("a"), 0, STRINGS_ANY, false, &found));
    assert_false(strings_has(strings, span_str("")));
    strings_close(strings);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_string_at_each_place_agrees),
        cmocka_unit_test(no_string_is_never_found),
    };
    return cmocka_run_group_tests_name("strings", tests, NULL, NULL);
}
