/* kgrep/needed: a few strings of which every match has one, wherever that can be told of a pattern:
 * what has none of them need not be searched. */
#ifndef KPIPE_KGREP_NEEDED_H
#define KPIPE_KGREP_NEEDED_H

#include "util/span.h"

enum { NEEDED_BYTES = 32, NEEDED_LEAST = 2, NEEDED_MOST = 4 };

/* Bytes in a row. */
struct needed_row {
    uint8_t at[NEEDED_BYTES];
    size_t size;
};

struct needed {
    struct needed_row rows[NEEDED_MOST];
    size_t count;
    bool none; /* a match may have none of them: there are too many ways, or too short ones */
};

/* One more way to match, of which this is the row. */
static inline void needed_add(struct needed *needed, const struct needed_row *row)
{
    needed->none = needed->none || needed->count == NEEDED_MOST || row->size < NEEDED_LEAST;
    if (!needed->none)
        needed->rows[needed->count++] = *row;
}

#endif
