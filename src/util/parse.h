/* util/parse: words of a command line to values. All are strict: the whole word or nothing. */
#ifndef KPIPE_UTIL_PARSE_H
#define KPIPE_UTIL_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A decimal count, at least `least`. False: not a number, too small, or over 2^63-1. */
bool parse_count(const char *word, uint64_t least, uint64_t *count);

/* Bytes: digits and at most one of K M G (powers of 1024, either case). False as parse_count. */
bool parse_size(const char *word, uint64_t *bytes);

/* A duration: digits and one of ms s m h d; no unit is seconds. Into milliseconds, at most 10^12.
 */
bool parse_duration(const char *word, int64_t *ms);

enum { SEPARATOR_MOST = 64 };

/* A separator of one or more bytes: \n \r \t \0 \\ \xNN stand for themselves, another escape, an
 * empty word or more than SEPARATOR_MOST bytes are refused (false). */
bool parse_separator(const char *word, uint8_t bytes[SEPARATOR_MOST], size_t *size);

/* The byte that stands behind a backslash at *word: n r t 0 \ or xNN; *word is past it. -1: none of
 * these. */
int parse_escape(const char **word);

#endif
