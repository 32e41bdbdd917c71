/* sets: what GNU tr (coreutils 9.1) does with these words in the C locale, measured; and what is
 * said where it refuses them. tests/differential-tr makes many more. */
#include "ktr/sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct asked {
    const char *letters; /* options: c d s t */
    const char *one, *two;
};

static bool ask(const struct asked *asked, struct sets *sets, struct map *map, struct fault *fault)
{
    char one[128], two[128], *operands[] = {one, two, NULL};
    int count = (asked->one != NULL) + (asked->two != NULL);
    *fault = (struct fault){.tool = "ktr"};
    *sets = (struct sets){.complement = strchr(asked->letters, 'c') != NULL,
                          .drop = strchr(asked->letters, 'd') != NULL,
                          .squeeze = strchr(asked->letters, 's') != NULL,
                          .truncate = strchr(asked->letters, 't') != NULL};
    strcpy(one, count > 0 ? asked->one : "");
    strcpy(two, count > 1 ? asked->two : "");
    return sets_read(sets, count, operands, map, fault);
}

struct case_done {
    struct asked asked;
    const char *in, *out;
};

static void assert_done(const struct case_done *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct case_done *c = &cases[i];
        struct sets sets;
        struct map map;
        struct fault fault;
        uint8_t at[128];
        size_t size = strlen(c->in);
        if (!ask(&c->asked, &sets, &map, &fault))
            fail_msg("-%s '%s' '%s': %s", c->asked.letters, c->asked.one,
                     c->asked.two ? c->asked.two : "", fault.line);
        memcpy(at, c->in, size);
        size = map_apply(&map, at, size);
        if (size != strlen(c->out) || memcmp(at, c->out, size) != 0)
            fail_msg("-%s '%s' '%s': '%s' became '%.*s', not '%s'", c->asked.letters, c->asked.one,
                     c->asked.two ? c->asked.two : "", c->in, (int)size, (char *)at, c->out);
    }
}

#define DONE(cases) assert_done(cases, sizeof cases / sizeof cases[0])

struct case_refused {
    struct asked asked;
    const char *line;
};

static void assert_refused(const struct case_refused *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sets sets;
        struct map map;
        struct fault fault;
        assert_false(ask(&cases[i].asked, &sets, &map, &fault));
        assert_int_equal(fault.status, STATUS_USAGE);
        assert_string_equal(fault.line, cases[i].line);
    }
}

#define REFUSED(cases) assert_refused(cases, sizeof cases / sizeof cases[0])

static void bytes_and_ranges(void **state)
{
    (void)state;
    static const struct case_done cases[] = {
        {{"", "a-z", "A-Z"}, "talk ksql 7", "TALK KSQL 7"},
        {{"", "abc", "x"}, "aabbccd", "xxxxxxd"},
        {{"", "aa", "xy"}, "aba", "yby"},
        {{"", "a-", "xy"}, "a-b", "xyb"},
        {{"", "-a", "xy"}, "a-b", "yxb"},
        {{"", "a-a", "x"}, "ab-", "xb-"},
        {{"", "a-b-c", "xyz"}, "abc-", "xyzz"},
        {{"", "a-\\c", "xyz"}, "abc-", "xyz-"},
        {{"", "a\\-c", "xyz"}, "abc-", "xbzy"},
        {{"", "[a-b]", "[x-y]"}, "a[b]", "x[y]"},
        {{"", "[*-z", "Q"}, "[*a+)", "QQQQ)"},
        {{"", "", ""}, "abc", "abc"},
        {{"", "", "x"}, "abc", "abc"},
        {{"d", "\377", NULL}, "a\377b", "ab"},
    };
    DONE(cases);
}

static void escapes(void **state)
{
    (void)state;
    static const struct case_done cases[] = {
        {{"", "\\a\\b\\f\\n\\r\\t\\v\\\\", "1-8"}, "\a\b\f\n\r\t\v\\", "12345678"},
        {{"", "\\101\\61", "xy"}, "A1", "xy"},
        {{"", "\\1234", "xy"}, "S4", "xy"},
        {{"", "\\018", "xy"}, "\0018", "xy"},
        {{"", "\\q", "x"}, "q\\", "x\\"},
        {{"", "a\\", "xy"}, "a\\", "xy"},
        {{"", "\\400", "xy"}, " 0", "xy"},
        {{"", "\\777", "xy"}, "?7", "xy"},
        {{"", "x\\000", "yz"}, "x", "y"},
        {{"", "\\[:alpha:]", "x"}, "a[l:]z", "xxxxxz"},
        {{"", "[:al\\pha:]", "x"}, "a1:", "x1:"},
    };
    DONE(cases);
}

static void classes(void **state)
{
    (void)state;
    static const struct case_done cases[] = {
        {{"", "[:lower:]", "[:upper:]"}, "aZ1", "AZ1"},
        {{"", "[:upper:]", "[:lower:]"}, "aZ1", "az1"},
        {{"", "[:lower:][:upper:]", "[:upper:][:lower:]"}, "aZ1", "Az1"},
        {{"", "a[:lower:]", "b[:upper:]"}, "abA", "ABA"},
        {{"", "[:lower:]abc", "[:upper:]xy"}, "abcd", "xyyD"},
        {{"", "abc[:lower:]", "[x*][:upper:]"}, "abcd", "ABCD"},
        {{"", "AB[:upper:]", "xy[:upper:]"}, "ABC", "AyC"},
        {{"", "a", "bc[:upper:]"}, "abc", "bbc"},
        {{"", "[:digit:]", "x-z"}, "0123", "xyzz"},
        {{"d", "[:alnum:]", NULL}, "a1-Z_", "-_"},
        {{"d", "[:alpha:]", NULL}, "a1Z", "1"},
        {{"d", "[:blank:]", NULL}, " \t\n", "\n"},
        {{"d", "[:cntrl:]", NULL}, "\001 \177", " "},
        {{"d", "[:digit:]", NULL}, "a0z9", "az"},
        {{"d", "[:graph:]", NULL}, " a!~", " "},
        {{"d", "[:lower:]", NULL}, "azAZ", "AZ"},
        {{"d", "[:print:]", NULL}, " a~\n\377", "\n\377"},
        {{"d", "[:punct:]", NULL}, "!a/:@[`{~", "a"},
        {{"d", "[:space:]", NULL}, "a \t\n\v\f\rb", "ab"},
        {{"d", "[:upper:]", NULL}, "azAZ", "az"},
        {{"d", "[:xdigit:]", NULL}, "09afAFgG", "gG"},
        {{"", "[=a=][===]", "xy"}, "a=", "xy"},
        {{"", "[:alpha:", "x"}, "[z:", "xzx"},
        {{"", "[:]", "x"}, "[:]", "xxx"},
    };
    DONE(cases);
}

static void repeats(void **state)
{
    (void)state;
    static const struct case_done cases[] = {
        {{"", "abc", "[x*2]y"}, "abc", "xxy"},
        {{"", "abc", "[x*]"}, "abc", "xxx"},
        {{"", "abc", "[x*]y"}, "abc", "xxy"},
        {{"", "abc", "y[x*0]z"}, "abc", "yxz"},
        {{"", "abc", "xyz[w*]"}, "abc", "xyz"},
        {{"", "abcdefghi", "[x*010]y"}, "abcdefghi", "xxxxxxxxy"},
        {{"", "abc", "[x* +2]y"}, "abc", "xxy"},
        {{"", "[a*3]b", "xyzw"}, "ab", "zw"},
        {{"", "[a*1000000000000]b", "[x*1000000000000]y"}, "ab", "xy"},
        {{"", "[a*1000000000000]b", "x"}, "ab", "xx"},
        {{"", "abc", "[x*18446744073709551614]"}, "abc", "xxx"},
        {{"", "xyz", "[:*]"}, "xyz", ":::"},
        {{"", "xyz", "[:*5]:]"}, "xyz", ":::"},
        {{"", "xyz", "[=*5]=]"}, "xyz", "==="},
        {{"", "xyz", "[]*]"}, "xyz", "]]]"},
        {{"", "xyz", "[\\**2]Q"}, "xyz", "**Q"},
        {{"", "xyz", "[a\\*2]"}, "xyz", "[a*"},
        {{"", "xyz", "[a*\\2]"}, "xyz", "[a*"},
        {{"", "xyz", "[a*"}, "xyz", "[a*"},
    };
    DONE(cases);
}

static void options(void **state)
{
    (void)state;
    static const struct case_done cases[] = {
        {{"c", "a-z", "-"}, "a1b", "a-b"},
        {{"c", "\\0-\\377", ""}, "a1b", "a1b"},
        {{"c", "[:alpha:]", "[x*]"}, "a1b", "axb"},
        {{"t", "abc", "xy"}, "abc", "xyc"},
        {{"t", "abc", ""}, "abc", "abc"},
        {{"ct", "a", "[:upper:]"}, "\001b", "Bb"},
        {{"d", "abc", NULL}, "xaybzc", "xyz"},
        {{"cd", "abc", NULL}, "xaybzc", "abc"},
        {{"cd", "", NULL}, "abc", ""},
        {{"s", "abc", NULL}, "aabbxxcc", "abxxc"},
        {{"cs", "abc", NULL}, "aabbxxcc", "aabbxcc"},
        {{"s", "abc", "xyz"}, "aabbxxccdd", "xyxzdd"},
        {{"cs", "a-z", "-"}, "ab12 cd--", "ab-cd-"},
        {{"ds", "-", "a"}, "a-a-bb", "abb"},
        {{"cds", "ab", "a"}, "a-a-bb", "abb"},
        {{"ds", "-", "[:alpha:][=1=]"}, "aa-11", "a1"},
        {{"dst", "a", "b"}, "abba", "b"},
    };
    DONE(cases);
}

static void words_that_cannot_be_read(void **state)
{
    (void)state;
    static const struct case_refused cases[] = {
        {{"", "z-a", "x"},
         "SET1: range-endpoints of 'z-a' are in reverse collating sequence order: swap them, or "
         "write \\- for the byte -"},
        {{"", "a", "\002-\\1"},
         "SET2: range-endpoints of '\\002-\\001' are in reverse collating sequence order: swap "
         "them, or write \\- for the byte -"},
        {{"", "[:foo:]", "x"},
         "SET1: invalid character class 'foo': one of alnum alpha blank cntrl digit graph lower "
         "print punct space upper xdigit"},
        {{"", "[:alph:]", "x"},
         "SET1: invalid character class 'alph': one of alnum alpha blank cntrl digit graph lower "
         "print punct space upper xdigit"},
        {{"", "[:alphaa:]", "x"},
         "SET1: invalid character class 'alphaa': one of alnum alpha blank cntrl digit graph lower "
         "print punct space upper xdigit"},
        {{"", "[:1]:]", "x"},
         "SET1: invalid character class '1]': one of alnum alpha blank cntrl digit graph lower "
         "print punct space upper xdigit"},
        {{"", "[:*:]", "x"},
         "SET1: invalid character class '*': one of alnum alpha blank cntrl digit graph lower "
         "print "
         "punct space upper xdigit"},
        {{"", "[::]", "x"}, "SET1: missing character class name '[::]': write [:alpha:]"},
        {{"", "[==]", "x"}, "SET1: missing equivalence class character '[==]': write [=c=]"},
        {{"", "[=ab=]", "x"},
         "SET1: 'ab': equivalence class operand must be a single character: write [=c=]"},
        {{"", "a", "[x*08]"},
         "SET2: invalid repeat count '08' in [c*n] construct: write a decimal number, or an octal "
         "one with a 0 in front"},
        {{"", "a", "[x*9z]"},
         "SET2: invalid repeat count '9z' in [c*n] construct: write a decimal number, or an octal "
         "one with a 0 in front"},
        {{"", "a", "[x*+]"},
         "SET2: invalid repeat count '+' in [c*n] construct: write a decimal number, or an octal "
         "one with a 0 in front"},
        {{"", "a", "[x*18446744073709551615]"},
         "SET2: invalid repeat count '18446744073709551615' in [c*n] construct: write a decimal "
         "number, or an octal one with a 0 in front"},
    };
    REFUSED(cases);
}

static void sets_that_do_not_go_together(void **state)
{
    (void)state;
    static const char misaligned[] = "SET2: misaligned [:upper:] and/or [:lower:] construct: one "
                                     "must begin at the same place in SET1";
    static const char one_byte[] =
        "SET2: when translating with complemented character classes, SET2 must map all characters "
        "in the domain to one: give one byte";
    static const char other[] =
        "SET2: when translating, the only character classes that may appear in SET2 are 'upper' "
        "and 'lower': write the bytes, 0-9 for [:digit:]";
    static const struct case_refused cases[] = {
        {{"d", "[a*]", NULL}, "SET1: the [c*] repeat construct may not appear in SET1: write c"},
        {{"", "[a*0]", "b"}, "SET1: the [c*] repeat construct may not appear in SET1: write c"},
        {{"", "abc", "[x*][y*]"},
         "SET2: only one [c*] repeat construct may appear in SET2: write [c*n]"},
        {{"ds", "a", "[x*]"},
         "SET2: the [c*] construct may appear in SET2 only when translating: write c"},
        {{"", "abc", "[=x=]"},
         "SET2: [=c=] expressions may not appear in SET2 when translating: write c"},
        {{"", "abc", "[:alpha:]"}, other},
        {{"s", "abc", "[:digit:]"}, other},
        {{"", "abc", ""},
         "SET2: when not truncating SET1, SET2 must be non-empty: to delete bytes: -d SET1"},
        {{"", "[:lower:]a", "[:upper:]"},
         "SET2: when translating with SET1 longer than SET2, the latter string must not end with a "
         "character class: add a byte for the rest, or -t"},
        {{"c", "[:alpha:]", "xy"}, one_byte},
        {{"ct", "[:lower:]", "x"}, one_byte},
        {{"c", "[:lower:]", "[x*300]"}, one_byte},
        {{"", "x[:lower:]", "[:upper:]"}, misaligned},
        {{"", "[:lower:]", "x[:upper:]"}, misaligned},
        {{"", "[:alpha:]", "[:upper:]"}, misaligned},
        {{"", "[:lower:]", "[:upper:][:lower:]"}, misaligned},
        {{"", "", "[:upper:]"}, misaligned},
        {{"", "a", "b[:upper:]"}, misaligned},
        {{"", "a", "[x*18446744073709551613]yz"},
         "SET2: too many characters in set: use smaller repeats"},
        {{"d", "[x*18446744073709551614]y", NULL},
         "SET1: too many characters in set: use smaller repeats"},
    };
    REFUSED(cases);
}

static void operands_that_are_too_few(void **state)
{
    (void)state;
    static const struct case_refused cases[] = {
        {{"", NULL, NULL}, "SET1: missing operand: ktr SET1 SET2, or ktr -d SET1"},
        {{"", "a", NULL},
         "SET2: missing operand after 'a': two strings must be given when translating; to delete "
         "bytes: -d"},
        {{"t", "a", NULL},
         "SET2: missing operand after 'a': two strings must be given when translating; to delete "
         "bytes: -d"},
        {{"ds", "a", NULL},
         "SET2: missing operand after 'a': two strings must be given when both deleting and "
         "squeezing repeats"},
        {{"d", "a", "b"},
         "b: extra operand: only one string may be given when deleting without squeezing repeats"},
    };
    REFUSED(cases);
}

static void a_third_operand_is_refused(void **state)
{
    (void)state;
    char one[] = "a", two[] = "b", three[] = "in.txt", *operands[] = {one, two, three, NULL};
    struct sets sets = {0};
    struct map map;
    struct fault fault = {.tool = "ktr"};
    assert_false(sets_read(&sets, 3, operands, &map, &fault));
    assert_string_equal(fault.line,
                        "in.txt: extra operand: records come from a pipe: kcat-in FILE | ktr ...");
}

static void slips_are_noted(void **state)
{
    (void)state;
    static const struct {
        struct asked asked;
        const char *notes[2];
    } cases[] = {
        {{"", "a", "b"}, {"", ""}},
        {{"", "\\377", "\\\\"}, {"", ""}},
        {{"", "\\400", "\\"},
         {"the ambiguous octal escape \\400 is being interpreted as the 2-byte sequence \\040, 0: "
          "write \\0400",
          "an unescaped backslash at end of string is not portable: write \\\\"}},
        {{"", "\\501\\777", "x"},
         {"the ambiguous octal escape \\501 is being interpreted as the 2-byte sequence \\050, 1: "
          "write \\0501",
          ""}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sets sets;
        struct map map;
        struct fault fault;
        assert_true(ask(&cases[i].asked, &sets, &map, &fault));
        assert_string_equal(sets.notes[0], cases[i].notes[0]);
        assert_string_equal(sets.notes[1], cases[i].notes[1]);
    }
}

static void a_byte_that_does_not_print_is_shown_in_octal(void **state)
{
    (void)state;
    static const struct asked asked = {"", "[:a\n\\000\303\\\\:]", "x"};
    struct sets sets;
    struct map map;
    struct fault fault;
    assert_false(ask(&asked, &sets, &map, &fault));
    assert_non_null(strstr(fault.line, "invalid character class 'a\\012\\000\\303\\134':"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_and_ranges),
        cmocka_unit_test(escapes),
        cmocka_unit_test(classes),
        cmocka_unit_test(repeats),
        cmocka_unit_test(options),
        cmocka_unit_test(words_that_cannot_be_read),
        cmocka_unit_test(sets_that_do_not_go_together),
        cmocka_unit_test(operands_that_are_too_few),
        cmocka_unit_test(a_third_operand_is_refused),
        cmocka_unit_test(slips_are_noted),
        cmocka_unit_test(a_byte_that_does_not_print_is_shown_in_octal),
    };
    return cmocka_run_group_tests_name("sets", tests, NULL, NULL);
}
