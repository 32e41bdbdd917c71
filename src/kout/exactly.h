/* kout/exactly: a stream's records to a topic, exactly once: one Kafka transaction a barrier, with
 * the source's offsets in it. kdelivery(7) tells the rules; kout/txn is their order. */
#ifndef KPIPE_KOUT_EXACTLY_H
#define KPIPE_KOUT_EXACTLY_H

#include "kafka/conf.h"
#include "kout/writing.h"
#include "stream/reader.h"

struct exactly_options {
    const struct conf *conf; /* read */
    const char *topic;
    const struct writing *writing; /* read */
    const char *group;             /* the only one whose offsets may be committed; NULL: HELLO's */
    const char *instance;          /* kout/slot */
    uint64_t spool;                /* bytes to hold until their barrier is there */
};

/* Reads `reader`, opened without a paired output, to its end. False: the fault is set; what came
 * after the last committed barrier is in no transaction that anybody sees. */
bool exactly_run(const struct exactly_options *options, struct reader *reader, struct fault *fault);

#endif
