/* kpipe-loop/again: whether a pipeline that has ended is run again, and after what wait. Pure.
 *
 * What passes is tried again: 69 (no broker), 75 (try again), and the three ways in which the last
 * stage dies without a word, 134, 137 and 139 (SIGABRT, SIGKILL, SIGSEGV). Nothing else is: 0 is
 * the end, 130 and 143 are somebody's wish, the rest wants mending first. Runs in a row that had
 * no acknowledgement do nothing but load the broker: after some of them it is over, too. A broker
 * that cannot be reached is nobody's mistake, so a 69 does not count towards them. */
#ifndef KPIPE_KPIPE_LOOP_AGAIN_H
#define KPIPE_KPIPE_LOOP_AGAIN_H

#include <stdbool.h>
#include <stdint.h>

enum {
    AGAIN_WAIT_MS = 100,        /* before the second run; doubled before each later one ... */
    AGAIN_MOST_WAIT_MS = 30000, /* ... up to this, where the user says nothing else */
    AGAIN_TRIES = 3
};

struct again {
    int64_t most_wait_ms;
    uint64_t tries; /* runs without an acknowledgement, one after the other, that are enough */
    int64_t wait_ms;
    uint64_t fruitless; /* such runs so far */
};

enum again_verdict {
    AGAIN_RUN,      /* after again.wait_ms */
    AGAIN_END,      /* the status is what it is */
    AGAIN_FRUITLESS /* it could be tried again, and was often enough */
};

/* most_wait_ms and tries are at least 1. */
void again_open(struct again *again, int64_t most_wait_ms, uint64_t tries);

/* A run has ended with `status` after lasted_ms; `acked`: something of it was acknowledged. A run
 * longer than the longest wait begins the waits anew. */
enum again_verdict again_after(struct again *again, int status, bool acked, int64_t lasted_ms);

#endif
