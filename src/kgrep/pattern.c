#include "kgrep/pattern.h"

#include "kgrep/buffer.h"
#include "kgrep/ere.h"

#include <ctype.h>
#include <stdlib.h>

/* Takes the next pattern off `words`, without its newline. False: there is none. */
static bool next_line(struct span *words, struct span *line)
{
    if (words->size == 0)
        return false;
    const uint8_t *end = memchr(words->at, '\n', words->size);
    size_t size = end == NULL ? words->size : (size_t)(end - words->at);
    size_t taken = end == NULL ? size : size + 1;
    *line = span_of(words->at, size);
    *words = span_of(words->at + taken, words->size - taken);
    return true;
}

/* As grep has it, the same line again is no second pattern. */
static bool is_one_pattern(struct span words)
{
    struct span first, line;
    if (!next_line(&words, &first))
        return true;
    while (next_line(&words, &line))
        if (!span_equal(line, first))
            return false;
    return true;
}

/* The bytes that are operators, and those that are themselves behind a backslash. */
struct marks {
    const char *operators, *escaped;
};

static const struct marks *marks_of(enum pattern_language language)
{
    static const struct marks marks[] = {
        [PATTERN_EXTENDED] = {"^$.[()|*+?{", "^$.[()|*+?{]}\\"},
        [PATTERN_BASIC] = {"^$.[*", "^$.[*]\\"},
        [PATTERN_FIXED] = {"", ""},
        [PATTERN_PERL] = {"^$.[()|*+?{", "^$.[()|*+?{]}\\"},
    };
    return &marks[language];
}

static bool is_one_of(uint8_t byte, const char *bytes)
{
    return byte != '\0' && strchr(bytes, byte) != NULL;
}

/* Appends an expression's bytes where it has no operator. False: it has one. */
static bool plain_line(struct buffer *out, struct span line, enum pattern_language language)
{
    const struct marks *marks = marks_of(language);
    if (language == PATTERN_FIXED) {
        buffer_put(out, line.at, line.size);
        return true;
    }
    for (const uint8_t *at = line.at, *end = at + line.size; at < end; at++) {
        if (is_one_of(*at, marks->operators))
            return false;
        if (*at == '\\' && (++at == end || !is_one_of(*at, marks->escaped)))
            return false;
        buffer_put(out, at, 1);
    }
    return true;
}

static bool plain(struct buffer *out, struct span words, const struct pattern_rules *rules)
{
    struct span line;
    while (next_line(&words, &line)) {
        if (!plain_line(out, line, rules->language))
            return false;
        buffer_put(out, "\n", 1);
    }
    for (size_t i = 0; rules->ignore_case && !out->failed && i < out->size; i++)
        out->at[i] = (char)tolower((uint8_t)out->at[i]);
    return true;
}

/* What stands before and behind all lines. PCRE2's JIT compiler before 10.43 overlooks matches of
 * parentheses with alternatives before a repeat, (a|)b*a say: it notes places of the field where
 * the repeat cannot succeed, and forgets that there is another way to one. It takes no such notes
 * behind an assertion; (?=) is one that always holds. */
static void wrap(struct buffer *out, const struct pattern_rules *rules, bool branches)
{
    const char *before = branches ? "(?=)(?:" : "(?:", *behind = ")";
    if (rules->line) {
        before = "\\A(?:";
        behind = ")\\z";
    } else if (rules->word) {
        before = "(?<!\\w)(?:";
        behind = ")(?!\\w)";
    }
    buffer_insert(out, 0, before);
    buffer_say(out, behind);
}

/* All lines as alternatives of one PCRE2 pattern. */
static const char *translate(struct pattern *pattern, struct buffer *out, struct span words,
                             const struct pattern_rules *rules)
{
    struct ere ere = {.out = out,
                      .basic = rules->language == PATTERN_BASIC,
                      .captures = rules->places,
                      .anywhere = !rules->word && !rules->line && !rules->places,
                      .ignore_case = rules->ignore_case};
    const char *wrong = NULL;
    struct span line;
    size_t lines = 0;
    for (; wrong == NULL && next_line(&words, &line); lines++) {
        if (lines > 0)
            buffer_say(out, "|");
        wrong = ere_translate(&ere, line.at, line.at + line.size);
    }
    wrap(out, rules, ere.branches);
    pattern->stray = ere.stray;
    pattern->needed = ere.needed;
    return wrong;
}

/* PCRE2 reads Perl's language itself: kgrep/engine puts around it what has to be there. */
static void perl(struct buffer *out, struct span words)
{
    struct span line;
    if (next_line(&words, &line))
        buffer_put(out, line.at, line.size);
}

static struct needed_row row_of(struct span bytes)
{
    struct needed_row row = {.size = bytes.size < NEEDED_BYTES ? bytes.size : NEEDED_BYTES};
    memcpy(row.at, bytes.at, row.size);
    return row;
}

/* Each of a few plain strings; of more, what they all begin with. True: each is whole. */
static bool plain_needed(struct needed *needed, const struct buffer *out)
{
    struct span words = span_of(out->at, out->failed ? 0 : out->size), line;
    struct needed_row common = {0};
    bool whole = true;
    for (bool first = true; next_line(&words, &line); first = false) {
        struct needed_row row = row_of(line);
        needed_add(needed, &row);
        whole = whole && row.size == line.size;
        if (first)
            common = row;
        for (size_t i = 0; i < common.size; i++)
            if (i == row.size || row.at[i] != common.at[i])
                common.size = i;
    }
    if (needed->none) {
        *needed = (struct needed){0};
        needed_add(needed, &common);
        whole = false;
    }
    return whole;
}

enum pattern_result pattern_read(struct pattern *pattern, struct span words,
                                 const struct pattern_rules *rules, const char **why)
{
    struct buffer out = {0};
    *pattern = (struct pattern){0};
    *why = NULL;
    if (rules->language == PATTERN_PERL && !is_one_pattern(words)) {
        *why = "the -P option only supports a single pattern";
        return PATTERN_WRONG;
    }
    pattern->plain = plain(&out, words, rules);
    if (pattern->plain) {
        pattern->needed_whole = plain_needed(&pattern->needed, &out);
    } else {
        out.size = 0;
        if (rules->language == PATTERN_PERL)
            perl(&out, words);
        else
            *why = translate(pattern, &out, words, rules);
    }
    pattern->text = out.at;
    pattern->size = out.size;
    if (out.failed)
        return PATTERN_MEMORY;
    return *why == NULL ? PATTERN_OK : PATTERN_WRONG;
}

void pattern_free(struct pattern *pattern)
{
    free(pattern->text);
    pattern->text = NULL;
}
