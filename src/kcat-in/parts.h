/* kcat-in/parts: the partitions that are read, each from where and up to where. */
#ifndef KPIPE_KCAT_IN_PARTS_H
#define KPIPE_KCAT_IN_PARTS_H

#include "kafka/topics.h"

struct part {
    const struct topic *topic;
    int32_t partition;
    int64_t position; /* the next offset to read */
    int64_t end;      /* nothing from here on is wanted; INT64_MAX: no end */
    bool done;        /* the position has reached the end */
};

struct parts {
    struct client *client;
    struct topic *topics; /* owned */
    size_t topic_count;
    struct part *list; /* owned: of all topics */
    size_t count, open;
};

/* The partitions of these topics, a topic that is named twice once; from their beginning; bounded:
 * to their last stable offset as it is now. The names must outlive it. False: fault is set;
 * parts_close() all the same. */
bool parts_open(struct parts *parts, struct client *client, const char **names, size_t count,
                bool bounded);

/* Has the client fetch those that are not done; the messages, and the ends of partitions, come to
 * `queue`. False: fault is set. */
bool parts_start(struct parts *parts, rd_kafka_queue_t *queue);

/* The one that a message from that queue is of. */
struct part *parts_of(const struct parts *parts, const rd_kafka_message_t *message);

/* Everything below `position` has been seen. */
void parts_reached(struct parts *parts, struct part *part, int64_t position);

/* Asks all leaders whether they are there. False: fault is set. */
bool parts_ask(const struct parts *parts);

void parts_close(struct parts *parts);

#endif
