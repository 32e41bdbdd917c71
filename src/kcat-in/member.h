/* kcat-in/member: the state of a group's member and one turn of its event loop, shared by group
 * (the run), join (until we are in the group), take (messages), assign (rebalances), restore
 * (state), bounded (-e) and granted (exactly once). */
#ifndef KPIPE_KCAT_IN_MEMBER_H
#define KPIPE_KCAT_IN_MEMBER_H

#include "ack/grant.h"
#include "ack/host.h"
#include "kafka/client.h"
#include "kcat-in/group.h"
#include "kcat-in/ledger.h"
#include "kcat-in/mark.h"
#include "kcat-in/pacing.h"
#include "kcat-in/placing.h"
#include "kcat-in/put.h"
#include "kcat-in/restore.h"
#include "kcat-in/screen.h"

enum {
    MEMBER_POLL_MS = 45000,  /* max.poll.interval.ms: what a stuck member costs the group */
    MEMBER_DRAIN_MS = 20000, /* a revoke waits so long for acks: below half of it */
    MEMBER_OBJECT = 320
};

/* A partition that was ours once; its place in the ledger is its index. */
struct holding {
    char *topic; /* owned */
    int32_t partition;
    int64_t start;     /* the first offset of ours */
    char *note;        /* owned: the committed offset's metadata; NULL: none */
    int64_t end;       /* bounded: nothing from here on is put; INT64_MAX: no bound */
    bool at_end;       /* reached it */
    bool full;         /* --per-partition is reached: nothing more is put */
    uint64_t put;      /* records of it */
    bool placed;       /* enough of its topic's keys was looked at */
    struct mark mark;  /* whether it is the same log still */
    int64_t acked;     /* may be committed; -1: nothing yet */
    int64_t confirmed; /* is committed; -1: nothing yet */
};

/* What -e waits for: the end of every partition of the topics as it was at the start. */
struct bounded {
    rd_kafka_topic_partition_list_t *ends; /* owned; NULL: not bounded */
    int64_t next_look, deadline, told;     /* ms */
    bool settled;                          /* ours is read to its end and committed */
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
    struct grant_bytes grant;
    struct restore restore;
    struct placing *placings; /* owned: of each wanted topic; NULL: nobody wants to know */
    struct holding *parts;
    size_t part_count;
    uint32_t partitions; /* that each topic has; 0: they differ, or are not known */
    size_t last_part;    /* where the last message belonged: the next does too */
    rd_kafka_topic_partition_list_t *coming; /* assigned, and not begun yet ... */
    int64_t coming_since;                    /* because its offsets are not stable, since then */
    bool told_unstable;
    uint64_t put;
    int64_t first;    /* the first barrier with a record before it; 0: none yet */
    bool once;        /* the sink commits our offsets in its transactions; we never do */
    bool committing;  /* an answer to a commit is to come ... */
    bool more;        /* and more is to be committed then */
    int64_t asked;    /* when we last asked whether the logs are the same; 0: do it now */
    int same_wait_ms; /* see same_ask() */
    int64_t heard; /* when something last came, or could not for the pipe; 0: nothing is ours yet */
    int signal;    /* the one that asked for an end; 0 none */
    struct screen screen;
    bool ending; /* no more records */
    bool ended;  /* END is among what was put: a reader that has it all may go */
    bool left;   /* a sink ended on purpose, or died: no ack will come any more */
};

/* One turn of the event loop: waits at most wait_ms for output room, acks, events of the
 * client; writes what can be written; takes acks in. Runs no callback of the client. */
void member_turn(struct member *member, int wait_ms);

/* Puts a barrier. */
void member_barrier(struct member *member, bool final);

/* Commits what is acked, unless the sink has done it; `wait`: until the coordinator has answered.
 */
void member_commit(struct member *member, bool wait);

/* granted.c: answers the sink, which asks whether it may commit barrier host.asked. */
void member_grant(struct member *member);

/* join.c: makes the client, sees that the topics exist, puts HELLO and OPEN and waits until every
 * sink is ready; then, with the sinks' say in how often barriers come, joins the group, or not,
 * where an end was asked for meanwhile. False: the fault is set. */
bool join_ready(struct member *member);
bool join_group(struct member *member);

/* take.c: puts a batch of the records that are there, as many as the ends of the run and the sinks
 * allow; false: nothing was there. */
bool take_batch(struct member *member);

/* Runs the client's callbacks, rebalances too, and takes what the group tells. Membership lives by
 * this call, however full the pipe is. */
void take_news(struct member *member);

/* The place of a partition; with `add`, a new one is announced. -1: not known, or no memory. */
int64_t member_place(struct member *member, const char *topic, int32_t partition, bool add);

/* assign.c: the client's rebalance callback, and what it left to do outside of itself. */
void assign_rebalanced(rd_kafka_t *handle, rd_kafka_resp_err_t err,
                       rd_kafka_topic_partition_list_t *parts, void *opaque);
void assign_begin(struct member *member);

/* From now on this partition's records come, and are expected. */
void assign_open_part(struct member *member, size_t place);

/* limits.c: --per-partition, --idle, topics that are made again. One more record of this place has
 * been put; whether our partitions have given what they should; a turn of the loop has passed,
 * `busy`: something came, or nothing could be taken. */
void limits_put(struct member *member, size_t place, const rd_kafka_message_t *message);
bool limits_reached(const struct member *member);
void limits_look(struct member *member, bool busy);

/* placed.c: where topics are counted together into a store, a record of theirs has been put; two
 * that place keys by different rules are told once. False: the fault is set. */
bool placed_open(struct member *member);
void placed_look(struct member *member, struct holding *part, const rd_kafka_message_t *message);
void placed_close(struct member *member);

/* bounded.c: notes the ends; a partition's end; whether the group is done. False: the fault is set.
 */
bool bounded_open(struct member *member);
int64_t bounded_end(const struct bounded *bounded, const char *topic, int32_t partition);
void bounded_look(struct member *member);
void bounded_close(struct bounded *bounded);

#endif
