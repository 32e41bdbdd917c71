/* kout/txnio: the client library's transaction calls, each with what its errors mean for us.
 *
 * Written for librdkafka 2.0.2. rd_kafka_commit_transaction() and rd_kafka_init_transactions() can
 * be given a short time and called again until they are through;
 * rd_kafka_send_offsets_to_transaction() cannot: a second call is a second request. */
#ifndef KPIPE_KOUT_TXNIO_H
#define KPIPE_KOUT_TXNIO_H

#include "ack/grant.h"
#include "kout/changelog.h"
#include "kout/slot.h"

#include <librdkafka/rdkafka.h>

struct txnio {
    struct fault *fault;
    rd_kafka_t *handle;
    struct slot *slot;
    const struct changelog *changelog; /* whose notes go with the offsets */
};

enum txnio_result {
    TXNIO_DONE,
    TXNIO_AGAIN, /* not through in time: call it again */
    TXNIO_FAILED /* the fault is set: what came of it is not known, or known to be nothing */
};

/* Makes this producer the one that has the transactional.id: what an earlier one left open is
 * aborted, and it is fenced. Waits at most wait_ms. */
enum txnio_result txnio_init(const struct txnio *txnio, int wait_ms);

enum txnio_result txnio_begin(const struct txnio *txnio);

/* The granted offsets into the transaction. Waits until the coordinator has answered, at most as
 * long as a transaction may take. Never TXNIO_AGAIN. */
enum txnio_result txnio_offsets(const struct txnio *txnio, struct grant *grant);

enum txnio_result txnio_commit(const struct txnio *txnio, int wait_ms);

/* Where it fails, the transaction's time-out does it. */
enum txnio_result txnio_abort(const struct txnio *txnio, int wait_ms);

#endif
