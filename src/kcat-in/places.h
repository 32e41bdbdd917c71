/* kcat-in/places: the sources of a stream whose records each name their own, numbered as they come.
 */
#ifndef KPIPE_KCAT_IN_PLACES_H
#define KPIPE_KCAT_IN_PLACES_H

#include "stream/writer.h"

struct place;

struct places {
    void *tree; /* owned: by topic and partition (tsearch): no order of them makes it slow */
    struct place *last; /* what was asked for last: often the next one too */
    uint32_t count;
};

/* The source's number, 1 or more; a new one is announced to the writer first. 0: no memory or too
 * many, the fault is set. */
uint32_t places_number(struct places *places, struct span topic, int64_t partition,
                       struct writer *writer, struct fault *fault);

void places_close(struct places *places);

#endif
