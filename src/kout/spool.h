/* kout/spool: frames that are held until their barrier is there. Pure. */
#ifndef KPIPE_KOUT_SPOOL_H
#define KPIPE_KOUT_SPOOL_H

#include "stream/frame.h"

struct spool {
    uint8_t *at; /* owned */
    size_t size, room;
    size_t limit; /* bytes to hold; one frame may go beyond */
    size_t next;  /* where spool_next() goes on */
};

void spool_open(struct spool *spool, size_t limit);

static inline bool spool_full(const struct spool *spool)
{
    return spool->size >= spool->limit;
}

/* Keeps a copy of a frame that was decoded. False: no memory. */
bool spool_put(struct spool *spool, const struct frame *frame);

/* The frames in their order, from the first one after spool_rewind(). They live until
 * spool_empty(). False: no more. */
void spool_rewind(struct spool *spool);
bool spool_next(struct spool *spool, struct frame *frame);

/* Forgets them; memory beyond the limit is given back. */
void spool_empty(struct spool *spool);

void spool_close(struct spool *spool);

#endif
