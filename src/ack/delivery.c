#include "ack/delivery.h"

enum { DONE_MS = 60000 }; /* the last commit, and a coordinator that moves */

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

static bool meet(struct delivery *delivery, const struct reader *reader)
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
    return !awaited || guest_open(&delivery->guest, reader->hello.run_id, delivery->fault);
}

bool delivery_take(struct delivery *delivery, const struct reader *reader,
                   const struct frame *frame)
{
    if (frame->kind == FRAME_HELLO_KIND)
        return meet(delivery, reader);
    if (frame->kind == FRAME_OPEN && delivery->committing)
        guest_ready(&delivery->guest, delivery->command, delivery->spool);
    return true;
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
