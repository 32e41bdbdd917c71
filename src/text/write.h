/* text/write: records as text, the end of a pipeline. */
#ifndef KPIPE_TEXT_WRITE_H
#define KPIPE_TEXT_WRITE_H

#include "ack/delivery.h"
#include "stream/reader.h"

struct text {
    struct span separator; /* between key and value; at NULL: values alone */
    uint8_t end;           /* after each record: newline or NUL */
    bool escape;           /* for a terminal: all control bytes but newline and tab as \xNN */
};

/* Puts one record: "VALUE end", or "KEY separator VALUE end"; a null key leaves the separator out
 * too, so that kcat-in's line without one comes back as it was. A null value is written as empty.
 */
void text_put(struct out *out, const struct text *text, const struct frame *frame);

/* Puts records until another frame comes: READER_FRAME, *frame; or the end, or a fault. The reader
 * must have been opened with `out` as its pair. */
enum reader_result text_next(struct reader *reader, struct out *out, const struct text *text,
                             struct frame *frame);

/* Reads records to the end and puts them; in a committing pipe each barrier is acknowledged when
 * its output is safe (out_sync). False: the fault is set. */
bool text_run(struct reader *reader, struct out *out, const struct text *text,
              struct delivery *delivery);

#endif
