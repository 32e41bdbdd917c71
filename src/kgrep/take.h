/* kgrep/take: a record with what matched as its value, its key or a header (kgrep -o); pure. */
#ifndef KPIPE_KGREP_TAKE_H
#define KPIPE_KGREP_TAKE_H

#include "stream/field.h"
#include "stream/writer.h"

struct take {
    struct field into; /* the value, the key or a header */
    uint8_t *block;    /* owned: a header block that is made anew, reused */
    size_t room;
};

/* Puts `bytes` (at NULL: null) into the record's field; of a header's name only this one is left,
 * behind all others. The record's spans may point into take until the next call. False: no
 * memory. */
bool take_into(struct take *take, struct record *record, struct span bytes);

void take_close(struct take *take);

#endif
