/* ack/delivery: what every far end of a committing pipe does with the stream's control frames:
 * shows itself to the source, acknowledges barriers, and takes the source's word for the end. Where
 * HELLO names no group, or says that no acks are awaited, it does nothing. */
#ifndef KPIPE_ACK_DELIVERY_H
#define KPIPE_ACK_DELIVERY_H

#include "ack/guest.h"
#include "stream/reader.h"

struct delivery {
    struct fault *fault;
    struct guest guest;
    bool replay, committing;  /* committing: a source awaits our acks */
    struct guest_ready ready; /* what READY says */
    bool keeps;               /* takes STORE, TASK and STATE itself */
    bool begun;               /* a segment was seen */
    int64_t acked;            /* the last barrier acknowledged, 0 none */
};

/* `replay`: the stream is a saved one: what its HELLO says of a group is not heeded. */
void delivery_open(struct delivery *delivery, bool replay, struct fault *fault);

/* Has the reader's first signal become a STOP: the source then ends the stream as if it had got it.
 */
void delivery_spare(struct delivery *delivery, struct reader *reader);

/* Takes one frame: HELLO, OPEN; others are the caller's. At OPEN the caller must be ready. What a
 * far end cannot keep, or must not see, is refused here. False: the fault is set (76: the source is
 * gone and no ABORT tells why, or a second segment behind one that commits; 64: a store, and nobody
 * keeps it). At HELLO it may read on for that. */
bool delivery_take(struct delivery *delivery, struct reader *reader, const struct frame *frame);

/* The output of everything up to barrier `number` is safe. */
void delivery_ack(struct delivery *delivery, int64_t number);

/* After the stream's end: without a fault of ours, waits for DONE, whose status becomes ours (75
 * where it does not come); with one, says BYE. */
void delivery_finish(struct delivery *delivery);

#endif
