/* kout/writing: how records go to a topic, as the command line says it. Pure. */
#ifndef KPIPE_KOUT_WRITING_H
#define KPIPE_KOUT_WRITING_H

#include "kafka/props.h"

enum writing_to {
    WRITING_BY_KEY, /* where Kafka's Java client puts the key; without one anywhere */
    WRITING_SAME,   /* the partition that the record is from */
    WRITING_ONE     /* one for all: ->partition */
};

enum writing_refused {
    WRITING_FAIL, /* a record that the broker refuses is the fault */
    WRITING_SKIP, /* it is told and left out */
    WRITING_DLQ   /* and it goes to topic ->dead */
};

struct writing {
    enum writing_to to;
    int32_t partition;
    const char *codec; /* static; NULL: what is configured */
    bool now;          /* the time of writing in place of the records' own */
    uint64_t rate;     /* records a second at most; 0: any number */
    enum writing_refused refused;
    const char *dead; /* borrowed */
    int32_t create;   /* a topic that is missing is made with so many partitions; 0: it is not */
    struct props settings; /* owned: and with these of its own */
};

/* -p: key, same, or a partition's number. False: it is none of these. */
bool writing_partition(struct writing *writing, const char *word);

/* -z: none, gzip, snappy, lz4, zstd. False: it is none of these. */
bool writing_codec(struct writing *writing, const char *word);

/* --create: PARTITIONS[,NAME=VALUE...]; a value may have commas. False: the fault is set. */
bool writing_create(struct writing *writing, const char *word, struct fault *fault);

/* --on-error: fail, skip, dlq:TOPIC. False: it is none of these. */
bool writing_on_error(struct writing *writing, const char *word);

void writing_close(struct writing *writing);

#endif
