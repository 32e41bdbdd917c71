/* stream/writer: frames to a descriptor, with this hop's checks; the twin of stream/reader.
 *
 * Calls in the order of a segment: writer_open (the magic leaves at once), writer_hello, then
 * sources, records and barriers, a FINAL barrier, writer_end; or writer_abort at any point. Errors
 * are kept in the fault (stream/out); who reads and writes in turn looks there through the reader.
 */
#ifndef KPIPE_STREAM_WRITER_H
#define KPIPE_STREAM_WRITER_H

#include "stream/frame.h"
#include "stream/hop.h"
#include "stream/out.h"

struct writer {
    struct out out;
    struct hop hop;
    uint64_t records,
        frames;     /* of this segment, for END's totals; frames: those that are no RECORD */
    uint64_t lined; /* how many of the records are in LINES */
    bool sum_all;   /* the caller's: every segment gets sums, whatever its HELLO says */
    bool sums;      /* this one's records get a sum */
    size_t whole;   /* a record's frame up to this size is made in one piece */
    bool fresh;     /* the magic is out and nothing after it */
    bool ended;     /* END is out and no magic after it */
};

/* A record to be written; all spans are copied or written before the call returns. */
struct record {
    uint8_t time; /* 0, FRAME_CREATE_TIME or FRAME_LOG_APPEND_TIME */
    uint32_t source;
    int64_t offset, timestamp;
    struct span key, value; /* at NULL: null */
    struct span headers;    /* a header block, size 0: none */
    uint32_t header_count;
};

/* A RESTORE or STATE to be written; all spans are copied or written before the call returns. */
struct kept {
    uint8_t kind, time; /* time: STATE's, as a record's */
    uint32_t task;
    int64_t offset; /* RESTORE: where it was kept; STATE: 0 */
    int64_t timestamp;
    struct span store, key, value;
};

/* A record's frame as a record, to be changed and written. */
static inline struct record record_of(const struct frame *frame)
{
    return (struct record){.time = frame->flags & (FRAME_CREATE_TIME | FRAME_LOG_APPEND_TIME),
                           .source = frame->source,
                           .offset = frame->offset,
                           .timestamp = frame->timestamp,
                           .key = frame->key,
                           .value = frame->value,
                           .headers = frame->headers,
                           .header_count = frame->header_count};
}

/* Opens fd and writes the magic, so that a later failure can be told apart from a stage that never
 * started. False: fault is set. */
bool writer_open(struct writer *writer, int fd, struct fault *fault);

/* Starts a segment: a second HELLO on the same writer is preceded by a new magic. */
void writer_hello(struct writer *writer, const struct hello *hello);

/* The preamble is over: `partitions` is how many each of the source's topics has, 0 where they
 * differ or it is not known. Only a stream whose HELLO names a group has one. */
void writer_preamble(struct writer *writer, uint32_t partitions);

/* Announces source number `id` (1, 2, 3 ... in this order). */
void writer_source(struct writer *writer, uint32_t id, struct span topic, int64_t partition,
                   int64_t epoch);

/* Announces a store, of kind FRAME_COUNTS: before the preamble's end. */
void writer_store(struct writer *writer, struct span name);

/* `flags`: FRAME_NEW or 0. */
void writer_task(struct writer *writer, uint32_t task, enum frame_task what, uint8_t flags);

void writer_kept(struct writer *writer, const struct kept *kept);

void writer_record(struct writer *writer, const struct record *record);

/* `count` records, at least 1, with values alone, of offsets that follow each other, in a segment
 * that has neither group nor sums. `sizes`, of each value and the `gap` bytes behind it, are u32 as
 * they are written. The values are written or copied before the call returns. */
void writer_lines(struct writer *writer, uint32_t source, int64_t offset, const uint8_t *sizes,
                  size_t count, size_t gap, struct span values);

/* A LINES as it was read, its values changed in place or not; like writer_pass(). */
void writer_lines_pass(struct writer *writer, const struct frame *frame);

/* A record of a LINES, in a frame of its own. */
void writer_line(struct writer *writer, const struct frame *frame);

/* A record as it was read, unchanged; its bytes must stay as they are until the reader is asked for
 * more (stream/in commits them then). */
static inline void writer_pass(struct writer *writer, const struct frame *frame)
{
    if (frame->size == 0) {
        writer_line(writer, frame);
        return;
    }
    hop_record(&writer->hop, frame->raw, frame->size);
    writer->records++;
    out_pass(&writer->out, frame->raw, frame->size);
}

/* A record as it was read, its bytes changed in place (frame_edit), its lengths not. */
static inline void writer_edited(struct writer *writer, const struct frame *frame)
{
    if ((frame->raw[FRAME_AT_FLAGS] & FRAME_SUMMED) != 0)
        frame_sum(frame);
    writer_pass(writer, frame);
}

/* A frame as it was read that is neither RECORD, BARRIER, END nor ABORT; like writer_pass(). */
void writer_control(struct writer *writer, const struct frame *frame);

/* A barrier with this hop's check. */
void writer_barrier(struct writer *writer, int64_t number, bool final);

/* The clean end of the segment. */
void writer_end(struct writer *writer);

/* Says why there is no clean end: the fault's status, tool and line. Nothing may follow. */
void writer_abort(struct writer *writer, const struct fault *fault);

/* Flushes and closes. */
void writer_close(struct writer *writer);

#endif
