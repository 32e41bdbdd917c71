/* Any pattern by any rules on any field: a mistake is told; what is selected has what was said to
 * be needed; what is told as a match is in the field, and only where there is one. */
#include "fuzz.h"
#include "kgrep/match.h"

static bool has(struct span field, const struct needed_row *row, bool fold)
{
    struct needle needle;
    needle_open(&needle, span_of(row->at, row->size), fold);
    return needle_find(&needle, field.at, field.at + field.size) != NULL;
}

static bool has_needed(const struct pattern *pattern, struct span field, bool fold)
{
    for (size_t i = 0; i < pattern->needed.count; i++)
        if (has(field, &pattern->needed.rows[i], fold))
            return true;
    return pattern->needed.none || pattern->needed.count == 0;
}

static void look(struct match *match, const struct pattern *pattern,
                 const struct pattern_rules *rules, struct span field)
{
    struct span found = {0}, first = {0};
    enum match_result got = match_find(match, field);
    MUST(got != MATCH_YES || has_needed(pattern, field, rules->ignore_case));
    if (!rules->places)
        return;
    size_t from = 0;
    while (match_place(match, field, from, &found, &first) == MATCH_YES) {
        MUST(got != MATCH_NO);
        MUST(found.size > 0 && found.at >= field.at + from &&
             found.size <= field.size - (size_t)(found.at - field.at));
        MUST(first.at == NULL ||
             (first.at >= field.at && first.size <= field.size - (size_t)(first.at - field.at)));
        from = (size_t)(found.at - field.at) + found.size;
    }
}

static void ask(struct span words, const struct pattern_rules *rules, struct span field)
{
    struct pattern pattern;
    struct match match = {0};
    struct fault fault = {.tool = "pattern"};
    const char *why = NULL;
    enum pattern_result got = pattern_read(&pattern, words, rules, &why);
    MUST(got == PATTERN_OK || (got == PATTERN_WRONG && why != NULL));
    if (got == PATTERN_OK && match_open(&match, &pattern, rules, &fault))
        look(&match, &pattern, rules, field);
    else
        MUST(got == PATTERN_WRONG || fault.status == STATUS_USAGE);
    match_close(&match);
    pattern_free(&pattern);
}

/* A byte of rules, the pattern up to a NUL, the field. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct pattern_rules rules = {.language = (enum pattern_language)(data[0] & 3),
                                        .ignore_case = (data[0] & 4) != 0,
                                        .word = (data[0] & 8) != 0,
                                        .line = (data[0] & 16) != 0,
                                        .places = (data[0] & 32) != 0};
    const uint8_t *end = memchr(data + 1, '\0', size - 1);
    size_t length = end == NULL ? size - 1 : (size_t)(end - data - 1);
    if (length > 200)
        return 0;
    char words[256];
    memcpy(words, data + 1, length);
    words[length] = '\n';
    size_t taken = 1 + length + (end != NULL);
    ask(span_of(words, length + 1), &rules, span_of(data + taken, size - taken));
    return 0;
}
