/* search: random expressions on random bytes, and the C library's matcher, which shares no code
 * with PCRE2, must give the same answers. Without anchors and back-references, where it errs
 * itself; tests/differential-grep has those. A seed makes the same cases always. */
#include "kgrep/pattern.h"
#include "kgrep/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <regex.h>

enum { EXPRESSIONS = 6000, FIELDS = 40, FIELD_MOST = 24, WORDS_MOST = 32 };

struct dice {
    uint64_t state;
};

static unsigned roll(struct dice *dice, unsigned sides)
{
    dice->state = dice->state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(dice->state >> 33) % sides;
}

struct words {
    char at[4096];
    size_t size;
};

static void say(struct words *words, const char *more)
{
    size_t size = strlen(more);
    if (words->size + size < sizeof words->at) {
        memcpy(words->at + words->size, more, size + 1);
        words->size += size;
    }
}

static void say_one(struct words *words, struct dice *dice, const char *const *choice,
                    unsigned count)
{
    say(words, choice[roll(dice, count)]);
}

static void say_alternatives(struct words *words, struct dice *dice, unsigned depth);

static void say_piece(struct words *words, struct dice *dice, unsigned depth)
{
    static const char *const bytes[] = {"a", "b", "c", "a", "b", "_", "-", "1", " ", "c", "."};
    static const char *const sets[] = {"[ab]",        "[^a]", "[a-c]", "[_1-]",
                                       "[[:alnum:]]", "\\w",  "\\W",   "\\S"};
    static const char *const repeats[] = {"*",   "+",     "?",   "*",   "{,2}",
                                          "{2}", "{1,2}", "{0}", "{2,}"};
    unsigned kind = roll(dice, 10);
    if (kind < 6 || (kind > 7 && depth == 0)) {
        say_one(words, dice, bytes, 11);
    } else if (kind < 8) {
        say_one(words, dice, sets, 8);
    } else {
        say(words, "(");
        say_alternatives(words, dice, depth - 1);
        say(words, ")");
    }
    while (roll(dice, 3) == 0)
        say_one(words, dice, repeats, 9);
}

static void say_alternatives(struct words *words, struct dice *dice, unsigned depth)
{
    for (unsigned more = roll(dice, 3) == 0 ? roll(dice, 3) : 0;; more--) {
        for (unsigned pieces = roll(dice, 5); pieces > 0; pieces--)
            say_piece(words, dice, depth);
        if (more == 0)
            return;
        say(words, "|");
    }
}

struct field {
    uint8_t at[FIELD_MOST];
    size_t size;
};

static void make_fields(struct field *fields, struct dice *dice)
{
    for (unsigned i = 0; i < FIELDS; i++) {
        fields[i].size = roll(dice, i < FIELDS * 3 / 4 ? 9 : FIELD_MOST);
        for (size_t at = 0; at < fields[i].size; at++)
            fields[i].at[at] = (uint8_t) "aabbcab_-1 c"[roll(dice, 12)];
    }
}

/* The same expression for the C library, which has no -w and -x. */
static void open_library(regex_t *library, const char *words, const struct pattern_rules *rules)
{
    char whole[256];
    const char *before = rules->line ? "^(" : rules->word ? "(^|[^[:alnum:]_])(" : "";
    const char *behind = rules->line ? ")$" : rules->word ? ")([^[:alnum:]_]|$)" : "";
    snprintf(whole, sizeof whole, "%s%.100s%s", before, words, behind);
    memset(library, 0, sizeof *library);
    re_set_syntax(RE_SYNTAX_EGREP | RE_NO_SUB);
    const char *wrong = re_compile_pattern(whole, strlen(whole), library);
    if (wrong != NULL)
        fail_msg("%s: %s", whole, wrong);
}

static void compare(const char *words, const struct pattern_rules *rules,
                    const struct field *fields)
{
    regex_t library;
    struct pattern pattern;
    struct fault fault = {.tool = "search"};
    const char *why;
    assert_int_equal(PATTERN_OK, pattern_read(&pattern, span_str(words), rules, &why));
    if (!pattern.plain) {
        struct search *search = search_open(span_of(pattern.text, pattern.size), rules, &fault);
        assert_non_null(search);
        open_library(&library, words, rules);
        for (unsigned i = 0; i < FIELDS; i++) {
            const char *at = (const char *)fields[i].at;
            int size = (int)fields[i].size;
            bool theirs = re_search(&library, at, size, 0, size, NULL) >= 0;
            enum match_result ours = search_find(search, span_of(fields[i].at, fields[i].size));
            if (ours != (theirs ? MATCH_YES : MATCH_NO))
                fail_msg("%s%s'%s', PCRE2 '%.*s', on '%.*s': result %d", rules->word ? "-w " : "",
                         rules->line ? "-x " : "", words, (int)pattern.size, pattern.text, size, at,
                         ours);
        }
        regfree(&library);
        search_close(search);
    }
    pattern_free(&pattern);
}

static void the_c_library_agrees(void **state)
{
    (void)state;
    struct dice dice = {2026};
    struct field fields[FIELDS];
    for (unsigned made = 0; made < EXPRESSIONS;) {
        struct words words = {.size = 0};
        if (made % 20 == 0)
            make_fields(fields, &dice);
        say_alternatives(&words, &dice, 2);
        if (words.size > WORDS_MOST)
            continue; /* the library expands intervals, and takes its time */
        const struct pattern_rules rules = {.word = roll(&dice, 6) == 0,
                                            .line = roll(&dice, 6) == 0};
        compare(words.at, &rules, fields);
        made++;
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(the_c_library_agrees)};
    return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
