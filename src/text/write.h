/* text/write: records as text, the end of a pipeline. */
#ifndef KPIPE_TEXT_WRITE_H
#define KPIPE_TEXT_WRITE_H

#include "ack/delivery.h"
#include "stream/reader.h"

struct format;

/* What is to be seen at once in the values, or the keys: find() tells the next such stretch of a
 * field from byte `from` on, never an empty one, or false. */
struct text_paint {
    bool (*find)(void *arg, struct span field, size_t from, struct span *found);
    void *arg;
    bool keys;
};

struct text {
    struct span separator; /* between key and value; at NULL: values alone */
    struct span end;       /* after each record: what stands between two */
    bool escape;           /* for a terminal: all control bytes but newline and tab as \xNN */
    /* Puts a record in another form (text/format, json/write) than key, separator, value and end;
     * NULL: in this one. */
    void (*put)(struct out *out, const struct text *text, const struct reader *reader,
                const struct frame *frame);
    const struct format *format;    /* format_put()'s */
    const struct text_paint *paint; /* with escape: in colour, as grep has it; NULL: nothing */
};

/* Puts one record of the reader's: "VALUE end", or "KEY separator VALUE end"; a null key leaves the
 * separator out too, so that kcat-in's line without one comes back as it was. A null value is
 * written as empty. Or what text->put makes of it.
 */
void text_put(struct out *out, const struct text *text, const struct reader *reader,
              const struct frame *frame);

/* Puts foreign bytes, escaped where text->escape says so. */
void text_bytes(struct out *out, const struct text *text, struct span bytes);

/* Puts records until another frame comes: READER_FRAME, *frame; or the end, or a fault. The reader
 * must have been opened with `out` as its pair. */
enum reader_result text_next(struct reader *reader, struct out *out, const struct text *text,
                             struct frame *frame);

/* Reads records to the end and puts them; in a committing pipe each barrier is acknowledged when
 * its output is safe (out_sync). False: the fault is set. */
bool text_run(struct reader *reader, struct out *out, const struct text *text,
              struct delivery *delivery);

#endif
