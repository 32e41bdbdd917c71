/* kpipe-loop/run: one run of a pipeline by the shell, from its start to its end.
 *
 * The pipeline is a process group of its own, so that a signal that we are sent can be passed on to
 * all of it and to nothing else. Each stage knows what such a signal means to it (kpipe(7)): behind
 * kcat-in -g the first one ends the pipeline cleanly, a second one at once. The shell waits for its
 * stages, whatever it is sent. */
#ifndef KPIPE_KPIPE_LOOP_RUN_H
#define KPIPE_KPIPE_LOOP_RUN_H

#include "util/fault.h"

struct run {
    struct fault *fault;
    const char *pipeline; /* borrowed */
    int acks;             /* where the source notes its first ack; owned */
    bool acked;           /* it did, in the last run */
    int64_t lasted_ms;    /* the last run */
    int asked;            /* the signal that was passed on: no other run is due; 0: none */
};

/* Makes what KPIPE_LOOP names: a file that is gone with us, however we end. False: fault is set. */
bool run_open(struct run *run, const char *pipeline, struct fault *fault);

/* Runs the pipeline and waits for its end; passes signals on. Returns its status, 128 + n where the
 * shell died of signal n; -1: it could not be started, fault is set. */
int run_once(struct run *run);

/* Sleeps. False: a signal has come. */
bool run_rest(int64_t ms);

#endif
