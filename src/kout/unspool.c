/* kout/unspool: a barrier's records out of the spool into the transaction, and what the broker
 * reports of them. */
#include "kout/once.h"
#include "kout/refuse.h"

enum { ROUNDS = 16 }; /* so many times a barrier begins again before we say so */

static void forget(struct once *once)
{
    spool_empty(&once->spool);
    once->waiting = 0;
    once->again = false;
    once->rounds = 0;
}

static void outgrown(struct once *once)
{
    fault_set(once->fault, STATUS_RETRY,
              "topic %s: refused a record of a barrier that is larger than --spool, so that it "
              "cannot be left out: raise --spool: nothing is lost or doubled",
              once->options->topic);
}

void unspool_send(struct once *once)
{
    struct frame frame;
    struct send *send = &once->instance.send;
    send_load(send, once->again);
    spool_rewind(&once->spool);
    while (spool_next(&once->spool, &frame) && once->fault->status == 0)
        if (frame.kind == FRAME_RECORD)
            send_put(&once->instance.send, &frame);
        else
            changelog_take(&once->changelog, &once->instance.send, &frame);
    if (once->txn.reached)
        changelog_mark(&once->changelog, &once->instance.send, once->txn.barrier);
    send_now(send);
    if (once->careful && !once->txn.reached) {
        send_settle(send);
        if (send->doomed)
            outgrown(once);
    }
    if (!once->careful || !once->txn.reached)
        forget(once);
}

/* Each round finds some, so that it comes to an end; a fault would only begin it all anew. */
static void slow(const struct once *once)
{
    fault_note(once->fault,
               "topic %s: a barrier has been begun %d times for the records in it that are "
               "refused, and goes on: smaller ones (kcat-in --commit-count) are faster",
               once->options->topic, ROUNDS);
}

void unspool_reports(struct once *once)
{
    struct send *send = &once->instance.send;
    if (!send_reported(send, once_slice(once)))
        return;
    if (!send->doomed) {
        if (once->careful) /* else the spool has what came since, of the next barrier */
            forget(once);
        txn_done(&once->txn, false);
    } else if (refuse_judge(send)) {
        once->again = true;
        if (++once->rounds == ROUNDS)
            slow(once);
        if (!txn_again(&once->txn))
            outgrown(once);
    }
}
