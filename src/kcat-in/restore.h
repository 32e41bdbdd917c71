/* kcat-in/restore: where the far end keeps a store, brings the state of a task back before its
 * records.
 *
 * A task is a partition number: the partitions of that number of all topics, which must all be
 * ours. When it comes, its partition of the changelog is read until the position reaches the high
 * watermark: read_committed, but the watermark is asked by a read_uncommitted handle, for the end
 * that a read_committed one sees may be held back by somebody's open transaction, with committed
 * state above it (KAFKA-10167). It is asked after the stable committed offsets are known. Offsets
 * and state must belong together (ack/bond). Several tasks are read at once, on handles of
 * their own, while the records of other tasks flow. */
#ifndef KPIPE_KCAT_IN_RESTORE_H
#define KPIPE_KCAT_IN_RESTORE_H

#include "ack/bond.h"
#include "kafka/topics.h"
#include "kcat-in/progress.h"
#include "stream/frame.h"

struct member;

struct restore_task {
    uint32_t number;
    bool reading;           /* else its state is there, and its records come */
    int64_t position, high; /* in the changelog */
    int64_t start;          /* where it is read from */
    int64_t since;          /* ms: when it began */
    struct bond bond;
};

struct restore {
    bool on; /* there is a store */
    char topic_name[MARKER_TOPIC + 1];
    size_t topics;                /* that are read: a task has a partition of each */
    struct client reader, looker; /* read_committed, read_uncommitted */
    struct topic topic;           /* the changelog, of the reader */
    rd_kafka_queue_t *queue;
    struct restore_task *tasks;
    size_t task_count, task_room, reading;
    uint64_t records, bytes;  /* that were restored */
    char what[PROGRESS_WHAT]; /* they are, for who looks on */
};

/* After READY: where a sink keeps a store, gets ready for tasks. False: the fault is set: 78 where
 * the group's way of assigning would part a task. */
bool restore_open(struct member *member);

/* Partitions that have come, whose committed offsets and metadata stand in `stored` (as
 * rd_kafka_committed() gives them): each task is opened now or when it is restored. False: the
 * fault is set. */
bool restore_begin(struct member *member, const rd_kafka_topic_partition_list_t *stored);

/* One turn: puts what has come, opens tasks that are whole. True: something had come. */
bool restore_turn(struct member *member);

/* The tasks of these partitions, all where it is NULL, are gone, also in the middle of it. */
void restore_drop(struct member *member, const rd_kafka_topic_partition_list_t *parts,
                  enum frame_task what);

void restore_close(struct restore *restore);

#endif
