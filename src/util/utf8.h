/* util/utf8: characters as RFC 3629 has them: no overlong forms, no surrogates, none past U+10FFFF.
 */
#ifndef KPIPE_UTIL_UTF8_H
#define KPIPE_UTIL_UTF8_H

#include "util/span.h"

/* How many bytes the character at `at` takes, 1 to 4; 0: `size` bytes, 1 or more, do not begin with
 * a whole one. */
size_t utf8_length(const uint8_t *at, size_t size);

/* The code point of a character of that length. */
uint32_t utf8_point(const uint8_t *at, size_t length);

/* Whether all of the bytes are whole characters. */
bool utf8_valid(struct span bytes);

#endif
