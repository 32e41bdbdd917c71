/* kout/changelog: the state that filters want kept, in the topic GROUP-STORE-changelog.
 *
 * The topic is compacted and has a partition for each task; who restores a task reads its partition
 * (kdelivery(7)). State is written in the transaction that has the output and the offsets, and a
 * marker (ack/marker) behind it, whose note goes into the metadata of the task's offsets. One store
 * a stream. */
#ifndef KPIPE_KOUT_CHANGELOG_H
#define KPIPE_KOUT_CHANGELOG_H

#include "ack/marker.h"
#include "kout/send.h"

struct changelog_task {
    uint32_t number;
    bool due;                 /* a marker is, at the next barrier */
    char note[MARKER_NOTE];   /* of the last marker since the task came; empty: none */
    char value[MARKER_VALUE]; /* of that marker */
};

struct changelog {
    struct fault *fault;
    char store[FRAME_STORE_NAME + 1]; /* empty: the stream has none */
    char group[MARKER_TOPIC + 1], topic[MARKER_TOPIC + 1];
    uint8_t run_id[MARKER_RUN_ID];
    bool checked; /* the topic is there, and as it has to be */
    struct changelog_task *tasks;
    size_t task_count, task_room;
};

void changelog_open(struct changelog *changelog, struct fault *fault);
void changelog_close(struct changelog *changelog);

/* Takes HELLO. */
void changelog_meet(struct changelog *changelog, const struct hello *hello);

/* Takes a STORE. False: the fault is set: there was one before. */
bool changelog_store(struct changelog *changelog, struct span name);

/* Makes `send` ready to write to the topic, with as many partitions as the source's topics have;
 * makes the topic where it is missing, and checks it, once. Does nothing without a store. False:
 * the fault is set. */
bool changelog_ready(struct changelog *changelog, struct send *send, uint32_t partitions);

/* Takes a TASK or STATE in its place between the records; the frame's bytes must stay until
 * send_now(). False: the fault is set. */
bool changelog_take(struct changelog *changelog, struct send *send, const struct frame *frame);

/* Whether a task has state that no marker follows yet, or is new. */
bool changelog_due(const struct changelog *changelog);

/* The markers of barrier `barrier`. They must leave by send_now() before the next frame is taken.
 */
void changelog_mark(struct changelog *changelog, struct send *send, int64_t barrier);

/* The metadata of a partition's offset; `granted` is what it was when the partition came. */
struct span changelog_note(const struct changelog *changelog, int32_t partition,
                           struct span granted);

#endif
