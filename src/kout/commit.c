/* kout/commit: how a transaction ends: the source's word, its offsets, the commit or the abort. */
#include "ack/grant.h"
#include "kout/once.h"
#include "util/clock.h"

enum {
    COMMIT_MS = 60000, /* then what came of it is not known */
    ANSWERED_MS = 5000,
    ABORT_MS = 2000
};

void commit_ask(struct once *once)
{
    struct guest *guest = &once->delivery.guest;
    static const enum txn_answer answers[] = {
        [WIRE_GRANT] = TXN_GRANTED, [WIRE_DENY] = TXN_DENIED, [WIRE_EMPTY] = TXN_EMPTY};
    if (guest->asked != once->txn.barrier)
        guest_prepare(guest, once->txn.barrier);
    if (once_forsaken(once))
        return;
    if (guest->answer == 0)
        once_rest(once);
    else if (guest->answer == WIRE_DENY)
        fault_set(
            once->fault, STATUS_RETRY,
            "the group gave our partitions to others: start again: nothing is lost or doubled");
    else if (!txn_answered(&once->txn, answers[guest->answer]))
        fault_set(once->fault, STATUS_STREAM,
                  "standard input: has records that its source knows nothing of");
}

void commit_offsets(struct once *once)
{
    struct guest *guest = &once->delivery.guest;
    struct grant grant;
    if (!grant_read(&grant, span_of(guest->grant, guest->grant_size)) || grant.count == 0)
        fault_set(once->fault, STATUS_STREAM, "the ack socket: a grant that makes no sense");
    else if (txnio_offsets(&once->instance.txnio, &grant) == TXNIO_DONE)
        txn_done(&once->txn, false);
}

/* What is asked before the EndTxn may be given up, once; all else waits (kout/endtxn.h). */
static enum txnio_result commit_on(struct once *once)
{
    struct endtxn *requests = &once->instance.requests;
    const struct txnio *txnio = &once->instance.txnio;
    if (endtxn_under_way(requests)) {
        once_sleep(once, -1);
        return TXNIO_AGAIN;
    }
    enum txnio_result got =
        txnio_commit(txnio, endtxn_asked(requests) ? ANSWERED_MS : once_slice(once));
    return got == TXNIO_AGAIN && !endtxn_asked(requests) ? txnio_commit(txnio, ANSWERED_MS) : got;
}

void commit_end(struct once *once)
{
    once_serve(once);
    if (once->fault->status != 0)
        return;
    enum txnio_result got = commit_on(once);
    if (got == TXNIO_DONE && !endtxn_ended(&once->instance.requests))
        fault_set(once->fault, STATUS_RETRY,
                  "transaction %s: the client library calls it committed and has not asked for it: "
                  "start again: nothing is lost or doubled",
                  once->instance.slot.id);
    else if (got == TXNIO_DONE)
        txn_done(&once->txn, endtxn_tainted(&once->instance.requests));
    else if (got == TXNIO_AGAIN && clock_ms() - once->since > COMMIT_MS)
        fault_set(
            once->fault, STATUS_RETRY,
            "transaction %s: no answer to its commit: start again: nothing is lost or doubled",
            once->instance.slot.id);
}

/* Why it all ends is known, or the source tells it: that this fails is no fault of its own. */
static void last_abort(const struct once *once)
{
    struct fault aside = {.tool = once->fault->tool};
    struct txnio txnio = once->instance.txnio;
    txnio.fault = &aside;
    txnio_abort(&txnio, ABORT_MS);
}

void commit_abort(struct once *once)
{
    if (!once->txn.again) {
        last_abort(once);
        txn_done(&once->txn, false);
        return;
    }
    enum txnio_result got = txnio_abort(&once->instance.txnio, ONCE_IDLE_MS);
    if (got == TXNIO_DONE)
        txn_done(&once->txn, false);
    else if (got == TXNIO_AGAIN && clock_ms() - once->since > COMMIT_MS)
        fault_set(once->fault, STATUS_RETRY,
                  "transaction %s: no answer to its abort: start again: nothing is lost or doubled",
                  once->instance.slot.id);
}

void commit_renew(struct once *once)
{
    struct known known = send_known(&once->instance.send);
    send_close(&once->instance.send);
    bool opened = once_open(once);
    send_learn(&once->instance.send, &known);
    if (opened)
        txn_done(&once->txn, false);
}
