/* kcat-in/member: the state of a group's member and one turn of its event loop, shared by group
 * (the run), assign (rebalances) and bounded (-e). */
#ifndef KPIPE_KCAT_IN_MEMBER_H
#define KPIPE_KCAT_IN_MEMBER_H

#include "ack/host.h"
#include "kafka/client.h"
#include "kcat-in/group.h"
#include "kcat-in/ledger.h"
#include "kcat-in/pacing.h"
#include "kcat-in/put.h"

enum {
    MEMBER_POLL_MS = 45000,  /* max.poll.interval.ms: what a stuck member costs the group */
    MEMBER_DRAIN_MS = 20000, /* a revoke waits so long for acks: below half of it */
    MEMBER_OBJECT = 320
};

/* A partition that was ours once; its place in the ledger is its index. */
struct holding {
    char *topic; /* owned */
    int32_t partition;
    int64_t end;       /* bounded: nothing from here on is put; INT64_MAX: no bound */
    bool at_end;       /* reached it */
    int64_t acked;     /* may be committed; -1: nothing yet */
    int64_t confirmed; /* is committed; -1: nothing yet */
};

/* What -e waits for: the end of every partition of the topics as it was at the start. */
struct bounded {
    rd_kafka_topic_partition_list_t *ends; /* owned; NULL: not bounded */
    int64_t next_look, deadline, told;     /* ms */
    bool reached;                          /* the group has committed all of it */
};

struct member {
    const struct group_options *options;
    struct fault *fault;
    struct writer *writer;
    struct client client;
    rd_kafka_queue_t *data, *control, *commits;
    struct host host;
    struct ledger ledger;
    struct pacing pacing;
    struct bounded bounded;
    struct message_block block;
    struct holding *parts;
    size_t part_count;
    size_t last_part; /* where the last message belonged: the next does too */
    rd_kafka_topic_partition_list_t *coming; /* assigned, and not begun yet */
    uint64_t put;
    int signal;  /* the one that asked for an end; 0 none */
    bool ending; /* no more records */
    bool left;   /* a sink ended on purpose, or died: no ack will come any more */
};

/* One turn of the event loop: waits at most wait_ms for output room, acks, events of the
 * client; writes what can be written; takes acks in. Runs no callback of the client. */
void member_turn(struct member *member, int wait_ms);

/* Puts a barrier. */
void member_barrier(struct member *member, bool final);

/* Commits what is acked; `wait`: until the coordinator has answered. */
void member_commit(struct member *member, bool wait);

/* The place of a partition; with `add`, a new one is announced. -1: not known, or no memory. */
int64_t member_place(struct member *member, const char *topic, int32_t partition, bool add);

/* assign.c: the client's rebalance callback, and what it left to do outside of itself. */
void assign_rebalanced(rd_kafka_t *handle, rd_kafka_resp_err_t err,
                       rd_kafka_topic_partition_list_t *parts, void *opaque);
void assign_begin(struct member *member);

/* bounded.c: notes the ends; a partition's end; whether the group is done. False: the fault is set.
 */
bool bounded_open(struct member *member);
int64_t bounded_end(const struct bounded *bounded, const char *topic, int32_t partition);
void bounded_look(struct member *member);
void bounded_close(struct bounded *bounded);

#endif
