/* kafka/topics: topics that exist, and where their partitions begin and end. */
#ifndef KPIPE_KAFKA_TOPICS_H
#define KPIPE_KAFKA_TOPICS_H

#include "kafka/client.h"

enum {
    TOPICS_SETTLE_MS = 500, /* one made just now may be unknown to some brokers for so long */
    TOPICS_OBJECT = 320     /* room for "topic NAME/PARTITION" in a message */
};

struct topic {
    const char *name;         /* the handle's */
    rd_kafka_topic_t *handle; /* owned; its opaque is the struct it was first made with */
    int32_t partitions;
    size_t *places; /* for the caller */
};

/* Makes sure that the topic of this name exists. *topic must stay where it is until topic_close().
 * False: fault is set: 66 where it does not exist, with the remedy for a reader or a writer. */
bool topic_open(struct topic *topic, struct client *client, const char *name);

/* The same for one that may be missing: topic->partitions is 0 then. */
bool topic_find(struct topic *topic, struct client *client, const char *name);

/* Asks all leaders of the topic for something: who is going to write wants to know that they are at
 * work. One that has just been chosen may refuse a producer's first batch and take the next, and to
 * the client library (2.0.2) that one's success is the success of both. False: fault is set. */
bool topic_led(const struct topic *topic, struct client *client);

void topic_close(struct topic *topic);

/* Asks the leaders for an offset of every partition in *list, all at once:
 * RD_KAFKA_OFFSET_BEGINNING the first record's, RD_KAFKA_OFFSET_END the last stable offset, below
 * which a read_committed reader sees everything (KIP-98), a timestamp in ms the first record's
 * whose timestamp is that or later, below the last stable offset; RD_KAFKA_OFFSET_END where there
 * is none. Written to ->offset. False: fault is set; at most CLIENT_START_MS. */
bool topics_offsets(struct client *client, rd_kafka_topic_partition_list_t *list, int64_t at);

#endif
