/* kgrep/pattern: what was given as PATTERN, made ready to be matched. Pure: text to text.
 *
 * PATTERN is one pattern a line; a record that any of them matches is selected. They are POSIX
 * regular expressions, extended or basic, as GNU grep 3.8 reads them in the C locale (XBD 9.4, 9.3
 * and its \w \W \s \S \b \B \< \> \` \' and back-references), fixed strings, or one of Perl's
 * expressions, which PCRE2 reads itself. A pattern without an operator is plain bytes, for a plain
 * search; all else becomes one PCRE2 pattern. What GNU accepts where POSIX is silent (a leading *,
 * a brace that is no interval, an unmatched closing parenthesis) means the same here; kgrep(1),
 * CAVEATS, lists the few exceptions. */
#ifndef KPIPE_KGREP_PATTERN_H
#define KPIPE_KGREP_PATTERN_H

#include "kgrep/needed.h"

enum pattern_language {
    PATTERN_EXTENDED, /* -E */
    PATTERN_BASIC,    /* -G */
    PATTERN_FIXED,    /* -F: no operators */
    PATTERN_PERL      /* -P */
};

struct pattern_rules {
    enum pattern_language language;
    bool ignore_case; /* -i, ASCII */
    bool word;        /* -w: a match neither follows nor precedes a letter, digit or underscore */
    bool line;        /* -x: a match is the whole field; stands over word */
    bool places;      /* what matched is asked for, and what its parentheses did: they are groups */
};

struct pattern {
    bool plain;  /* text is strings to be found, a newline behind each; rules still hold */
    char *text;  /* owned. Not plain: a PCRE2 pattern in which word and line are worked in */
    size_t size; /* no NUL is added */
    char stray;  /* a letter or 0 that a backslash stands before in vain (\d), or NUL */
    struct needed needed; /* in small letters under ignore_case ... */
    bool needed_whole;    /* ... and each of them is a match */
};

enum pattern_result {
    PATTERN_OK,
    PATTERN_WRONG, /* *why says so in grep's words */
    PATTERN_MEMORY /* none left */
};

/* Reads `words`, a newline behind each pattern, by the rules; without any pattern nothing matches.
 * pattern_free() afterwards, whatever the result. */
enum pattern_result pattern_read(struct pattern *pattern, struct span words,
                                 const struct pattern_rules *rules, const char **why);

void pattern_free(struct pattern *pattern);

#endif
