/* kgrep/pattern: what was given as PATTERN, made ready to be matched. Pure: text to text.
 *
 * PATTERN is one pattern a line; a record that any of them matches is selected. They are POSIX
 * extended regular expressions as GNU grep 3.8 reads them in the C locale (XBD 9.4 and its \w \W \s
 * \S \b \B \< \> \` \' and back-references), or fixed strings. A pattern without an operator is
 * plain bytes, for a plain search; all else becomes one PCRE2 pattern. What GNU accepts where
 * POSIX is silent (a leading *, a brace that is no interval, an unmatched closing parenthesis)
 * means the same here; kgrep(1), CAVEATS, lists the few exceptions. */
#ifndef KPIPE_KGREP_PATTERN_H
#define KPIPE_KGREP_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pattern_rules {
    bool fixed;       /* -F: no operators */
    bool ignore_case; /* -i, ASCII */
    bool word;        /* -w: a match neither follows nor precedes a letter, digit or underscore */
    bool line;        /* -x: a match is the whole field; stands over word */
};

struct pattern {
    bool plain;  /* text is strings to be found, a newline between two; rules still hold */
    char *text;  /* owned. Not plain: a PCRE2 pattern in which word and line are worked in */
    size_t size; /* no NUL is added */
    char stray;  /* a letter or 0 that a backslash stands before in vain (\d), or NUL */
};

enum pattern_result {
    PATTERN_OK,
    PATTERN_WRONG, /* *why says so in grep's words */
    PATTERN_MEMORY /* none left */
};

/* Reads `words` by the rules. pattern_free() afterwards, whatever the result. */
enum pattern_result pattern_read(struct pattern *pattern, const char *words,
                                 const struct pattern_rules *rules, const char **why);

void pattern_free(struct pattern *pattern);

#endif
