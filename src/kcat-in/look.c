/* kcat-in/look: what becomes of topics while they are followed. */
#include "kafka/errors.h"
#include "kcat-in/parts.h"
#include "kcat-in/same.h"

#include <stdio.h>

static void look_at(struct parts *parts, const struct rd_kafka_metadata_topic *now)
{
    struct topic *topic = parts_topic(parts, now->topic);
    char object[TOPICS_OBJECT];
    snprintf(object, sizeof object, "topic %.249s", now->topic);
    if (now->err != RD_KAFKA_RESP_ERR_NO_ERROR && !errors_passing(now->err) && topic != NULL)
        errors_set(parts->client->fault, object, now->err, NULL);
    if (now->err != RD_KAFKA_RESP_ERR_NO_ERROR || now->partition_cnt == 0)
        return;
    if (topic == NULL && wanted_topic(parts->options->wanted, now->topic))
        parts_add(parts, now->topic);
    else if (topic != NULL && now->partition_cnt > topic->partitions)
        parts_grow(parts, topic, now->partition_cnt);
    else if (topic != NULL && now->partition_cnt < topic->partitions)
        same_not(parts->client, topic->name);
}

static void look_at_topics(struct parts *parts)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t err = rd_kafka_metadata(
        parts->client->handle, wanted_patterns(parts->options->wanted), NULL, &metadata, SAME_MS);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    for (int i = 0; i < metadata->topic_cnt && parts->client->fault->status == 0; i++)
        look_at(parts, &metadata->topics[i]);
    rd_kafka_metadata_destroy(metadata);
}

static void look_at_logs(struct parts *parts)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)parts->count);
    for (size_t i = 0; i < parts->count; i++) {
        struct part *part = &parts->list[i];
        if (!part->done)
            same_add(list, part->topic->name, part->partition, part->position, &part->mark);
    }
    same_ask(parts->client, list, &parts->same_wait_ms);
    rd_kafka_topic_partition_list_destroy(list);
}

void parts_look(struct parts *parts)
{
    if (!parts->options->bounded)
        look_at_topics(parts);
    if (parts->client->fault->status == 0)
        look_at_logs(parts);
}
