/* kout/bucket: records sorted by partition, the order within each kept.
 *
 * The client library is handed runs of records of one partition at a time: going back and forth
 * between partitions costs it a third to a half of its speed. Pure: views in, runs of views out; no
 * descriptor, no Kafka. The views' bytes must live until the bucket is emptied. */
#ifndef KPIPE_KOUT_BUCKET_H
#define KPIPE_KOUT_BUCKET_H

#include "stream/frame.h"
#include "util/fault.h"

enum {
    BUCKET_ROOM = 8192, /* records without key and value in an input buffer of 256 KiB */
    BUCKET_ANY = -1     /* the partition of a record that may go anywhere */
};

struct bucket {
    int32_t partitions;
    size_t count;
    struct frame *records; /* owned: BUCKET_ROOM of them, in the order of arrival ... */
    int32_t *partition;    /* ... each one's partition ... */
    uint32_t *order;       /* ... and their numbers by partition, made by bucket_sort() */
    uint32_t *start;       /* where each partition's begin in it, BUCKET_ANY's first */
};

/* A run: the numbers of one partition's records in the order of arrival. */
struct bucket_run {
    const uint32_t *order;
    size_t count;
};

/* For partitions 0 up to `partitions` - 1 and BUCKET_ANY. False: no memory, fault is set. */
bool bucket_open(struct bucket *bucket, int32_t partitions, struct fault *fault);

/* Adds a record; there must be room. True: it is full now, empty it. */
bool bucket_put(struct bucket *bucket, const struct frame *frame, int32_t partition);

/* Sorts, stably; in time that grows with records and partitions. */
void bucket_sort(struct bucket *bucket);

/* After bucket_sort(): the run of a partition or of BUCKET_ANY, maybe of no records. It lives until
 * the next call of another function. */
struct bucket_run bucket_run(const struct bucket *bucket, int32_t partition);

static inline void bucket_empty(struct bucket *bucket)
{
    bucket->count = 0;
}

void bucket_close(struct bucket *bucket);

#endif
