#include "kcat-in/same.h"

#include "kafka/topics.h"

#include <inttypes.h>
#include <stdio.h>

void same_add(rd_kafka_topic_partition_list_t *list, const char *topic, int32_t partition,
              int64_t position, struct mark *mark)
{
    int64_t time = mark_ask(mark, position);
    if (time == 0)
        return;
    rd_kafka_topic_partition_t *asked = rd_kafka_topic_partition_list_add(list, topic, partition);
    asked->offset = time;
    asked->opaque = mark;
}

void same_not(struct client *client, const char *object)
{
    fault_set(client->fault, STATUS_RETRY,
              "topic %s: was deleted and made again while it was read: start again", object);
}

bool same_ask(struct client *client, rd_kafka_topic_partition_list_t *list, int *wait_ms)
{
    if (list->cnt == 0)
        return true;
    if (*wait_ms == 0)
        *wait_ms = SAME_MS;
    rd_kafka_resp_err_t err = rd_kafka_offsets_for_times(client->handle, list, *wait_ms);
    if (err == RD_KAFKA_RESP_ERR__TIMED_OUT && *wait_ms < SAME_MOST_MS)
        *wait_ms *= 2;
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *part = &list->elems[i];
        char object[TOPICS_OBJECT];
        if (part->err != RD_KAFKA_RESP_ERR_NO_ERROR || mark_answer(part->opaque, part->offset))
            continue;
        snprintf(object, sizeof object, "%.249s/%" PRId32, part->topic, part->partition);
        same_not(client, object);
    }
    return true;
}
