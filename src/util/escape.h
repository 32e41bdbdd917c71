/* util/escape: foreign bytes made safe to look at.
 *
 * C0 controls, DEL, C1 controls (U+0080-U+009F), characters that do not show or turn the direction
 * of others (U+200B, U+202E and their like) and bytes that are not UTF-8 become \xNN (\n \r \t for
 * those three), byte by byte; all else is copied. So no byte of a record, a topic name or a
 * broker's error text can steer a terminal (CVE-2021-25743, CVE-2024-52005 did just that). */
#ifndef KPIPE_UTIL_ESCAPE_H
#define KPIPE_UTIL_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

enum { ESCAPE_MOST = 4 }; /* one byte becomes at most so many */

/* How many bytes at `at` are one plain, printable UTF-8 character: 1 to 4; 0 when the first byte
 * must be escaped. size is at least 1. */
size_t escape_plain(const uint8_t *at, size_t size);

/* Escapes one byte into `to` (room for ESCAPE_MOST). Returns how many bytes it became. */
size_t escape_byte(char *to, uint8_t byte);

/* Escapes `size` bytes into `to`, at most `room` bytes, never half a character, no NUL added.
 * Returns the number of bytes written. */
size_t escape_bytes(char *to, size_t room, const uint8_t *at, size_t size);

#endif
