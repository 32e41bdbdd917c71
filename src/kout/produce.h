/* kout/produce: records to a topic.
 *
 * Idempotent, acknowledged by all replicas in sync; keys go to the partition that Kafka's Java
 * client would choose (murmur2), records without a key to one partition for a while and then to
 * another (KIP-480). Null and empty, headers, timestamps and the order within a partition are kept.
 * Every delivery report is looked at. */
#ifndef KPIPE_KOUT_PRODUCE_H
#define KPIPE_KOUT_PRODUCE_H

#include "kafka/conf.h"
#include "stream/reader.h"

struct produce_options {
    const struct conf *conf; /* read */
    bool replay;             /* a saved stream, whose source is gone: nothing is acknowledged */
    const char *topic;       /* must exist */
};

/* Reads `reader`, opened without a paired output, to its end. True: every record of it is in the
 * topic. False: the fault is set; what had been read by then may be there, and has had
 * PRODUCE_GRACE_MS to get there unless the broker refused a record. */
enum { PRODUCE_GRACE_MS = 5000 };
bool produce_run(const struct produce_options *options, struct reader *reader, struct fault *fault);

#endif
