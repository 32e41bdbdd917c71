/* kcat-in/envelopes: lines of JSON into the stream. */
#ifndef KPIPE_KCAT_IN_ENVELOPES_H
#define KPIPE_KCAT_IN_ENVELOPES_H

#include "kcat-in/places.h"
#include "json/envelope.h"

struct envelopes {
    struct envelope envelope; /* of the last line */
    struct places places;
};

/* How long a line may be whose record is below the cap: each byte may be an escape of 6. */
static inline uint64_t envelopes_most(uint64_t record_cap)
{
    return record_cap * 6 + FRAME_CONTROL * 6;
}

/* Puts a line's record, its source announced. Zero at the start. False: the fault is set, and names
 * the line by `file` and `number`. */
bool envelopes_put(struct envelopes *envelopes, struct span line, const char *file, uint64_t number,
                   uint64_t record_cap, struct writer *writer, struct fault *fault);

void envelopes_close(struct envelopes *envelopes);

#endif
