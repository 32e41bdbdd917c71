/* pattern: GNU's extended regular expressions in PCRE2's words, and its mistakes in grep's words.
 * tests/differential-grep asks whether both find the same. */
#include "kgrep/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct pattern_rules extended, fixed = {.language = PATTERN_FIXED};
static const struct pattern_rules basic = {.language = PATTERN_BASIC};

/* A newline is put behind the last pattern. */
static enum pattern_result read_words(struct pattern *pattern, const char *words,
                                      const struct pattern_rules *rules, const char **why)
{
    char lines[2048];
    int size = snprintf(lines, sizeof lines, "%s\n", words);
    return pattern_read(pattern, span_of(lines, (size_t)size), rules, why);
}

static void assert_read(const char *words, const struct pattern_rules *rules, bool plain,
                        const char *wanted)
{
    struct pattern pattern;
    const char *why;
    enum pattern_result got = read_words(&pattern, words, rules, &why);
    if (got != PATTERN_OK)
        fail_msg("%s: %s", words, why);
    if (pattern.plain != plain || pattern.size != strlen(wanted) ||
        memcmp(pattern.text, wanted, pattern.size) != 0)
        fail_msg("%s: became %s '%.*s', not '%s'", words, pattern.plain ? "plain" : "PCRE2",
                 (int)pattern.size, pattern.text, wanted);
    pattern_free(&pattern);
}

/* `wanted` is put between "(?:" and ")", where a pattern without -w and -x stands. */
static void assert_becomes(const char *words, const char *wanted)
{
    char whole[256] = "(?:";
    strcat(strcat(whole, wanted), ")");
    assert_read(words, &extended, false, whole);
}

static void assert_wrong(const char *words, const char *wanted)
{
    struct pattern pattern;
    const char *why = NULL;
    enum pattern_result got = read_words(&pattern, words, &extended, &why);
    if (got != PATTERN_WRONG || strcmp(why, wanted) != 0)
        fail_msg("%s: '%s', not '%s'", words, got == PATTERN_WRONG ? why : "is right", wanted);
    pattern_free(&pattern);
}

static void what_has_no_operator_is_plain(void **state)
{
    (void)state;
    assert_read("ksql", &extended, true, "ksql\n");
    assert_read("a-b,c]}/\xff", &extended, true, "a-b,c]}/\xff\n");
    assert_read("1\\.5\\*\\[x\\]\\{\\}\\\\", &extended, true, "1.5*[x]{}\\\n");
    assert_read("one\ntwo\n", &extended, true, "one\ntwo\n\n");
    assert_read(".*[(\\", &fixed, true, ".*[(\\\n");
}

static void an_empty_pattern_is_plain(void **state)
{
    (void)state;
    struct pattern pattern;
    const char *why;
    assert_int_equal(PATTERN_OK, read_words(&pattern, "", &extended, &why));
    assert_true(pattern.plain);
    assert_int_equal(1, pattern.size);
    pattern_free(&pattern);
}

static void under_i_plain_strings_have_small_letters(void **state)
{
    (void)state;
    static const struct pattern_rules ignore = {.ignore_case = true};
    static const struct pattern_rules both = {.language = PATTERN_FIXED, .ignore_case = true};
    assert_read("2019-", &ignore, true, "2019-\n");
    assert_read("K-1", &ignore, true, "k-1\n");
    assert_read("K.*", &both, true, "k.*\n");
}

static void words_and_lines_are_wrapped_around_all_alternatives(void **state)
{
    (void)state;
    static const struct pattern_rules word = {.word = true}, line = {.line = true};
    static const struct pattern_rules both = {.word = true, .line = true};
    assert_read("a|b", &word, false, "(?<!\\w)(?:a|b)(?!\\w)");
    assert_read("a|b\n.", &line, false, "\\A(?:a|b|.)\\z");
    assert_read("a|b", &both, false, "\\A(?:a|b)\\z");
    assert_read("ab", &word, true, "ab\n");
}

static void operators_are_translated(void **state)
{
    (void)state;
    assert_becomes("^a.$", "\\Aa.\\z");
    assert_becomes("\\`\\<a\\>\\b\\B\\w\\W\\s\\S\\'",
                   "\\A\\b(?=\\w)a\\b(?<=\\w)\\b\\B\\w\\W\\s\\S\\z");
    assert_becomes("(ab)c", "(?:ab)c");
    assert_becomes("a*b+c?", "a*b+c?");
    assert_becomes("a{2}b{2,}c{,3}d{2,3}", "a{2,2}b{2,}c{0,3}d{2,3}");
    assert_becomes("a{,}b{1,}c{0,1}d{1}", "a*b+c?d");
}

static void nothing_of_pcre2_can_be_reached(void **state)
{
    (void)state;
    assert_becomes("(?i)a*", "(?:i)a*");
    assert_becomes("(*UTF)|", "(?:UTF)|");
    assert_becomes("\\d.", "d.");
    assert_becomes("\\Qa\\E.", "QaE.");
    assert_becomes("a #.", "a\\x20\\x23.");
}

static void repeats_of_repeats_are_greedy(void **state)
{
    (void)state;
    assert_becomes("a**b++c??", "a*b+c?");
    assert_becomes("a+?b?+c*+d*?", "a*b*c*d*");
    assert_becomes("a{2}{3}", "(?:a{2,2}){3,3}");
    assert_becomes("a{2}*", "(?:a{2,2})*");
    assert_becomes("a*{2}", "(?:a*){2,2}");
    assert_becomes("(ab)+{2}", "(?:(?:ab)+){2,2}");
}

static void repeated_nothing_is_nothing(void **state)
{
    (void)state;
    assert_becomes("*a", "a");
    assert_becomes("a|*b", "a|b");
    assert_becomes("(+a)", "(?:a)");
    assert_becomes("{2}a", "a");
    assert_becomes("^*a", "(?:\\A)*a");
    assert_becomes("()*", "(?:)*");
}

/* PCRE2 10.42's JIT compiler goes wrong without the assertion: see wrap(). */
static void alternatives_in_parentheses_stand_behind_an_assertion(void **state)
{
    (void)state;
    static const struct pattern_rules word = {.word = true}, line = {.line = true};
    assert_read("(a|)b*a", &extended, false, "(?=)(?:(?:a|)b*a)");
    assert_read("a|b*a", &extended, false, "(?:a|b*a)");
    assert_read("(a|)b*a", &word, false, "(?<!\\w)(?:(?:a|)b*a)(?!\\w)");
    assert_read("(a|)b*a", &line, false, "\\A(?:(?:a|)b*a)\\z");
}

static void what_is_repeated_no_time_is_left_out(void **state)
{
    (void)state;
    assert_becomes("a{0}b", "(?:)b");
    assert_becomes("(a(b)){0}*c{,0}", "(?:)*(?:)");
    assert_becomes("(a){0}(b)\\2", "(?:)(b)\\g{1}");
    assert_becomes("((a){0}b){0}(c)\\3", "(?:)(c)\\g{1}");
    assert_becomes("(a){0}\\1", "(?:)(?!)");
}

static void a_leading_any_is_left_out(void **state)
{
    (void)state;
    static const struct pattern_rules word = {.word = true}, line = {.line = true};
    assert_becomes(".*a", "(?:)a");
    assert_becomes(".*.*a|.*b", "(?:)(?:)a|(?:)b");
    assert_becomes("a.*b", "a.*b");
    assert_becomes("(.*a).+", "(?:.*a).+");
    assert_becomes("^.*a", "\\A.*a");
    assert_becomes("(ab){0}.*a", "(?:)(?:)a");
    assert_read("(b|.*a)c", &extended, false, "(?=)(?:(?:b|.*a)c)");
    assert_read("(a|){0}b.*c", &extended, false, "(?=)(?:(?:)b.*c)");
    assert_becomes(".+a", ".+a");
    assert_read(".*a", &word, false, "(?<!\\w)(?:.*a)(?!\\w)");
    assert_read(".*a", &line, false, "\\A(?:.*a)\\z");
    assert_wrong(".*{5,2}", "Invalid content of \\{\\}");
}

static void what_is_no_operator_here_is_itself(void **state)
{
    (void)state;
    assert_becomes("a)", "a\\x29");
    assert_becomes("(a))", "(?:a)\\x29");
    assert_becomes("a{", "a\\x7b");
    assert_becomes("a{1", "a\\x7b1");
    assert_becomes("a{1,x}", "a\\x7b1\\x2cx\\x7d");
    assert_becomes("{}", "\\x7b\\x7d");
    assert_becomes("^{5,2}", "\\A\\x7b5\\x2c2\\x7d");
}

static void brackets_are_sets(void **state)
{
    (void)state;
    assert_becomes("[a-c]", "[a-c]");
    assert_becomes("[^abcx]", "[^a-cx]");
    assert_becomes("[]a]", "[\\x5da]");
    assert_becomes("[^]-]", "[^\\x2d\\x5d]");
    assert_becomes("[a\\]b", "[\\x5ca]b");
    assert_becomes("[[:digit:]_]", "[0-9\\x5f]");
    assert_becomes("[[=a=][.-.]]", "[\\x2da]");
    assert_becomes("[[.a.]-[.c.]]", "[a-c]");
    assert_becomes("[+--]", "[\\x2b-\\x2d]");
    assert_becomes("[\x80-\xff]", "[\\x80-\\xff]");
    assert_becomes("[[:space:]]", "[\\x09-\\x0d\\x20]");
}

static void groups_capture_only_where_they_are_referred_to(void **state)
{
    (void)state;
    assert_becomes("(a)(b)", "(?:a)(?:b)");
    assert_becomes("(a)(b)\\2", "(a)(b)\\g{2}");
    assert_becomes("(a)\\11", "(a)\\g{1}1");
    assert_becomes("(a)\n(b)\\1\n(c)\\1", "(?:a)|(b)\\g{1}|(c)\\g{2}");
}

static void assert_basic(const char *words, const char *wanted)
{
    char whole[256] = "(?:";
    strcat(strcat(whole, wanted), ")");
    assert_read(words, &basic, false, whole);
}

static void basic_operators_have_a_backslash(void **state)
{
    (void)state;
    assert_read("a+b?(c){2}|d", &basic, true, "a+b?(c){2}|d\n");
    assert_basic("a\\+b\\?c*\\(de\\)\\|f\\{2,3\\}", "a+b?c*(?:de)|f{2,3}");
    assert_basic("*a\\|*b\\(*c\\)", "\\x2aa|\\x2ab(?:\\x2ac)");
    assert_basic("^*a.*", "\\A\\x2aa.*");
    assert_basic("a^b$c$", "a\\x5eb\\x24c\\z");
    assert_basic("\\(^a$\\)", "(?:\\Aa\\z)");
    assert_basic("\\+a\\?*", "\\x2ba*");
    assert_basic("\\(a\\)\\1", "(a)\\g{1}");
    assert_basic("\\{1\\}.", "\\x7b1\\x7d.");
}

/* Of `words` by the rules. */
static void assert_needed(const struct pattern_rules *rules, const char *words, const char *wanted)
{
    struct pattern pattern;
    const char *why;
    assert_int_equal(PATTERN_OK, read_words(&pattern, words, rules, &why));
    char all[4 * NEEDED_BYTES + 4] = "";
    for (size_t i = 0; !pattern.needed.none && i < pattern.needed.count; i++) {
        strcat(all, i == 0 ? "" : ",");
        strncat(all, (const char *)pattern.needed.rows[i].at, pattern.needed.rows[i].size);
    }
    if (strcmp(all, wanted) != 0)
        fail_msg("%s: '%s' is needed, not '%s'", words, all, wanted);
    pattern_free(&pattern);
}

static void what_all_matches_have_is_known(void **state)
{
    (void)state;
    static const struct pattern_rules ignore = {.ignore_case = true};
    static const struct pattern_rules perl = {.language = PATTERN_PERL};
    assert_needed(&extended, "ksql", "ksql");
    assert_needed(&extended, "k.ql", "ql");
    assert_needed(&extended, "^INFO .*node[0-3]", "INFO ");
    assert_needed(&extended, "abc*de", "ab");
    assert_needed(&extended, "abc*def", "def");
    assert_needed(&extended, "abc+de", "abc");
    assert_needed(&extended, "abc{0,2}x", "ab");
    assert_needed(&extended, "ab+*c", "");
    assert_needed(&extended, "abc+*d", "ab");
    assert_needed(&extended, "ab{0}cd", "cd");
    assert_needed(&extended, "(abc)?de", "de");
    assert_needed(&extended, "(abc|de)", "");
    assert_needed(&extended, "(a)bcd\\1ef", "bcd");
    assert_needed(&extended, "abc|d", "");
    assert_needed(&extended, "abc|de.f", "abc,de");
    assert_needed(&extended, "abc\nabcd", "abc,abcd");
    assert_needed(&extended, "ab.\ncd*e|fg+", "");
    assert_needed(&extended, "abc.\ncdd*e|fg", "abc,cd,fg");
    assert_needed(&extended, "aa1\naa2\naa3\naa4\naa5", "aa");
    assert_needed(&extended, "aa1\naa2\naa3\na4", "aa1,aa2,aa3,a4");
    assert_needed(&extended, "aa1\nb", "");
    assert_needed(&extended, "aa.|aa.|aa.|aa.|aa.", "");
    assert_needed(&extended, "a\\.b\\<cd", "a.b");
    assert_needed(&ignore, "Ab.KSQL", "ksql");
    assert_needed(&basic, "a+bc\\+*d", "a+b");
    assert_needed(&perl, "abc", "abc");
    assert_needed(&perl, "abc.", "");
    assert_needed(&extended, "0123456789012345678901234567890123456789",
                  "01234567890123456789012345678901");
    assert_needed(&extended, ".0123456789012345678901234567890123?",
                  "01234567890123456789012345678901");
}

static void mistakes_are_told_in_greps_words(void **state)
{
    (void)state;
    static const char bracket[] = "Unmatched [, [^, [:, [., or [=";
    assert_wrong("[", bracket);
    assert_wrong("[^", bracket);
    assert_wrong("[a", bracket);
    assert_wrong("[]", bracket);
    assert_wrong("[a-", bracket);
    assert_wrong("[[:alpha:", bracket);
    assert_wrong("[[:alpha:]", bracket);
    assert_wrong("[[:", bracket);
    assert_wrong("[[=a", bracket);
    assert_wrong("[[:foo:]]", "Invalid character class name");
    assert_wrong("[[:ALPHA:]]", "Invalid character class name");
    assert_wrong("[[.ab.]]", "Invalid collation character");
    assert_wrong("[[==]]", "Invalid collation character");
    assert_wrong("[z-a]", "Invalid range end");
    assert_wrong("[a-b-c]", "Invalid range end");
    assert_wrong("[[:alpha:]-z]", "Invalid range end");
    assert_wrong("[a-[:alpha:]]", "Invalid range end");
    assert_wrong("[a-[=c=]]", "Invalid range end");
    assert_wrong("[:space:]", "character class syntax is [[:space:]], not [:space:]");
    assert_wrong("[^:space:]", "character class syntax is [[:space:]], not [:space:]");
    assert_wrong("(", "Unmatched ( or \\(");
    assert_wrong("a\n(b", "Unmatched ( or \\(");
    assert_wrong("a\\", "Trailing backslash");
    assert_wrong("a\\\nb", "Trailing backslash");
    assert_wrong("a{}", "Invalid content of \\{\\}");
    assert_wrong("a{5,2}", "Invalid content of \\{\\}");
    assert_wrong("a{1,2,3}", "Invalid content of \\{\\}");
    assert_wrong("a{32768}", "Regular expression too big");
    assert_wrong("a{99999999999999999999}", "Regular expression too big");
    assert_wrong("\\1", "Invalid back reference");
    assert_wrong("(a)\\2", "Invalid back reference");
    assert_wrong("(a\\1)", "Invalid back reference");
    assert_wrong("(a)|\\1", "Invalid back reference");
    assert_wrong("((a)|b\\2)", "Invalid back reference");
    assert_wrong("(a)\n\\1", "Invalid back reference");
}

static void what_looks_like_a_mistake_is_none(void **state)
{
    (void)state;
    assert_becomes("[:a]", "[\\x3aa]");
    assert_becomes("[::]", "[\\x3a]");
    assert_becomes("[:xa-c:]", "[\\x3aa-cx]");
    assert_becomes("[:[:lower:]:]", "[\\x3aa-z]");
    assert_becomes("[---]", "[\\x2d]");
    assert_becomes("((a)b)\\2", "((a)b)\\g{2}");
    assert_becomes("a{32767}", "a{32767,32767}");
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char words[1001];
    memset(words, '(', 1000);
    words[1000] = '\0';
    assert_wrong(words, "parentheses nest too deeply");
}

static void a_stray_backslash_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        char stray;
    } cases[] = {{"\\d+", 'd'}, {"a\\n", 'n'},  {"\\0", '0'},
                 {"\\w", 0},    {"\\/\\-.", 0}, {"\\.", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pattern pattern;
        const char *why;
        assert_int_equal(PATTERN_OK, read_words(&pattern, cases[i].words, &extended, &why));
        assert_int_equal(cases[i].stray, pattern.stray);
        pattern_free(&pattern);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_no_operator_is_plain),
        cmocka_unit_test(an_empty_pattern_is_plain),
        cmocka_unit_test(under_i_plain_strings_have_small_letters),
        cmocka_unit_test(words_and_lines_are_wrapped_around_all_alternatives),
        cmocka_unit_test(operators_are_translated),
        cmocka_unit_test(nothing_of_pcre2_can_be_reached),
        cmocka_unit_test(repeats_of_repeats_are_greedy),
        cmocka_unit_test(repeated_nothing_is_nothing),
        cmocka_unit_test(alternatives_in_parentheses_stand_behind_an_assertion),
        cmocka_unit_test(what_is_repeated_no_time_is_left_out),
        cmocka_unit_test(a_leading_any_is_left_out),
        cmocka_unit_test(what_is_no_operator_here_is_itself),
        cmocka_unit_test(brackets_are_sets),
        cmocka_unit_test(groups_capture_only_where_they_are_referred_to),
        cmocka_unit_test(basic_operators_have_a_backslash),
        cmocka_unit_test(what_all_matches_have_is_known),
        cmocka_unit_test(mistakes_are_told_in_greps_words),
        cmocka_unit_test(what_looks_like_a_mistake_is_none),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(a_stray_backslash_is_told),
    };
    return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
