/* kcat-in/shape: what a piece of text is as a record. Pure. */
#ifndef KPIPE_KCAT_IN_SHAPE_H
#define KPIPE_KCAT_IN_SHAPE_H

#include "stream/writer.h"
#include "text/split.h"

struct shape {
    struct span separator; /* the first one splits a piece into key and value; at NULL: all value */
    bool more;             /* something of what follows is set */
    bool null_empty;       /* an empty key or value becomes null */
    struct span key;       /* of a piece that has none; at NULL: null */
    struct span headers;   /* a header block that every record gets */
    uint32_t header_count;
};

void shape_more(const struct shape *shape, struct record *record);

/* Sets key, value and headers of a record that has none: views into the piece and the shape. */
static inline void shape_record(const struct shape *shape, struct span piece, struct record *record)
{
    record->value = piece;
    if (shape->separator.at != NULL)
        record->value = split_key(piece, shape->separator, &record->key);
    if (shape->more)
        shape_more(shape, record);
}

#endif
