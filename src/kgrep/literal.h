/* kgrep/literal: plain strings sought in bytes, faster than a regular expression can.
 *
 * The rarest byte of a string, by a table of how common bytes are in text and logs, is looked for
 * with memchr(3) and the rest compared where it stands. Where it stands too often in vain,
 * memmem(3), which is linear whatever comes, takes over. Measured on lines of 80 bytes (gcc 12,
 * glibc 2.36), a lookup: "ksql" 14 ns (memmem alone 44), "ERROR" 23 (37), "tion" 53 (50). */
#ifndef KPIPE_KGREP_LITERAL_H
#define KPIPE_KGREP_LITERAL_H

#include "util/span.h"

enum literal_where {
    LITERAL_ANYWHERE,
    LITERAL_WORD, /* between bytes, or ends, that are no letter, digit or underscore */
    LITERAL_WHOLE /* it is the whole field */
};

struct literal {
    struct span bytes;
    size_t rare; /* where in bytes the rarest one is */
};

struct literals {
    struct literal *items; /* owned */
    size_t count;
    enum literal_where where;
};

/* Takes the strings in `text`, newlines between them; the spans point into it. False: no memory. */
bool literals_open(struct literals *literals, struct span text, enum literal_where where);

/* Whether one of them is in `field` (not null) as `where` says. */
bool literals_find(const struct literals *literals, struct span field);

void literals_close(struct literals *literals);

#endif
