/* kcat-in/pacing: when a barrier is due, and how much may be on its way. Pure; times in ms.
 *
 * A barrier is due after `interval` of data, after `count` records, and when half of the window or
 * of the far end's spool is full. The window is how many records may be put and not acked:
 * unlimited at first; an ack that took longer than PACING_SLOW halves what was on its way then, so
 * that a drain (a revoke, a clean stop) stays bounded however slow a stage is; acks that come
 * quickly while the window was full let it grow again. */
#ifndef KPIPE_KCAT_IN_PACING_H
#define KPIPE_KCAT_IN_PACING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACING_SLOW = 1000, PACING_FAST = 500, PACING_BARRIERS = 64 };

struct pacing {
    int64_t interval; /* 0: only when the caller asks */
    uint64_t count;   /* 0: no count */
    uint64_t spool;   /* bytes that the far end holds until their barrier; 0: it does not hold */
    bool steady;      /* a slow ack is no reason to put less: it is a command that runs */
    uint64_t window;  /* records; 0: unlimited; the caller's to begin with */
    uint64_t put;     /* records in all */
    uint64_t acked;   /* of them: known to be safe */
    uint64_t marked;  /* of them: before the last barrier */
    uint64_t bytes;   /* since then */
    int64_t last;     /* when the last barrier was put */
    struct {
        int64_t number, time;
        uint64_t put, before; /* records in all then; acked ones then */
    } marks[PACING_BARRIERS]; /* by number, the latest */
};

void pacing_open(struct pacing *pacing, int64_t interval, uint64_t count, int64_t now);

/* One record of so many bytes was put. */
static inline void pacing_put(struct pacing *pacing, size_t bytes)
{
    pacing->put++;
    pacing->bytes += bytes;
}

/* Whether one more may be put now. */
static inline bool pacing_open_to(const struct pacing *pacing)
{
    return pacing->window == 0 || pacing->put - pacing->acked < pacing->window;
}

/* Whether a barrier is due; `moved`: the ledger has something for it. */
bool pacing_due(const struct pacing *pacing, bool moved, int64_t now);

/* How long until one is due by time alone; -1: never. */
int pacing_wait(const struct pacing *pacing, bool moved, int64_t now);

/* Barrier `number` was put; its ack came. */
void pacing_barrier(struct pacing *pacing, int64_t number, int64_t now);
void pacing_ack(struct pacing *pacing, int64_t number, int64_t now);

#endif
