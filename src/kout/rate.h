/* kout/rate: when the next of so many records a second may go. Pure; times in ms.
 *
 * Each record moves the time at which the next one is due by a second's share (GCRA); one may go
 * RATE_SLICE early, so that a fast rate does not wake us for every record. In any time of t ms at
 * most (t + RATE_SLICE) * rate / 1000 + 1 records go, also after a silence: what was not used then
 * is lost. */
#ifndef KPIPE_KOUT_RATE_H
#define KPIPE_KOUT_RATE_H

#include <stdint.h>

enum { RATE_SLICE = 10 };

struct rate {
    int64_t share; /* ns a record; 0: any number may go */
    int64_t due;   /* when the next one is, ns */
};

/* `records` a second; 0: any number. */
void rate_open(struct rate *rate, uint64_t records);

/* How long until one may go, at least 1; 0: now. */
int rate_wait(const struct rate *rate, int64_t now);

/* One goes. */
void rate_take(struct rate *rate, int64_t now);

#endif
