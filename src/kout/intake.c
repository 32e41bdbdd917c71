/* kout/intake: the stream, as far as it may be read: whom we commit for, and a barrier's records
 * into the spool. */
#include "kout/once.h"
#include "util/clock.h"

/* HELLO: who we are to commit for. */
static void meet(struct once *once)
{
    const struct hello *hello = &once->reader->hello;
    const char *pinned = once->options->group;
    if (!once->delivery.committing)
        fault_set(once->fault, STATUS_USAGE,
                  "-x: nobody in front awaits it: exactly once wants kcat-in -g GROUP there, "
                  "without --commit written");
    else if (pinned != NULL && !span_equal(hello->group, span_str(pinned)))
        fault_set(once->fault, STATUS_CONFIG, "--group %s: the source's group is another one",
                  pinned);
    else
        instance_meet(&once->instance, hello, once->options->instance, once->fault);
    changelog_meet(&once->changelog, hello);
}

/* Kept until the barrier, tasks that come and go too: in their order with the records. */
static void hold(struct once *once, const struct frame *frame)
{
    if (!spool_put(&once->spool, frame))
        fault_memory(once->fault);
    once->waiting += frame->kind != FRAME_TASK || (frame->flags & FRAME_NEW) != 0;
}

static void take(struct once *once, const struct frame *frame)
{
    struct delivery *delivery = &once->delivery;
    switch (frame->kind) {
    case FRAME_HELLO_KIND:
        if (delivery_take(delivery, once->reader, frame))
            meet(once);
        break;
    case FRAME_STORE:
        if (changelog_store(&once->changelog, frame->key))
            delivery->ready.store = span_str(once->changelog.store);
        break;
    case FRAME_OPEN:
        once->partitions = frame->source;
        if (!delivery->committing || once_open(once))
            delivery_take(delivery, once->reader, frame);
        break;
    case FRAME_BARRIER:
        once->barrier = frame->offset;
        break;
    case FRAME_RECORD:
    case FRAME_TASK:
    case FRAME_STATE:
        hold(once, frame);
        break;
    default:
        delivery_take(delivery, once->reader, frame);
    }
}

/* What came before a barrier that has been reached is still in the spool. */
static bool holds_a_barrier(const struct once *once, enum txn_action action)
{
    return action == TXN_BEGIN || action == TXN_SEND ||
           (once->careful && (action == TXN_FLUSH || once->txn.again));
}

bool intake_may(const struct once *once)
{
    enum txn_action action = txn_next(&once->txn);
    return !holds_a_barrier(once, action) && !once->ended && once->barrier == 0 &&
           !spool_full(&once->spool) && once->fault->status == 0;
}

/* A record whose turn has not come is kept where it is in the reader's buffer: nothing is read
 * until then. */
static void in_turn(struct once *once, const struct frame *frame)
{
    if (frame->kind == FRAME_RECORD && once->rate.share > 0) {
        if (rate_wait(&once->rate, clock_ms()) > 0) {
            once->next = *frame;
            return;
        }
        rate_take(&once->rate, clock_ms());
    }
    take(once, frame);
}

/* False: its turn has not come yet. */
static bool take_next(struct once *once)
{
    struct frame frame = once->next;
    if (frame.kind == 0)
        return true;
    once->next.kind = 0;
    in_turn(once, &frame);
    return once->next.kind == 0;
}

void intake_read(struct once *once)
{
    struct frame frame;
    while (intake_may(once) && take_next(once) && intake_may(once)) {
        enum reader_result got = reader_next(once->reader, &frame, 0);
        if (got == READER_FRAME)
            in_turn(once, &frame);
        else if (got == READER_WAIT)
            return;
        else
            once->ended = true;
    }
}
