/* kgrep/context: the records around a selected one, within its partition.
 *
 * What may turn out to stand before a selected record is copied and held, the last few of each
 * source; memory is what they take, CONTEXT_MOST bytes in all. Nothing is allocated for a record
 * once as many as wanted, and as large ones, have been held. */
#ifndef KPIPE_KGREP_CONTEXT_H
#define KPIPE_KGREP_CONTEXT_H

#include "stream/writer.h"

enum { CONTEXT_MOST = 256 << 20 };

struct context_lane;

struct context {
    uint64_t before, after;     /* how many records of each; set them, the rest is 0 at first */
    struct context_lane *lanes; /* by the number of the source */
    size_t lane_count;
    size_t bytes;   /* that all lanes hold */
    size_t pending; /* lanes where records that come after a selected one are still to come */
};

static inline bool context_wanted(const struct context *context)
{
    return context->before > 0 || context->after > 0;
}

/* A record is selected: writes what stands before it, and awaits what comes after it. False: fault
 * is set. */
bool context_select(struct context *context, const struct frame *frame, struct writer *writer,
                    struct fault *fault);

/* A record is not selected: true where it comes after one that is, and is to be written. Else it is
 * held. Also false where the fault is set. */
bool context_follows(struct context *context, const struct frame *frame, struct fault *fault);

/* A segment is over: its sources are no more. */
void context_clear(struct context *context);

void context_close(struct context *context);

#endif
