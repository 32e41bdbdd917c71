/* json/base64: RFC 4648 section 4, with its padding, without anything in between. Pure. */
#ifndef KPIPE_JSON_BASE64_H
#define KPIPE_JSON_BASE64_H

#include "util/span.h"

/* How many bytes these digits stand for; SIZE_MAX: they cannot be base64. */
size_t base64_size(struct span digits);

/* Writes base64_size() bytes. False: a byte that is no digit, or bits that stand for nothing. */
bool base64_read(struct span digits, uint8_t *to);

/* Writes the four digits of 1 to 3 bytes; fewer than 3 are the last. */
void base64_write(struct span bytes, uint8_t to[4]);

#endif
