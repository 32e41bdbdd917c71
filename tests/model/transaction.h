/* model/transaction: what a sink may do when, exactly once, from kdelivery(7) alone. It shares no
 * file and no type with src/: told of each deed, it says whether that one is allowed. */
#ifndef KPIPE_MODEL_TRANSACTION_H
#define KPIPE_MODEL_TRANSACTION_H

#include <stdbool.h>
#include <stdint.h>

enum deed {
    DEED_BEGIN,
    DEED_WRITE,
    DEED_REPORTS,
    DEED_REFUSED, /* reports are there, and a record was refused that is to be left out */
    DEED_ASK,
    DEED_OFFSETS,
    DEED_COMMIT,
    DEED_ACK,
    DEED_RENEW,
    DEED_ABORT
};

struct transaction {
    unsigned held, written, safe,
        put; /* records: read, in the open transaction, committed; in all */
    bool open, reported, granted, offsets; /* of this transaction */
    bool here;                             /* its barrier was read */
    bool full;                             /* there is no more room before it */
    bool early;                            /* some of it was written before that */
    bool refused, again; /* a record was refused; and for that it was aborted, to be begun again */
    bool unanswered; /* this instance may begin no other: a request of the last one had no answer,
                        or a record of it was refused */
    bool over;       /* an abort, a DENY, a failure: nothing may follow */
    int64_t barrier, acked;
};

/* "The order is always this." */
static inline bool transaction_may(const struct transaction *model, enum deed deed)
{
    bool all_there = model->here && model->held == 0 && !model->refused &&
                     (model->written == 0 || model->reported);
    if (model->over && deed != DEED_ABORT)
        return false;
    switch (deed) {
    case DEED_BEGIN: /* late: at the barrier, or where the spool is full */
        return !model->open && !model->unanswered && (model->here || model->full) &&
               (model->held > 0 || model->granted);
    case DEED_WRITE:
        return model->open && model->held > 0 && (model->here || model->full) && !model->granted;
    case DEED_REPORTS:
        return model->open && model->written > 0;
    case DEED_REFUSED: /* all of the barrier's records are still held */
        return model->open && model->written > 0 && model->here && !model->early &&
               !model->reported;
    case DEED_ASK:
        return all_there && !model->granted;
    case DEED_OFFSETS:
        return model->open && all_there && model->granted && !model->offsets;
    case DEED_COMMIT:
        return model->open && all_there && model->offsets;
    case DEED_ACK:
        return model->here && !model->open && model->safe == model->put && !model->granted &&
               model->barrier == model->acked + 1;
    case DEED_RENEW:
        return !model->open && model->unanswered && (!model->here || model->again);
    case DEED_ABORT:
        return model->open;
    }
    return false;
}

static inline void transaction_did(struct transaction *model, enum deed deed)
{
    switch (deed) {
    case DEED_BEGIN:
        model->open = true;
        model->again = false;
        break;
    case DEED_WRITE:
        model->early |= !model->here;
        model->written += model->held;
        model->held = 0;
        model->reported = model->full = false;
        break;
    case DEED_REPORTS:
        model->reported = true;
        break;
    case DEED_REFUSED:
        model->refused = true;
        break;
    case DEED_ASK:
        break;
    case DEED_OFFSETS:
        model->offsets = true;
        break;
    case DEED_COMMIT:
        model->safe += model->written;
        model->written = 0;
        model->open = model->granted = model->offsets = false;
        break;
    case DEED_ACK:
        model->acked = model->barrier;
        model->here = model->early = false;
        break;
    case DEED_RENEW:
        model->unanswered = false;
        break;
    case DEED_ABORT:
        model->open = false;
        model->over |= !model->refused;
        model->again = model->unanswered = model->refused;
        model->held += model->refused ? model->written : 0;
        model->written = model->refused ? 0 : model->written;
        model->refused = false;
        break;
    }
}

#endif
