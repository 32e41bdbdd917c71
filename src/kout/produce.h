/* kout/produce: a stream's records to a topic, at least once: a barrier is acknowledged when every
 * report of what came before it was good. */
#ifndef KPIPE_KOUT_PRODUCE_H
#define KPIPE_KOUT_PRODUCE_H

#include "kafka/conf.h"
#include "kout/writing.h"
#include "stream/reader.h"

struct produce_options {
    const struct conf *conf; /* read */
    bool replay;             /* a saved stream, whose source is gone: nothing is acknowledged */
    const char *topic;
    const struct writing *writing; /* read */
};

/* Reads `reader`, opened without a paired output, to its end. True: every record of it is in the
 * topic. False: the fault is set; what had been read by then may be there, and has had
 * PRODUCE_GRACE_MS to get there unless the broker refused a record. */
enum { PRODUCE_GRACE_MS = 5000 };
bool produce_run(const struct produce_options *options, struct reader *reader, struct fault *fault);

#endif
