#include "kout/exactly.h"

#include "kout/once.h"
#include "util/clock.h"
#include "util/sig.h"

enum { READ_OUT_MS = 10000 };

static void gather(struct once *once)
{
    bool records = once->waiting > 0 || changelog_due(&once->changelog);
    if (once->barrier != 0) {
        txn_barrier(&once->txn, once->barrier, records);
        once->barrier = 0;
    } else if (spool_full(&once->spool)) {
        txn_overflow(&once->txn);
    } else if (once->ended) {
        txn_end(&once->txn);
    } else if (!once_forsaken(once)) {
        once_rest(once);
    }
}

static void step(struct once *once, enum txn_action action)
{
    struct txn *txn = &once->txn;
    switch (action) {
    case TXN_READ:
        gather(once);
        break;
    case TXN_BEGIN:
        endtxn_begin(&once->instance.requests);
        if (txnio_begin(&once->instance.txnio) == TXNIO_DONE)
            txn_done(txn, false);
        break;
    case TXN_SEND:
        unspool_send(once);
        txn_done(txn, false);
        break;
    case TXN_FLUSH:
        unspool_reports(once);
        break;
    case TXN_PREPARE:
        commit_ask(once);
        break;
    case TXN_OFFSETS:
        commit_offsets(once);
        break;
    case TXN_COMMIT:
        commit_end(once);
        break;
    case TXN_ACK:
        delivery_ack(&once->delivery, txn->barrier);
        slot_keep(&once->instance.slot);
        txn_done(txn, false);
        break;
    case TXN_RENEW:
        commit_renew(once);
        break;
    case TXN_ABORT:
        commit_abort(once);
        break;
    case TXN_END:
        break;
    }
}

static void run(struct once *once)
{
    enum txn_action action, before = TXN_END;
    while ((action = txn_next(&once->txn)) != TXN_END) {
        if (action != before)
            once->since = clock_ms();
        before = action;
        intake_read(once);
        if (once->fault->status != 0 && (action != TXN_ABORT || once->txn.again))
            txn_fail(&once->txn);
        else
            step(once, action);
    }
}

/* What the source still wrote tells its fault: an ABORT, which it writes before it goes. */
static void read_out(struct once *once)
{
    struct frame frame;
    int64_t end = clock_ms() + READ_OUT_MS;
    struct pollfd fd = {.fd = once->reader->in.fd, .events = POLLIN};
    while (once->fault->status == 0 && clock_ms() < end) {
        enum reader_result got = reader_next(once->reader, &frame, 0);
        if (got == READER_EOF)
            return;
        if (got == READER_WAIT)
            sig_poll(&fd, 1, ONCE_IDLE_MS);
    }
}

bool exactly_run(const struct exactly_options *options, struct reader *reader, struct fault *fault)
{
    struct once once = {.options = options,
                        .fault = fault,
                        .reader = reader,
                        .careful = options->writing->refused != WRITING_FAIL};
    instance_start(&once.instance);
    delivery_open(&once.delivery, false, fault);
    delivery_spare(&once.delivery, reader);
    once.delivery.ready.flags = WIRE_ONCE;
    once.delivery.ready.spool = options->spool;
    once.delivery.ready.rate = (int64_t)options->writing->rate;
    rate_open(&once.rate, options->writing->rate);
    once.delivery.keeps = true;
    spool_open(&once.spool, options->spool);
    changelog_open(&once.changelog, fault);
    txn_open(&once.txn);
    run(&once);
    if (once.forsaken)
        read_out(&once);
    delivery_finish(&once.delivery);
    send_tell(&once.instance.send);
    spool_close(&once.spool);
    instance_close(&once.instance);
    changelog_close(&once.changelog);
    return fault->status == 0;
}
