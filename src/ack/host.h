/* ack/host: the source's side of the ack socket: its sinks, and what they say. Never blocks.
 *
 * A sink is what showed our run id (HERE). As many are awaited as --sinks says; one more is
 * refused. What all of them have is what may be committed. */
#ifndef KPIPE_ACK_HOST_H
#define KPIPE_ACK_HOST_H

#include "ack/wire.h"
#include "stream/frame.h"
#include "util/fault.h"

#include <poll.h>

enum { HOST_SINKS = 16, HOST_FDS = 2 * HOST_SINKS + 1 };

struct sink {
    int fd; /* -1: gone */
    bool here, ready, bye, command, once;
    int64_t acked;
};

struct host {
    struct fault *fault;
    int fd; /* listening; -1: closed */
    char path[108];
    uint8_t run_id[WIRE_RUN_ID];
    int want, count;
    struct sink sinks[HOST_SINKS + 1]; /* those that connected; one more to be refused */
    uint64_t spool;                    /* bytes that the smallest of them holds; 0: none said so */
    int64_t rate;                     /* records a second that the slowest takes; 0: as they come */
    char store[FRAME_STORE_NAME + 1]; /* the one that a sink keeps; empty: none */
    int64_t asked;                    /* the barrier of the last HOST_PREPARE */
};

enum host_event {
    HOST_NOTHING,
    HOST_NEWS,    /* a sink is here, ready, or has acked: ask host_here() and the others */
    HOST_BYE,     /* a sink ended on purpose: *status */
    HOST_STOP,    /* a sink asks for a clean end */
    HOST_PREPARE, /* the sink is about to commit barrier host->asked: host_grant() or host_refuse()
                   */
    HOST_LOST,    /* a sink's socket closed before DONE: it died */
    HOST_SURPLUS, /* a sink more than --sinks, or exactly once and several (fault set, 64) */
    HOST_FOREIGN  /* not a message, or one out of place (fault set, 76) */
};

/* Makes and listens on the run's socket. False: the fault is set. */
bool host_open(struct host *host, const uint8_t run_id[WIRE_RUN_ID], int sinks,
               struct fault *fault);

/* What to poll, all for POLLIN. Returns how many of HOST_FDS were filled. */
size_t host_fds(const struct host *host, struct pollfd *fds);

/* The next thing that happened, until HOST_NOTHING. */
enum host_event host_next(struct host *host, int *status);

/* How many are here, how many ready; the barrier that all of them have (0 while one is missing);
 * whether one of them is a command, or commits by itself. */
int host_here(const struct host *host);
bool host_command(const struct host *host);
bool host_once(const struct host *host);
int host_ready(const struct host *host);
int64_t host_acked(const struct host *host);

/* Answers HOST_PREPARE with a grant's bytes (ack/grant), or with a refusal; `empty`: because there
 * is nothing to commit. The sink waits for it, so that this does not wait long; one that does not
 * take it has died, which host_next() tells. */
void host_grant(struct host *host, struct span grant);
void host_refuse(struct host *host, bool empty);

/* Tells every sink the end, and what it came to. */
void host_done(struct host *host, int status);

/* Closes and removes the socket. */
void host_close(struct host *host);

#endif
