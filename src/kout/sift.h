/* kout/sift: which records of a load the broker refuses, found by sending ever smaller parts of it.
 * Pure.
 *
 * A broker refuses a whole batch for one record of it, and most of the time does not say which. So
 * of the records that were refused together in a partition each eighth is sent for itself, and so
 * on, until one is refused alone: that one stays out. The order within a partition is kept. A load
 * is a set of records with numbers from 0 in the order in which they came: a bucket, or with
 * transactions a barrier's records, which are sent again from the first one each time. */
#ifndef KPIPE_KOUT_SIFT_H
#define KPIPE_KOUT_SIFT_H

#include "util/fault.h"

enum sift_flag {
    SIFT_DONE = 1, /* the broker has it */
    SIFT_CUT = 2,  /* must not be in one batch with the one before it in its partition */
    SIFT_OUT = 4,  /* was refused alone: it stays out */
    SIFT_NEW = 8,  /* and nobody has been told */
    SIFT_BAD = 16,
    SIFT_ALONE = 32, /* it never came to the broker: the client refused it */
    SIFT_INNOCENT = 64,
    SIFT_WHOLE = 128
};

struct sifted {
    int32_t partition;
    int16_t err; /* why it was refused, in the client library's numbers */
    uint8_t flags;
};

/* What a report says of a record. */
enum sift_report {
    SIFT_GOOD,
    SIFT_REFUSED,    /* with its batch */
    SIFT_TOO_LARGE,  /* the same, for its size: nobody says which record is to blame for that */
    SIFT_BY_ITSELF,  /* it, and nothing else */
    SIFT_WITH_OTHERS /* because of another one of its batch: the one that is to blame is known */
};

struct sift {
    struct sifted *records; /* owned */
    size_t count, room;
    struct sift_partition *partitions; /* owned: for sift_judge(), the one of any (-1) first */
    int32_t partition_count;
    bool marked; /* some record has to be cut off or left out */
};

/* False: no memory, the fault is set. */
bool sift_open(struct sift *sift, int32_t partitions, struct fault *fault);

/* A new load: no records. The same once more: all of it is to be sent again. */
void sift_start(struct sift *sift);
void sift_again(struct sift *sift);

/* The load's next record, for this partition (-1: any). False: no memory, the fault is set. */
bool sift_add(struct sift *sift, int32_t partition, struct fault *fault);

/* Takes a report. */
void sift_report(struct sift *sift, size_t number, enum sift_report report, int err);

/* It stays out for a reason that is known of another one. */
void sift_leave_out(struct sift *sift, size_t number, int err);

enum sift_verdict {
    SIFT_CLEAN,   /* nothing was refused since the last call */
    SIFT_CHANGED, /* what was is left out, or cut, from now on: send it again */
    SIFT_STUCK    /* there is nothing more to be done about it */
};
enum sift_verdict sift_judge(struct sift *sift);

void sift_close(struct sift *sift);

#endif
