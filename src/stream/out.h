/* stream/out: bytes to a descriptor, gathered; the twin of stream/in.
 *
 * One buffer. Small pieces are copied into it; a run of pieces that lie one behind the other in
 * somebody's buffer is remembered and copied at once, or written from where it lies when it is
 * large. Nothing is written until the buffer is full or out_flush() is called: who reads calls that
 * just before it would wait (stream/in does it by itself), so output is never late and never small.
 *
 * The first error is kept in the fault and everything later is dropped, so that callers look once:
 * at the fault, before they go on reading. A lost reader (EPIPE) is the quiet fault 141, or an
 * error told with 74 where SIGPIPE was ignored by whoever started us. */
#ifndef KPIPE_STREAM_OUT_H
#define KPIPE_STREAM_OUT_H

#include "util/fault.h"
#include "util/span.h"

#include <string.h>

enum { OUT_BUFFER = 262144 };

struct out {
    int fd;
    const char *name; /* for messages */
    struct fault *fault;
    uint8_t *buffer;
    size_t have;
    struct span run; /* to follow the buffer's bytes; lies in the caller's memory */
    size_t room;     /* the buffer's size */
    uint64_t total;  /* bytes written so far */
    bool queue;      /* nothing is written but by out_drain() */
    bool slow;       /* queue: a write may block, so it is kept below what the pipe surely takes */
    bool failed;
};

/* Takes over fd, tries to make a pipe 256 KiB. False: no memory, fault is set. The fault and the
 * name must outlive it. */
bool out_open(struct out *out, int fd, const char *name, struct fault *fault);

/* Appends a copy. A piece larger than the buffer is written at once, uncopied. */
void out_put(struct out *out, const void *at, size_t size);

/* Empties the buffer as far as out_room() needs it to. */
void out_make_room(struct out *out, size_t size);

/* Room for `size` bytes (at most OUT_BUFFER) in place: fill all of them, then out_made(size). */
static inline uint8_t *out_room(struct out *out, size_t size)
{
    if (out->run.size > 0 || size > out->room - out->have)
        out_make_room(out, size);
    return out->buffer + out->have;
}

static inline void out_made(struct out *out, size_t size)
{
    out->have += size;
}

/* A short word, OUT_BUFFER bytes at most. */
static inline void out_word(struct out *out, const char *word)
{
    size_t size = strlen(word);
    memcpy(out_room(out, size), word, size);
    out_made(out, size);
}

/* In decimal digits. */
void out_number(struct out *out, int64_t number);

/* Makes all borrowed bytes our own: call before their memory changes. */
void out_commit(struct out *out);

/* Appends bytes that stay where they are until the next out_commit(): no copy now. */
static inline void out_pass(struct out *out, const uint8_t *at, size_t size)
{
    if (out->run.size == 0 || out->run.at + out->run.size != at) {
        out_commit(out);
        out->run = span_of(at, 0);
    }
    out->run.size += size;
}

/* Writes everything. May block. */
void out_flush(struct out *out);

/* From now on this output is a queue: what is put waits in the buffer, which grows, until
 * out_drain() writes it; no call blocks. For a source that has more to watch than its output: it
 * looks at out->have to know when to stop putting. The descriptor's own flags are left alone, since
 * other processes share them. False: no memory, fault is set. */
bool out_queue(struct out *out);

/* Writes as much as the descriptor takes now. True: nothing is left. */
bool out_drain(struct out *out);

/* Writes everything and waits until it is safe: in a file, until it is on the disk; in a pipe,
 * until the other side has read it (FIONREAD works on both ends); elsewhere, until it is written.
 */
void out_sync(struct out *out);

/* Notes that the reader has gone, as an EPIPE would. */
void out_lost(struct out *out);

/* Flushes, closes, frees. What close(2) says counts: a full disk may show only there. */
void out_close(struct out *out);

#endif
