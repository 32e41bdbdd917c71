/* needle: every place of a string, and no other; a plain loop must agree. */
#include "kgrep/needle.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CASES = 20000, TEXT_MOST = 400 };

static unsigned roll(uint64_t *dice, unsigned sides)
{
    *dice = *dice * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(*dice >> 33) % sides;
}

static bool stands(const uint8_t *at, struct span bytes, bool fold)
{
    for (size_t i = 0; i < bytes.size; i++)
        if ((fold ? tolower(at[i]) : at[i]) != bytes.at[i])
            return false;
    return true;
}

static const uint8_t *by_loop(struct span bytes, bool fold, const uint8_t *from, const uint8_t *end)
{
    for (; (size_t)(end - from) >= bytes.size; from++)
        if (stands(from, bytes, fold))
            return from;
    return NULL;
}

static void assert_found(struct span bytes, bool fold, const uint8_t *from, const uint8_t *end)
{
    struct needle needle;
    needle_open(&needle, bytes, fold);
    const uint8_t *wanted = by_loop(bytes, fold, from, end);
    const uint8_t *found = needle_find(&needle, from, end);
    if (found != wanted)
        fail_msg("'%.*s' in %td bytes: %td, not %td", (int)bytes.size, (const char *)bytes.at,
                 end - from, found == NULL ? -1 : found - from,
                 wanted == NULL ? -1 : wanted - from);
}

/* The text has memory of its own size, so that a look behind its end is seen by ASan. */
static void a_plain_loop_agrees(void **state)
{
    (void)state;
    static const char letters[] = "aabAB@`[{ \xe1\xc1";
    uint64_t dice = 1;
    for (unsigned i = 0; i < CASES; i++) {
        uint8_t word[40];
        size_t size = roll(&dice, TEXT_MOST), word_size = roll(&dice, i % 2 ? 5 : 40);
        unsigned few = 2 + roll(&dice, sizeof letters - 3);
        bool fold = roll(&dice, 2) == 0;
        uint8_t *text = malloc(size + 1);
        assert_non_null(text);
        for (size_t at = 0; at < size; at++)
            text[at] = (uint8_t)letters[roll(&dice, few)];
        for (size_t at = 0; at < word_size; at++)
            word[at] = (uint8_t)letters[roll(&dice, few)];
        if (word_size < size && roll(&dice, 2) == 0)
            memcpy(word, text + roll(&dice, (unsigned)(size - word_size)), word_size);
        for (size_t at = 0; fold && at < word_size; at++)
            word[at] = (uint8_t)tolower(word[at]);
        assert_found(span_of(word, word_size), fold, text, text + size);
        free(text);
    }
}

/* Both rarest bytes stand everywhere, the rest nowhere: memmem(3) takes over. */
static void what_nearly_stands_everywhere_is_not_found(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    uint8_t *text = malloc(SIZE);
    assert_non_null(text);
    memset(text, 'z', SIZE);
    struct span word = span_str("zzzzzzzzzzzzzzzazzzzzzzzzzzzz");
    assert_found(word, false, text, text + SIZE);
    memcpy(text + SIZE - word.size, word.at, word.size);
    assert_found(word, false, text, text + SIZE);
    assert_found(word, true, text, text + SIZE);
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_loop_agrees),
        cmocka_unit_test(what_nearly_stands_everywhere_is_not_found),
    };
    return cmocka_run_group_tests_name("needle", tests, NULL, NULL);
}
