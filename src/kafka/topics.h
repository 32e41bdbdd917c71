/* kafka/topics: topics that exist, and where their partitions begin and end. */
#ifndef KPIPE_KAFKA_TOPICS_H
#define KPIPE_KAFKA_TOPICS_H

#include "kafka/client.h"

enum {
    TOPICS_SETTLE_MS = 500, /* one made just now may be unknown to some brokers for so long */
    TOPICS_OBJECT = 320     /* room for "topic NAME/PARTITION" in a message */
};

struct topic {
    const char *name;         /* the caller's */
    rd_kafka_topic_t *handle; /* owned; its opaque is this struct */
    int32_t partitions;
    size_t first; /* for the caller */
};

/* Makes sure that the topic exists. *topic must stay where it is until topic_close(). False: fault
 * is set: 66 where it does not exist, with the remedy for a reader or a writer. */
bool topic_open(struct topic *topic, struct client *client, const char *name);

void topic_close(struct topic *topic);

/* Asks the leaders for an offset of every partition in *list, all at once:
 * RD_KAFKA_OFFSET_BEGINNING the first record's, RD_KAFKA_OFFSET_END the last stable offset, below
 * which a read_committed reader sees everything (KIP-98). Written to ->offset. False: fault is set;
 * at most CLIENT_START_MS. */
bool topics_offsets(struct client *client, rd_kafka_topic_partition_list_t *list, int64_t at);

#endif
