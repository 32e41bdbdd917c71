#include "ack/delivery.h"

enum {
    DONE_MS = 60000, /* the last commit, and a coordinator that moves */
    GONE_MS = 10000
};

void delivery_open(struct delivery *delivery, bool replay, struct fault *fault)
{
    *delivery = (struct delivery){.fault = fault, .replay = replay, .guest = {.fd = -1}};
}

static void stop(void *delivery)
{
    guest_stop(&((struct delivery *)delivery)->guest);
}

void delivery_spare(struct delivery *delivery, struct reader *reader)
{
    reader->in.on_spared = stop;
    reader->in.spared_arg = delivery;
}

/* Why it is gone the stream may tell, where a stage failed at once: an ABORT before anything. */
static bool gone(struct delivery *delivery, struct reader *reader)
{
    struct frame frame;
    while (delivery->fault->status == 0 && reader_next(reader, &frame, GONE_MS) == READER_FRAME &&
           frame.kind != FRAME_OPEN && frame.kind != FRAME_RECORD)
        ;
    if (delivery->fault->status == 0)
        fault_set(delivery->fault, STATUS_STREAM,
                  "standard input: its source is gone: a saved stream: kout --replay");
    return false;
}

static bool meet(struct delivery *delivery, struct reader *reader)
{
    bool awaited = reader->committing && !delivery->replay;
    if (delivery->committing || (awaited && delivery->begun)) {
        fault_set(
            delivery->fault, STATUS_STREAM,
            "standard input: another segment follows one that commits: one kcat-in -g a pipe");
        return false;
    }
    delivery->begun = true;
    delivery->committing = awaited;
    return !awaited || guest_open(&delivery->guest, reader->hello.run_id, delivery->fault) ||
           gone(delivery, reader);
}

/* State that nobody would keep. In a saved stream it is worth nothing: its time has passed. */
static bool refuse_state(struct delivery *delivery, uint8_t kind)
{
    if (kind == FRAME_RESTORE)
        fault_set(delivery->fault, STATUS_STREAM,
                  "standard input: state that a filter should have taken: a branch of tee without "
                  "it, or another store's name");
    else if (!delivery->committing)
        fault_set(delivery->fault, STATUS_STREAM,
                  "standard input: a saved stream with state in it cannot be replayed");
    else
        fault_set(delivery->fault, STATUS_USAGE, "a store is in front: it is kept by kout -x");
    return false;
}

bool delivery_take(struct delivery *delivery, struct reader *reader, const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_HELLO_KIND:
        return meet(delivery, reader);
    case FRAME_OPEN:
        if (delivery->committing)
            guest_ready(&delivery->guest, &delivery->ready);
        return true;
    case FRAME_STORE:
    case FRAME_STATE:
        return delivery->keeps || refuse_state(delivery, frame->kind);
    case FRAME_RESTORE:
        return refuse_state(delivery, frame->kind);
    default:
        return true;
    }
}

void delivery_ack(struct delivery *delivery, int64_t number)
{
    if (!delivery->committing)
        return;
    delivery->acked = number;
    guest_ack(&delivery->guest, number);
}

void delivery_finish(struct delivery *delivery)
{
    struct fault *fault = delivery->fault;
    if (!delivery->committing)
        return;
    if (fault->status != 0) {
        guest_bye(&delivery->guest, fault->status, delivery->acked);
    } else if (!guest_wait_done(&delivery->guest, DONE_MS)) {
        fault_set(
            fault, STATUS_RETRY,
            "standard input: the source ended without saying that all is committed: start again");
    } else if (delivery->guest.status != 0) {
        fault_inherit(fault, delivery->guest.status, NULL, 0, NULL, 0);
    }
    guest_close(&delivery->guest);
}
