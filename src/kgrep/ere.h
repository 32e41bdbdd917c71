/* kgrep/ere: one POSIX regular expression, extended or basic, to PCRE2's language.
 *
 * Both engines search alike, but their languages do not: each operator is read here by GNU's
 * grammar and written in PCRE2's, every other byte is escaped, so that nothing of PCRE2's own
 * syntax can be reached. */
#ifndef KPIPE_KGREP_ERE_H
#define KPIPE_KGREP_ERE_H

#include "kgrep/buffer.h"

#include "kgrep/needed.h"

struct ere {
    struct buffer *out; /* the PCRE2 pattern grows here */
    bool basic;         /* else extended */
    bool captures;      /* all parentheses are groups, not only those that are referred back to */
    bool ignore_case;   /* what is needed is told in small letters */
    bool anywhere;      /* a match may begin anywhere: a leading .* says nothing, and is left out */
    unsigned groups; /* capturing groups in it so far: several expressions may share one pattern */
    bool branches;   /* parentheses with alternatives were seen */
    char stray;      /* the first letter or 0 behind a backslash that means nothing, NUL: none */
    struct needed needed; /* each match of any expression so far has one of these */
};

/* Appends the expression at `at` up to `end`. Returns NULL, or what is wrong in grep's words. A
 * lack of memory shows in ere->out. */
const char *ere_translate(struct ere *ere, const uint8_t *at, const uint8_t *end);

#endif
