/* kpipe-adm/snapshot: a store's table as of the offsets that its group has committed.
 *
 * The group may be at work meanwhile. So a task is done when the marker behind its state is the one
 * that offsets name which were fetched after all in front of it had been read: a value that the log
 * cleaner took away on the way had a newer one by then, and that was read, too. Each task is as of
 * its own offsets. The changelog is read as a task is restored: read_committed, up to the high
 * watermark that is asked for after the stable offsets are known (kdelivery(7)). */
#ifndef KPIPE_KPIPE_ADM_SNAPSHOT_H
#define KPIPE_KPIPE_ADM_SNAPSHOT_H

#include "ack/bond.h"
#include "kafka/topics.h"
#include "util/table.h"

struct snapshot_task {
    uint32_t number;
    bool reading, done;
    int doubts;             /* how often marker and offsets did not agree, and nothing more came */
    int64_t position, high; /* in the changelog */
    struct bond bond;
    rd_kafka_topic_partition_list_t *offsets; /* of its partitions, with metadata; owned */
    struct table table;
};

struct snapshot {
    struct fault *fault;
    const char *group, *store;
    char topic_name[MARKER_TOPIC + 1];
    struct client reader, looker; /* read_committed, read_uncommitted */
    struct topic topic;           /* the changelog; partitions 0: there is none */
    rd_kafka_queue_t *queue;
    struct snapshot_task *tasks; /* one for each partition of the changelog */
    size_t count;
    int round;
    int64_t since; /* ms: when something came last */
};

/* Gets ready to read the group's store. False: the fault is set; close it in both cases. */
bool snapshot_open(struct snapshot *snapshot, const struct conf *conf, const char *group,
                   const char *store, struct fault *fault);

/* Reads it; waits for open transactions, at most a minute for nothing. `parts`: all partitions that
 * the group may have read. False: the fault is set: 78 where state and offsets do not belong
 * together. */
bool snapshot_read(struct snapshot *snapshot, const rd_kafka_topic_partition_list_t *parts);

/* Whether a partition, as the group has committed it, makes its topic one of the store's: it has an
 * offset, and no other store's note. One without any note counts: a reset takes the notes away. */
bool snapshot_counts(const struct snapshot *snapshot, const rd_kafka_topic_partition_t *part);

size_t snapshot_keys(const struct snapshot *snapshot);

/* Whether any task has offsets, and so a place to go on from. */
bool snapshot_started(const struct snapshot *snapshot);

/* One of zeros is closed already. */
void snapshot_close(struct snapshot *snapshot);

/* An entry and its task. */
struct snapshot_row {
    const struct entry *entry;
    uint32_t task;
};

/* How two keys are ordered, as memcmp() says it: by their bytes. */
int snapshot_order(struct span a, struct span b);

/* All entries, by the bytes of their keys and then by task: as many as snapshot_keys(), owned by
 * the caller. NULL: no memory, the fault is set. */
struct snapshot_row *snapshot_rows(const struct snapshot *snapshot);

#endif
