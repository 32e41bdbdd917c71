/* stream/reader: frames from a descriptor, each hop's checks made; the twin of stream/writer.
 *
 * What it hands out has passed: the magic, HELLO first, announced sources, whole frames, and at
 * every BARRIER and END the figures of whoever wrote. Several segments one behind the other are a
 * valid stream (cat a.kf b.kf). Anything else ends in a fault:
 *
 * - no byte at all: 76, the stage in front never started
 * - an ABORT: its status, quietly, for its maker has told why
 * - an end without END: 75 before HELLO or when HELLO names a group, else 76
 * - anything foreign, cut or changed: 76 with the byte offset */
#ifndef KPIPE_STREAM_READER_H
#define KPIPE_STREAM_READER_H

#include "stream/frame.h"
#include "stream/hop.h"
#include "stream/in.h"

enum reader_result {
    READER_FRAME, /* a frame: RECORD, or a control frame after it was checked; never LINES, whose
                     records come one by one, unless takes_lines */
    READER_WAIT,  /* nothing now: time over, or unpaired and nothing there, or in.hold (see in.h) */
    READER_EOF,   /* clean: every segment had its END */
    READER_FAULT  /* the fault is set */
};

struct source {
    char *topic; /* owned; NUL added */
    size_t topic_size;
    int64_t partition; /* -1: not a topic, a file */
    int64_t epoch;     /* the leader epoch, -1 unknown */
};

enum reader_state {
    READER_AT_MAGIC,
    READER_AT_HELLO,
    READER_IN_PREAMBLE, /* HELLO named a group, OPEN has not come: no records, no barriers yet */
    READER_IN_BODY,
    READER_IN_LINES, /* in the body; `lines` has some left */
    READER_AT_END
};

/* What is left of a LINES, and whose its next record is. */
struct reader_lines {
    struct lines_view rest;
    uint8_t *raw;
    uint32_t source;
    int64_t offset;
};

struct reader {
    struct in in;
    struct fault *fault;
    enum reader_state state;
    struct hello hello; /* of this segment; its spans are dead once the next frame was read */
    bool group;         /* HELLO named one: OPEN ends the preamble */
    bool committing;    /* and acks are awaited: what is done with the records decides a commit */
    struct hop hop;
    bool takes_lines; /* the caller's: LINES is handed out whole */
    struct reader_lines lines;
    uint64_t records, frames; /* of this segment; frames: those that are no RECORD */
    uint64_t lined;           /* how many of the records were in LINES */
    int64_t barrier;          /* the last number seen in this segment, 0 none */
    size_t most;              /* the longest frame allowed */
    struct source *sources;   /* number n is sources[n - 1] */
    size_t source_count, source_room;
};

/* Reads fd. `out` as in in_open(): flushed before a wait, NULL for a caller that waits itself.
 * False: fault is set. */
bool reader_open(struct reader *reader, int fd, struct out *out, struct fault *fault);

/* The next record of a LINES. */
static inline void reader_line(struct reader *reader, struct frame *frame)
{
    struct reader_lines *lines = &reader->lines;
    uint32_t size = load32(lines->rest.sizes);
    *frame = (struct frame){.raw = lines->raw,
                            .kind = FRAME_RECORD,
                            .flags = FRAME_NULL_KEY,
                            .source = lines->source,
                            .offset = lines->offset++,
                            .value = span_of(lines->rest.values, size - lines->rest.gap)};
    lines->rest.sizes += 4;
    lines->rest.values += size;
    reader->records++;
    if (--lines->rest.count == 0)
        reader->state = READER_IN_BODY;
}

/* Where what was not taken yet begins. */
static inline const uint8_t *reader_rest(const struct reader *reader)
{
    return reader->state == READER_IN_LINES ? reader->lines.rest.values
                                            : reader->in.buffer + reader->in.at;
}

/* The next frame where that is a usual record (frame_usual) and there already, as it nearly always
 * is. False: nothing was taken, ask reader_next(). Inline: with a call into the stream's objects
 * for each frame a filter that passes all on takes a third more CPU. */
static inline bool reader_record(struct reader *reader, struct frame *frame)
{
    struct in *in = &reader->in;
    if (reader->state != READER_IN_BODY) {
        if (reader->state != READER_IN_LINES)
            return false;
        reader_line(reader, frame);
        return true;
    }
    if (!frame_usual(in->buffer + in->at, in->have - in->at, reader->most, frame) ||
        frame->source > reader->source_count)
        return false;
    hop_record(&reader->hop, frame->raw, frame->size);
    reader->records++;
    in->at += frame->size;
    return true;
}

/* reader_next() for all that reader_record() does not take. */
enum reader_result reader_other(struct reader *reader, struct frame *frame, int wait_ms);

/* The next frame: a view that is dead at the next call; with in.hold, at the call after the next
 * READER_WAIT. wait_ms as in_fill(). After READER_EOF or READER_FAULT there is no next call. */
static inline enum reader_result reader_next(struct reader *reader, struct frame *frame,
                                             int wait_ms)
{
    return reader_record(reader, frame) ? READER_FRAME : reader_other(reader, frame, wait_ms);
}

/* Takes the usual records that are there, or what is left of a LINES, as far as they end at `until`
 * or before, a place behind reader_rest() in the buffer: for who knows already that none of them is
 * wanted. Returns how many. */
uint64_t reader_skip(struct reader *reader, const uint8_t *until);

/* The source a record names; NULL for number 0. It lives until the segment ends. */
static inline const struct source *reader_source(const struct reader *reader, uint32_t id)
{
    return id == 0 ? NULL : &reader->sources[id - 1];
}

/* "topic/partition@offset" of a record, or "file:line" where it came from a text file, "record N"
 * where it has no source: for messages. Returns `to`. */
enum { PLACE_MOST = 320 };
const char *reader_place(const struct reader *reader, const struct frame *frame,
                         char to[PLACE_MOST]);

/* Frees. A SIGINT that was left to the source becomes the fault if there is none: who caught it
 * dies of it, after the stream's clean end. */
void reader_close(struct reader *reader);

#endif
