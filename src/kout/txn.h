/* kout/txn: what has to be done next for exactly once. Pure: it neither reads nor calls anybody.
 *
 * One Kafka transaction a barrier, in this order and no other: the barrier is there; begin; the
 * records; every delivery report good; PREPARE; the source's GRANT; its offsets; commit; ACK. The
 * transaction begins late, when its barrier is there, so that it lives as long as its commit and
 * not as long as the slowest stage; only a spool that is full before its barrier begins it early.
 * Where the broker refuses records that are to be left out, and all of the barrier's are still
 * held, the transaction is aborted and another one begun with the rest of them: txn_again(). That
 * takes a new instance of the producer, too: librdkafka 2.0.2 goes on to number messages behind
 * the batch that was refused, and the broker misses those in between.
 * What fails ends everything: nothing follows such an abort, because filters hold state of it. A
 * commit whose instance of the producer is tainted (kout/endtxn) is good, but the instance is not
 * used again.
 *
 *     while ((action = txn_next(&txn)) ...) do it, and tell what came of it
 */
#ifndef KPIPE_KOUT_TXN_H
#define KPIPE_KOUT_TXN_H

#include <stdbool.h>
#include <stdint.h>

enum txn_action {
    TXN_READ,    /* gather records until txn_barrier() or txn_overflow() */
    TXN_BEGIN,   /* begin a transaction */
    TXN_SEND,    /* hand over what was gathered */
    TXN_FLUSH,   /* wait until all reports are there and good */
    TXN_PREPARE, /* ask the source, wait for its answer */
    TXN_OFFSETS, /* the granted offsets into the transaction */
    TXN_COMMIT,  /* commit it */
    TXN_ACK,     /* tell the source that barrier txn->barrier is safe */
    TXN_RENEW,   /* another instance of the producer, with the same transactional.id */
    TXN_ABORT,   /* abort the open transaction, as good as it goes */
    TXN_END      /* nothing any more */
};

struct txn {
    enum txn_action step;
    bool open;       /* a transaction was begun and neither committed nor aborted */
    bool records;    /* since the barrier before */
    bool reached;    /* the barrier is there */
    bool early;      /* some of its records were handed over before it, and are not held */
    bool again;      /* its transaction is being aborted to be tried again */
    bool tainted;    /* a request of this instance had no answer */
    int64_t barrier; /* that is being committed, or was last; 0: none */
};

enum txn_answer { TXN_GRANTED, TXN_EMPTY, TXN_DENIED };

void txn_open(struct txn *txn);

static inline enum txn_action txn_next(const struct txn *txn)
{
    return txn->step;
}

/* While TXN_READ: the barrier is there; or there is no more room before it. `records`: there are
 * some that were not handed over. */
void txn_barrier(struct txn *txn, int64_t barrier, bool records);
void txn_overflow(struct txn *txn);

/* What TXN_BEGIN, SEND, FLUSH, OFFSETS, COMMIT, ACK, RENEW, ABORT asked for is done. `tainted`
 * counts after TXN_COMMIT. */
void txn_done(struct txn *txn, bool tainted);

/* The source's answer to TXN_PREPARE. False: it contradicts what we have: EMPTY, and there were
 * records. */
bool txn_answered(struct txn *txn, enum txn_answer answer);

/* While TXN_FLUSH, in place of txn_done(): records were refused that can be left out: abort, and
 * from TXN_BEGIN on again. False: not all of the records are held; nothing has changed. */
bool txn_again(struct txn *txn);

/* Something failed, was denied, or the input ended early, at any step: what is open is aborted, and
 * then nothing any more. */
void txn_fail(struct txn *txn);

/* The input ended as it should, after the last barrier: TXN_END. */
void txn_end(struct txn *txn);

#endif
