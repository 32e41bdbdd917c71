/* kout/endtxn: which requests of a transaction had no answer, and whether its end had one.
 *
 * The client library speaks to the transaction coordinator without KIP-890: a request that timed
 * out or whose connection broke can still lie somewhere, arrive late, and then act on the NEXT
 * transaction of the same producer instance: end it half-way, or put old offsets into it. No answer
 * of a later call shows that. So where such a request ends without an answer, an error being an
 * answer, the instance is tainted, and another one, whose epoch is higher, has to take its place
 * before the next transaction begins.
 *
 * Every request that was sent ends by the library's word, an answer's or its own error's; it gives
 * that word twice (2.0.2 to 2.16: once in the broker's thread, once in its own), so that counting
 * words against requests tells nothing.
 *
 * The library's word that a transaction is committed is not enough either: where a call that could
 * be resumed was given up while its thread had not begun it (a machine that is very busy), its
 * result is taken for that of a later call (2.0.2, rd_kafka_txn_op_req), and a commit may be said
 * to be good for which no EndTxn was sent. */
#ifndef KPIPE_KOUT_ENDTXN_H
#define KPIPE_KOUT_ENDTXN_H

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <stdbool.h>

struct endtxn {
    atomic_bool unanswered; /* the library's threads say so */
    atomic_bool asked;      /* and that an EndTxn was sent, since endtxn_begin(), */
    atomic_bool under_way;  /* and has not ended yet, */
    atomic_bool ended;      /* and that one was answered */
    int wake; /* an eventfd, the caller's: readable when one ends; set before the first begins */
};

/* Has the producer made of `conf` tell *requests, which must outlive it. Starts untainted. */
void endtxn_watch(rd_kafka_conf_t *conf, struct endtxn *requests);

/* A transaction begins: the one before has been committed. */
void endtxn_begin(struct endtxn *requests);

/* Whether its EndTxn has been sent; and whether it is under way: sent, and neither answered nor
 * given up by the library. */
bool endtxn_asked(struct endtxn *requests);
bool endtxn_under_way(struct endtxn *requests);

/* Whether its EndTxn has been answered, whatever the answer. */
bool endtxn_ended(struct endtxn *requests);

/* Whether a request that was sent has ended without an answer. */
bool endtxn_tainted(struct endtxn *requests);

#endif
