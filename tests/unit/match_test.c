/* match: what is found, by both ways of PCRE2 and by the plain search; and what is never answered
 * with "no". The answers are GNU grep 3.8's. */
#include "kgrep/match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct asked {
    struct pattern pattern;
    struct match match;
    struct fault fault;
};

/* `letters` are options: E G F P i w x. */
static void ask(struct asked *asked, const char *letters, const char *words)
{
    static const char languages[] = "EGFP";
    const char *language = strpbrk(languages, letters);
    const struct pattern_rules rules = {
        .language =
            language == NULL ? PATTERN_EXTENDED : (enum pattern_language)(language - languages),
        .ignore_case = strchr(letters, 'i') != NULL,
        .word = strchr(letters, 'w') != NULL,
        .line = strchr(letters, 'x') != NULL};
    const char *why = NULL;
    asked->fault = (struct fault){.tool = "match"};
    char *lines = NULL;
    assert_true(asprintf(&lines, "%s\n", words) > 0);
    enum pattern_result got = pattern_read(&asked->pattern, span_str(lines), &rules, &why);
    free(lines);
    if (got != PATTERN_OK)
        fail_msg("%s: %s", words, why);
    if (!match_open(&asked->match, &asked->pattern, &rules, &asked->fault))
        fail_msg("%s: %s", words, asked->fault.line);
}

static void done(struct asked *asked)
{
    match_close(&asked->match);
    pattern_free(&asked->pattern);
}

struct answer {
    const char *letters, *words;
    const char *yes[6], *no[6]; /* fields; NULL ends them */
};

static void assert_answer(struct asked *asked, const struct answer *answer, const char *field,
                          enum match_result wanted)
{
    if (match_find(&asked->match, span_str(field)) != wanted)
        fail_msg("-%s '%s': '%s' should%s match", answer->letters, answer->words, field,
                 wanted == MATCH_YES ? "" : " not");
}

static void assert_answers(const struct answer *answers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct asked asked;
        ask(&asked, answers[i].letters, answers[i].words);
        for (const char *const *field = answers[i].yes; *field != NULL; field++)
            assert_answer(&asked, &answers[i], *field, MATCH_YES);
        for (const char *const *field = answers[i].no; *field != NULL; field++)
            assert_answer(&asked, &answers[i], *field, MATCH_NO);
        done(&asked);
    }
}

static void plain_strings_are_found(void **state)
{
    (void)state;
    static const struct answer answers[] = {
        {"", "ksql", {"ksql", "a ksql b", "kksql", "ksqksql"}, {"", "ksq", "KSQL", "k sql"}},
        {"", "", {"", "a"}, {NULL}},
        {"", "aab", {"aaab", "aabaab"}, {"aaa", "abab"}},
        {"F", "a.c", {"a.c"}, {"abc"}},
        {"", "one\ntwo", {"one", "atwo"}, {"three", "on"}},
        {"", "one\n", {"", "x"}, {NULL}},
        {"x", "one\ntwo", {"one", "two"}, {"one two", "", "ones"}},
        {"x", "", {""}, {"a"}},
        {"w",
         "ksql",
         {"ksql", "a ksql", "ksql.", "xksql ksql", "\xffksql"},
         {"xksql", "ksql_", "ksql1"}},
        {"w", "", {"", " ", "a  b", "."}, {"a", "a b"}},
        {"w", "a b", {"a b"}, {"a bc"}},
    };
    assert_answers(answers, sizeof answers / sizeof answers[0]);
}

static void a_frequent_byte_does_not_hide_a_string(void **state)
{
    (void)state;
    struct asked asked;
    char field[200];
    memset(field, 'z', sizeof field);
    memcpy(field + 190, "zzy", 3);
    ask(&asked, "", "zzy");
    assert_int_equal(MATCH_YES, match_find(&asked.match, span_of(field, sizeof field)));
    assert_int_equal(MATCH_NO, match_find(&asked.match, span_of(field, 190)));
    assert_int_equal(MATCH_YES, match_find(&asked.match, span_of(field + 189, 4)));
    done(&asked);
}

static void every_start_length_and_place_is_found(void **state)
{
    (void)state;
    static const char text[] = "the quick brown fox jumps over 13 lazy dogs";
    char words[sizeof text];
    for (size_t from = 0; from < sizeof text - 1; from++)
        for (size_t size = 1; from + size < sizeof text; size++) {
            struct asked asked;
            memcpy(words, text + from, size);
            words[size] = '\0';
            ask(&asked, "", words);
            assert_int_equal(MATCH_YES, match_find(&asked.match, span_str(text)));
            assert_int_equal(MATCH_YES, match_find(&asked.match, span_of(text + from, size)));
            assert_int_equal(MATCH_NO, match_find(&asked.match, span_of(text + from, size - 1)));
            done(&asked);
        }
}

static const struct answer expressions[] = {
    {"", "^ab$", {"ab"}, {"aab", "abb", "ab\n", "\nab"}},
    {"",
     "a.c",
     {"abc", "a\nc",
      "a\xff"
      "c"},
     {"ac"}},
    {"", "[^a]", {"b", "ab", "\n", "\xff"}, {"a", "", "aa"}},
    {"", "\\<a\\>", {"a", "b a", "a-"}, {"ab", "_a", "a1"}},
    {"", "\\Ba", {"ba", "aba"}, {"a", " a"}},
    {"", "\\s\\S", {" a", "\va", "\rb"}, {"a ", "ab"}},
    {"", "(ab|a)(bc)?$", {"abc", "ab", "a", "abbc"}, {"abb", "bc"}},
    {"", "a{2,3}b", {"aab", "aaaab"}, {"ab", "aa"}},
    {"", "^(a*)+$", {"", "aaa"}, {"b", "ab"}},
    {"", "(.)\\1", {"aa", "abb"}, {"aba", "", "a"}},
    {"", "(a)\n(b)\\1", {"a", "bb"}, {"b", "bc"}},
    {"", "(a)|(b)\\2", {"a", "bb"}, {"b"}},
    {"i", "kSqL", {"KSQL", "ksql"}, {"kSq"}},
    {"i", "[^k]", {"a"}, {"k", "K"}},
    {"i", "[[:upper:]]", {"a", "A"}, {"1", "\xe4"}},
    {"i", "(a)\\1", {"aA"}, {"ab"}},
    {"w", "foo|foobar", {"foobar", "foo", "foobar-x"}, {"foobarx", "xfoo"}},
    {"w", "a*", {"", "b  c", "a", "."}, {"b", "bab", "b c"}},
    {"x", "foo|foobar", {"foobar", "foo"}, {"foobarx", "foo "}},
    {"x", "a|b\nc", {"a", "b", "c"}, {"ab", "bc"}},
    {"wx", "a|b c", {"b c"}, {"b", "a b c"}},
};

/* Each was a wrong answer of PCRE2 10.42 to a plain translation. */
static void what_pcre2_overlooks_is_found(void **state)
{
    (void)state;
    static const struct answer answers[] = {
        {"", "(a|)b*a", {"a", "ba"}, {"b"}},
        {"", "(.|).+a", {"1a"}, {"a"}},
        {"", "((_|).+)c", {"_ac"}, {"_a", "c"}},
        {"", "(b[ac]|)1*a+", {"bbcbacb"}, {"bcb"}},
        {"", "(-$|\\.|(.|).+b*a)", {"1a", "-"}, {"a"}},
        {"", "((|^){0}b)", {"ab", "b"}, {"a"}},
        {"", "(a|.*){0}b", {"cb"}, {"c"}},
    };
    assert_answers(answers, sizeof answers / sizeof answers[0]);
}

static void expressions_match_as_in_grep(void **state)
{
    (void)state;
    assert_answers(expressions, sizeof expressions / sizeof expressions[0]);
}

static void every_byte_is_data(void **state)
{
    (void)state;
    struct asked asked;
    ask(&asked, "", "a.c\xff");
    assert_int_equal(MATCH_YES, match_find(&asked.match, span_of("\0a\0c\xff\0", 6)));
    assert_int_equal(MATCH_NO, match_find(&asked.match, span_of("a\0c", 3)));
    done(&asked);
    ask(&asked, "", "b");
    assert_int_equal(MATCH_YES, match_find(&asked.match, span_of("a\0\nb", 4)));
    done(&asked);
    ask(&asked, "x", "[^b]+");
    assert_int_equal(MATCH_YES, match_find(&asked.match, span_of("\0\n\xc3\x28", 4)));
    done(&asked);
}

/* Where the JIT search would try 2^30 ways, the second search answers. */
static void many_ways_are_no_hindrance(void **state)
{
    (void)state;
    static const struct answer answers[] = {
        {"",
         "(.+)*b.?c",
         {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabc"},
         {"aaaaaaaaaaaaaaaaabaaaaaaaaaaaaaaaaaaaaaaac"}},
        {"x",
         "(a|aa|.){3,}[^c]",
         {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
         {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"}},
        {"w",
         "(a|aa)+b?",
         {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"},
         {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"}},
        {"",
         "^(a|aa)+\\>.b",
         {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b"},
         {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}},
    };
    assert_answers(answers, sizeof answers / sizeof answers[0]);
}

static void a_long_field_needs_no_stack(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    struct asked asked;
    char *field = malloc(SIZE);
    assert_non_null(field);
    memset(field, 'a', SIZE);
    ask(&asked, "x", "(a|b|cd)*");
    assert_int_equal(MATCH_YES, match_find(&asked.match, span_of(field, SIZE)));
    field[SIZE - 1] = 'c';
    assert_int_equal(MATCH_NO, match_find(&asked.match, span_of(field, SIZE)));
    done(&asked);
    free(field);
}

/* With a back-reference there is no second search. */
static void a_bound_that_is_hit_is_not_no(void **state)
{
    (void)state;
    struct asked asked;
    ask(&asked, "", "(a*)*\\1bc");
    assert_int_equal(MATCH_GAVE_UP,
                     match_find(&asked.match, span_str("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b c")));
    assert_non_null(strstr(search_why(asked.match.search), "match limit"));
    assert_int_equal(MATCH_YES, match_find(&asked.match, span_str("aabc")));
    assert_int_equal(MATCH_NO, match_find(&asked.match, span_str("aab")));
    done(&asked);
}

/* The bytes behind the field are no part of it. */
static void a_place_is_in_the_field(void **state)
{
    (void)state;
    static const char *const letters[] = {"F", "Fi", "Fw", "E", "P"};
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        struct asked asked;
        struct span found, first, field = span_of("a ksql b ksql", 8);
        asked.match = (struct match){0};
        ask(&asked, letters[i], "ksql");
        assert_int_equal(MATCH_YES, match_place(&asked.match, field, 0, &found, &first));
        assert_ptr_equal(field.at + 2, found.at);
        assert_int_equal(4, found.size);
        assert_int_equal(MATCH_NO, match_place(&asked.match, field, 6, &found, &first));
        done(&asked);
    }
}

static void what_pcre2_cannot_hold_is_refused(void **state)
{
    (void)state;
    struct asked asked = {.fault = {.tool = "match"}};
    static const struct pattern_rules rules;
    const char *why;
    assert_int_equal(PATTERN_OK,
                     pattern_read(&asked.pattern, span_str("(abcdef){32767}\n"), &rules, &why));
    assert_false(match_open(&asked.match, &asked.pattern, &rules, &asked.fault));
    assert_int_equal(STATUS_USAGE, asked.fault.status);
    done(&asked);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_strings_are_found),
        cmocka_unit_test(a_frequent_byte_does_not_hide_a_string),
        cmocka_unit_test(every_start_length_and_place_is_found),
        cmocka_unit_test(expressions_match_as_in_grep),
        cmocka_unit_test(what_pcre2_overlooks_is_found),
        cmocka_unit_test(every_byte_is_data),
        cmocka_unit_test(many_ways_are_no_hindrance),
        cmocka_unit_test(a_long_field_needs_no_stack),
        cmocka_unit_test(a_bound_that_is_hit_is_not_no),
        cmocka_unit_test(a_place_is_in_the_field),
        cmocka_unit_test(what_pcre2_cannot_hold_is_refused),
    };
    return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
