/* kcat-in/same: whether the logs of partitions are still those that were read; see kcat-in/mark. */
#ifndef KPIPE_KCAT_IN_SAME_H
#define KPIPE_KCAT_IN_SAME_H

#include "kafka/client.h"
#include "kcat-in/mark.h"

/* How long a question may hold up the reader: a leader that takes longer is asked the next time,
 * and is given twice as long then, up to the most. */
enum { SAME_MS = 100, SAME_MOST_MS = 800 };

/* Adds a partition to the question, unless nothing can be asked of it yet. Everything of it below
 * `position` has been read. The mark must stay where it is until same_ask(). */
void same_add(rd_kafka_topic_partition_list_t *list, const char *topic, int32_t partition,
              int64_t position, struct mark *mark);

/* Asks the leaders. One is another log: fault is set, 75. *wait_ms: what they are given, the
 * caller's from one question to the next; 0 at the start. False: there was no answer. */
bool same_ask(struct client *client, rd_kafka_topic_partition_list_t *list, int *wait_ms);

/* Sets that fault for "TOPIC" or "TOPIC/PARTITION". */
void same_not(struct client *client, const char *object);

#endif
