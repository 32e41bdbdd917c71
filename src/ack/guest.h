/* ack/guest: a sink's side of the ack socket. */
#ifndef KPIPE_ACK_GUEST_H
#define KPIPE_ACK_GUEST_H

#include "ack/wire.h"
#include "util/fault.h"

struct guest {
    struct fault *fault;
    int fd; /* to poll for POLLIN; -1: closed */
    bool done;
    int status;            /* with done: the source's */
    enum wire_kind answer; /* to the last PREPARE: GRANT, DENY or EMPTY; 0: none yet */
    int64_t asked;         /* its barrier */
    uint8_t *grant;        /* owned: with GRANT, its bytes */
    size_t grant_size, grant_room;
};

/* Connects to the run's source and says HERE. False: no source listens (a saved stream, or it has
 * gone), or the fault is set: 78 where the folder is not ours. */
bool guest_open(struct guest *guest, const uint8_t run_id[WIRE_RUN_ID], struct fault *fault);

struct guest_ready {
    uint8_t flags;     /* of enum wire_flag */
    uint64_t spool;    /* bytes held until their barrier; 0: none are */
    int64_t rate;      /* records a second that are taken; 0: as they come */
    struct span store; /* the name of the one that is kept, size 0 none */
};

/* Each says one message; a source that has gone is no error here: it shows in guest_hear(). */
void guest_ready(struct guest *guest, const struct guest_ready *ready);
void guest_ack(struct guest *guest, int64_t barrier);
void guest_bye(struct guest *guest, int status, int64_t barrier);
void guest_stop(struct guest *guest);

/* Asks whether barrier `barrier` may be committed; guest->answer tells, once guest_hear() has it.
 */
void guest_prepare(struct guest *guest, int64_t barrier);

/* Takes in what has come, without waiting. False: the source is gone: guest->done tells whether it
 * said DONE first. */
bool guest_hear(struct guest *guest);

/* Waits for DONE, at most wait_ms. False: closed without it, or the time is over. */
bool guest_wait_done(struct guest *guest, int wait_ms);

void guest_close(struct guest *guest);

#endif
