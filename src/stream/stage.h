/* stream/stage: a filter's skeleton, from standard input to standard output.
 *
 * Every filter's loop reads alike:
 *
 *     while ((got = stage_next(&stage, &frame)) != STAGE_DONE)
 *         if (got == STAGE_RECORD && chosen(&frame))
 *             writer_pass(&stage.writer, &frame);
 *     stage_close(&stage);
 *
 * The stage itself passes on all that is not a record, with this hop's checks: a filter that knows
 * nothing of a kind needs no change when the kind is added. A segment that came in leaves as one.
 * A filter that keeps state looks at such frames in `control`. */
#ifndef KPIPE_STREAM_STAGE_H
#define KPIPE_STREAM_STAGE_H

#include "stream/reader.h"
#include "stream/writer.h"

enum stage_result {
    STAGE_RECORD, /* a record, to be passed, changed or dropped; with reader.takes_lines a LINES too
                   */
    STAGE_BARRIER, /* what a filter owes must be put now; the barrier leaves at the next call */
    STAGE_WAIT,    /* only with reader.in.hold: what was borrowed must be used up now */
    STAGE_DONE     /* the end of input, or the fault is set */
};

struct stage {
    struct fault *fault;
    struct reader reader;
    struct writer writer;
    struct frame barrier; /* seen and not yet passed on: kind 0 none */
    bool mute;            /* no frames are written: the tool prints text (kgrep -c) */
    /* Or NULL: sees every frame but RECORD, BARRIER, END and ABORT just before it is passed on, and
     * may put others before it. True: it is taken off the stream. */
    bool (*control)(void *owner, const struct frame *frame);
    void *owner;
};

/* Opens standard input and output; the magic leaves at once unless mute. False: fault is set. */
bool stage_open(struct stage *stage, bool mute, struct fault *fault);

/* stage_next() for all that reader_record() does not take. */
enum stage_result stage_other(struct stage *stage, struct frame *frame);

static inline enum stage_result stage_next(struct stage *stage, struct frame *frame)
{
    if (stage->barrier.kind == 0 && reader_record(&stage->reader, frame))
        return STAGE_RECORD;
    return stage_other(stage, frame);
}

/* Drops the records that reader_skip() takes. */
static inline void stage_skip(struct stage *stage, const uint8_t *until)
{
    if (stage->barrier.kind == 0)
        reader_skip(&stage->reader, until);
}

/* Ends the segment that is being written now, cleanly: FINAL barrier and END, although the input
 * goes on (kgrep -m). */
void stage_cut(struct stage *stage);

/* Where the fault is set: an ABORT downstream and the one line on stderr. Closes everything. What
 * the last write or close says is the fault too. */
void stage_close(struct stage *stage);

/* The same for a tool that cannot start (a usage mistake, no memory): the line where it was not
 * told yet, and magic and ABORT downstream where standard output is no terminal. */
void stage_refuse(struct fault *fault);

#endif
