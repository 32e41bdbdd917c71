/* ack/guest: a sink's side of the ack socket. */
#ifndef KPIPE_ACK_GUEST_H
#define KPIPE_ACK_GUEST_H

#include "ack/wire.h"
#include "util/fault.h"

struct guest {
    struct fault *fault;
    int fd; /* to poll for POLLIN; -1: closed */
    bool done;
    int status; /* with done: the source's */
};

/* Connects to the run's source and says HERE. False: the fault is set: 76 where no source listens
 * (a saved stream, or it has gone), 78 where the folder is not ours. */
bool guest_open(struct guest *guest, const uint8_t run_id[WIRE_RUN_ID], struct fault *fault);

/* Each says one message; a source that has gone is no error here: it shows in guest_hear(). */
void guest_ready(struct guest *guest, bool command, uint64_t spool);
void guest_ack(struct guest *guest, int64_t barrier);
void guest_bye(struct guest *guest, int status, int64_t barrier);
void guest_stop(struct guest *guest);

/* Takes in what has come, without waiting. False: the source is gone: guest->done tells whether it
 * said DONE first. */
bool guest_hear(struct guest *guest);

/* Waits for DONE, at most wait_ms. False: closed without it, or the time is over. */
bool guest_wait_done(struct guest *guest, int wait_ms);

void guest_close(struct guest *guest);

#endif
