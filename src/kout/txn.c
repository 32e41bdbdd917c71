#include "kout/txn.h"

void txn_open(struct txn *txn)
{
    *txn = (struct txn){.step = TXN_READ};
}

void txn_barrier(struct txn *txn, int64_t barrier, bool records)
{
    txn->barrier = barrier;
    txn->reached = true;
    txn->records |= records;
    if (records)
        txn->step = txn->open ? TXN_SEND : TXN_BEGIN;
    else
        txn->step = txn->records ? TXN_FLUSH : TXN_PREPARE;
}

void txn_overflow(struct txn *txn)
{
    txn->records = txn->early = true;
    txn->step = txn->open ? TXN_SEND : TXN_BEGIN;
}

static enum txn_action after_begin(const struct txn *txn)
{
    return txn->records ? TXN_SEND : TXN_OFFSETS;
}

static enum txn_action after_send(const struct txn *txn)
{
    return txn->reached ? TXN_FLUSH : TXN_READ;
}

void txn_done(struct txn *txn, bool tainted)
{
    switch (txn->step) {
    case TXN_BEGIN:
        txn->open = true;
        txn->again = false;
        txn->step = after_begin(txn);
        break;
    case TXN_SEND:
        txn->step = after_send(txn);
        break;
    case TXN_FLUSH:
        txn->step = TXN_PREPARE;
        break;
    case TXN_OFFSETS:
        txn->step = TXN_COMMIT;
        break;
    case TXN_COMMIT:
        txn->open = false;
        txn->tainted = tainted;
        txn->step = TXN_ACK;
        break;
    case TXN_ACK:
        txn->reached = txn->records = txn->early = false;
        txn->step = txn->tainted ? TXN_RENEW : TXN_READ;
        break;
    case TXN_RENEW:
        txn->tainted = false;
        txn->step = txn->again ? TXN_BEGIN : TXN_READ;
        break;
    case TXN_ABORT:
        txn->open = false;
        txn->step = txn->again ? TXN_RENEW : TXN_END;
        break;
    default:
        break;
    }
}

bool txn_answered(struct txn *txn, enum txn_answer answer)
{
    if (answer == TXN_EMPTY && !txn->records)
        txn->step = TXN_ACK;
    else if (answer == TXN_GRANTED)
        txn->step = txn->open ? TXN_OFFSETS : TXN_BEGIN;
    else
        txn_fail(txn);
    return answer != TXN_EMPTY || !txn->records;
}

bool txn_again(struct txn *txn)
{
    if (txn->early)
        return false;
    txn->again = true;
    txn->step = TXN_ABORT;
    return true;
}

void txn_fail(struct txn *txn)
{
    txn->again = false;
    if (txn->step != TXN_END)
        txn->step = txn->open ? TXN_ABORT : TXN_END;
}

void txn_end(struct txn *txn)
{
    txn_fail(txn);
}
