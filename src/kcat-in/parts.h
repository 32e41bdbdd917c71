/* kcat-in/parts: the partitions that are read without a group, each from where and up to where. */
#ifndef KPIPE_KCAT_IN_PARTS_H
#define KPIPE_KCAT_IN_PARTS_H

#include "kafka/topics.h"
#include "kcat-in/mark.h"
#include "kcat-in/progress.h"
#include "kcat-in/wanted.h"

struct parts_options {
    const struct wanted *wanted;
    struct range from;
    bool bounded;  /* up to each partition's last stable offset as it is at the start */
    int64_t end;   /* and nothing from this offset on; INT64_MAX: no such end */
    uint64_t most; /* records of a partition; 0: no limit */
};

struct part {
    const struct topic *topic;
    int32_t partition;
    int64_t from;     /* the first offset that is wanted: it may not be there yet */
    int64_t start;    /* where it is read from */
    int64_t position; /* the next offset to read */
    int64_t end;      /* nothing from here on is wanted; INT64_MAX: no end */
    uint64_t put;     /* records of it */
    bool done;        /* nothing more of it is wanted */
    struct mark mark; /* whether it is the same log still */
};

struct parts {
    struct client *client;
    const struct parts_options *options;
    struct topic **topics; /* owned, each one too: they must not move */
    size_t topic_count;
    struct part *list; /* owned: of all topics; only grows */
    size_t count, open;
    rd_kafka_queue_t *queue; /* where they are fetched to; NULL before parts_start() */
    int same_wait_ms;        /* see same_ask() */
};

/* The partitions that are wanted, and their offsets. False: fault is set, 66 where a named topic or
 * partition does not exist, or a bounded read has no topic at all; parts_close() all the same. */
bool parts_open(struct parts *parts, struct client *client, const struct parts_options *options);

/* Has the client fetch those that are not done; the messages, and the ends of partitions, come to
 * `queue`. False: fault is set. */
bool parts_start(struct parts *parts, rd_kafka_queue_t *queue);

/* The one that a message from that queue is of. */
struct part *parts_of(const struct parts *parts, const rd_kafka_message_t *message);

/* Whether a record at `offset` is to be put. */
static inline bool parts_want(const struct part *part, int64_t offset)
{
    return !part->done && offset >= part->position && offset >= part->from && offset < part->end;
}

/* One more record of it has been put. */
void parts_put(struct parts *parts, struct part *part);

/* Everything below `position` has been seen. */
void parts_reached(struct parts *parts, struct part *part, int64_t position);

/* Adds what is done of all of them, and what there is to do. */
void parts_progress(const struct parts *parts, struct progress_sum *sum);

/* Asks all leaders whether they are there, and *read whether all that they have was seen. False:
 * fault is set. */
bool parts_ask(const struct parts *parts, bool *read);

/* look.c: what has become of the topics since the last look. Partitions and topics made since join
 * the list, from their beginning, and are fetched, unless it is a bounded read. A topic that is not
 * there any more, or was deleted and made again, sets the fault. A broker that does not answer at
 * once is asked the next time. */
void parts_look(struct parts *parts);

/* For it: the topic of this name, NULL: not read; one more topic; one more of its partitions up to
 * `count`; those are given a place and, after parts_start(), fetched. False: fault is set. */
struct topic *parts_topic(const struct parts *parts, const char *name);
bool parts_add(struct parts *parts, const char *name);
bool parts_grow(struct parts *parts, struct topic *topic, int32_t count);

void parts_close(struct parts *parts);

#endif
