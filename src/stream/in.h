/* stream/in: bytes from a descriptor, looked at in place; the twin of stream/out.
 *
 * One buffer; what is not used yet is moved to its front before a read; it grows when one piece
 * does not fit, doubling as the bytes really come, and shrinks again afterwards. Before a read that
 * would wait, the paired output is flushed: that is the kit's whole rule for latency. While it
 * waits it also watches the output: a reader that has gone ends us on a quiet stream too. */
#ifndef KPIPE_STREAM_IN_H
#define KPIPE_STREAM_IN_H

#include "stream/out.h"

enum { IN_BUFFER = 262144 };

enum in_result {
    IN_OK,    /* more bytes are there */
    IN_EOF,   /* no more will come */
    IN_WAIT,  /* the time is over (in_fill with a limit) or, unpaired, nothing is there now */
    IN_FAULT, /* the fault is set: a read error, a signal, a lost reader, no memory */
};

struct in {
    int fd;
    const char *name; /* for messages */
    struct fault *fault;
    struct out *out; /* flushed before a wait; NULL: never waits, IN_WAIT instead */
    bool hold;       /* the caller's: IN_WAIT comes once before each read, so that what was borrowed
                        of the buffer since the last one can be used up first */
    bool held;       /* it has come since the last read */
    bool spare;      /* the next signal is not ours: a source in front ends the stream for it */
    int spared;      /* the signal that was spared, 0 none */
    void (*on_spared)(void *); /* told when it is, with spared_arg; or NULL */
    void *spared_arg;
    void (*on_asked)(void *); /* SIGUSR1 has come (sig_answer()): figures, please; or NULL */
    void *asked_arg;
    uint8_t *buffer;
    size_t room;     /* the buffer's size */
    uint64_t total;  /* bytes read so far */
    size_t at, have; /* the bytes not used yet are buffer[at] up to buffer[have] */
};

/* False: no memory, fault is set. `out`, `name` and `fault` must outlive it. */
bool in_open(struct in *in, int fd, const char *name, struct out *out, struct fault *fault);

/* Starts on another descriptor; nothing unused may be left. */
void in_switch(struct in *in, int fd, const char *name);

static inline struct span in_bytes(const struct in *in)
{
    return span_of(in->buffer + in->at, in->have - in->at);
}

/* Reads once, so that there is more than before; room for `need` bytes in one piece is made as far
 * as they come. Waits at most wait_ms (-1: for ever). Everything seen of the buffer before is dead
 * afterwards; the paired output has been committed. */
enum in_result in_fill(struct in *in, size_t need, int wait_ms);

/* For who waits by itself: heeds a signal that has come, as a read does. False: the fault is set.
 */
bool in_heed(struct in *in);

/* Frees; does not close. */
void in_close(struct in *in);

#endif
