/* stream/field: the selector that kgrep and ktr share: which bytes of a record are meant.
 *
 * -k is the key, -H NAME a header, --on says it in words; without one it is the value. A header
 * name may stand in a record more than once: every one of that name is meant. */
#ifndef KPIPE_STREAM_FIELD_H
#define KPIPE_STREAM_FIELD_H

#include "stream/reader.h"

enum field_kind {
    FIELD_VALUE,
    FIELD_KEY,
    FIELD_HEADER,
    FIELD_TOPIC,     /* a topic's name; for records from text the file's, "-" for standard input */
    FIELD_PARTITION, /* its decimal number, null where there is none */
    FIELD_ANY        /* value, key, and every header's value, in this order */
};

struct field {
    enum field_kind kind;
    struct span name; /* FIELD_HEADER: borrowed from the command line */
};

/* Reads --on's word: key, value, topic, partition, header:NAME, any. False: none of them. */
bool field_parse(const char *word, struct field *field);

/* Where a walk over a record's fields stands. */
struct field_walk {
    int step;
    struct span block;
    uint32_t headers; /* headers not seen yet */
    char number[24];
};

/* Starts a walk. */
static inline void field_start(struct field_walk *walk, const struct frame *frame)
{
    walk->step = 0;
    walk->block = frame->headers;
    walk->headers = frame->header_count;
}

/* The next field that is meant, null ones left out: a view into the frame, the reader's sources or
 * the walk. False: there is none. */
bool field_next(const struct field *field, const struct reader *reader, const struct frame *frame,
                struct field_walk *walk, struct span *bytes);

#endif
