/* kgrep/ere: one POSIX extended regular expression to PCRE2's language.
 *
 * Both engines search alike, but their languages do not: each operator is read here by GNU's
 * grammar and written in PCRE2's, every other byte is escaped, so that nothing of PCRE2's own
 * syntax can be reached. */
#ifndef KPIPE_KGREP_ERE_H
#define KPIPE_KGREP_ERE_H

#include "kgrep/buffer.h"

struct ere {
    struct buffer *out; /* the PCRE2 pattern grows here */
    unsigned groups; /* capturing groups in it so far: several expressions may share one pattern */
    char stray;      /* the first letter or 0 behind a backslash that means nothing, NUL: none */
};

/* Appends the expression at `at` up to `end`. Returns NULL, or what is wrong in grep's words. A
 * lack of memory shows in ere->out. */
const char *ere_translate(struct ere *ere, const uint8_t *at, const uint8_t *end);

#endif
