/* kgrep/bracket: a bracket expression, [a-z] or [^[:space:]x], as a set of bytes.
 *
 * POSIX 9.3.5 in the C locale, as GNU grep 3.8 with glibc 2.36 reads it: a backslash is itself,
 * ranges go by byte value, [=x=] and [.x.] hold one byte each, a hyphen that is neither first, last
 * nor an end of a range is a mistake. */
#ifndef KPIPE_KGREP_BRACKET_H
#define KPIPE_KGREP_BRACKET_H

#include <stdbool.h>
#include <stdint.h>

struct bracket {
    bool in[256];  /* the bytes that are named */
    bool inverted; /* [^...]: all but these are meant */
};

/* Reads what follows '[', from *at to `end`; *at is behind the ']' afterwards. Returns NULL, or
 * what is wrong in grep's words. */
const char *bracket_read(struct bracket *bracket, const uint8_t **at, const uint8_t *end);

#endif
