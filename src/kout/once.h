/* kout/once: the state of a run exactly once, shared by exactly (the run, one step after the
 * other), intake (from the stream into the spool), unspool (from the spool to the topic) and commit
 * (how a transaction ends). kout/txn tells which step is next. */
#ifndef KPIPE_KOUT_ONCE_H
#define KPIPE_KOUT_ONCE_H

#include "ack/delivery.h"
#include "kout/changelog.h"
#include "kout/exactly.h"
#include "kout/instance.h"
#include "kout/rate.h"
#include "kout/spool.h"
#include "kout/txn.h"
#include "util/clock.h"

enum { ONCE_IDLE_MS = 100 }; /* what a call of the library may take with nothing to read */

struct once {
    const struct exactly_options *options;
    struct fault *fault;
    struct reader *reader;
    struct delivery delivery;
    struct instance instance;
    struct txn txn;
    struct spool spool;
    struct rate rate;
    struct frame next; /* a record that was read, and its turn has not come: kind 0: none */
    bool careful; /* what the broker refuses is left out: the spool is kept until all reports are in
                   */
    bool again;   /* this barrier's transaction was aborted for that ... */
    uint64_t rounds;  /* ... so many times */
    uint64_t waiting; /* frames in the spool for which there must be a transaction */
    struct changelog changelog;
    uint32_t partitions; /* OPEN's */
    int64_t barrier;     /* read, and not begun; 0: none */
    int64_t since;       /* when the present step began, by clock_ms() */
    bool ended;          /* the stream has */
    bool forsaken;       /* the source has said its last word before the stream's end */
};

/* Makes a producer that can begin transactions: at OPEN, and in place of a tainted one. False: the
 * fault is set. */
bool once_open(struct once *once);

/* Runs the callbacks of what the library has to tell. */
void once_serve(struct once *once);

/* Sleeps until there is something to read, the library has something to tell, or `source`, the
 * socket to it, has a word of it; with -1, none, for ONCE_IDLE_MS at most. */
void once_sleep(const struct once *once, int source);

/* Both, with the source. */
void once_rest(struct once *once);

/* Whether no answer of the source will come any more: nothing more is committed then, and the
 * stream's end tells why. */
bool once_forsaken(struct once *once);

/* How long a call of the library may take, ms. */
int once_slice(const struct once *once);

/* intake.c: whether more may be read: one barrier ahead, and what the spool holds. */
bool intake_may(const struct once *once);

/* Reads what is there, as far as it may; waits for nothing. */
void intake_read(struct once *once);

/* unspool.c: TXN_SEND: hands over what the spool holds, and the barrier's markers. It stays in the
 * spool while records of it may be left out. */
void unspool_send(struct once *once);

/* TXN_FLUSH: waits a slice for the reports; all there and good: done; some refused that can be left
 * out: txn_again(). */
void unspool_reports(struct once *once);

/* commit.c: TXN_PREPARE: asks the source, and waits for its answer. */
void commit_ask(struct once *once);

/* TXN_OFFSETS: what it granted goes into the transaction. */
void commit_offsets(struct once *once);

/* TXN_COMMIT: goes on with it for a slice, or sleeps while its EndTxn is under way. 75 where no
 * answer comes, or the client says more than it has asked for. */
void commit_end(struct once *once);

/* TXN_ABORT: as good as it goes before the end; to its end where the barrier is begun again. */
void commit_abort(struct once *once);

/* TXN_RENEW: another instance of the producer; what is left of the old one is fenced by its higher
 * epoch. */
void commit_renew(struct once *once);

#endif
