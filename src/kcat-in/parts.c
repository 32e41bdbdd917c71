#include "kcat-in/parts.h"

#include "kafka/errors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool named(const char **names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool add(struct parts *parts, struct topic *topic)
{
    size_t count = parts->count + (size_t)topic->partitions;
    struct part *list = reallocarray(parts->list, count, sizeof *list);
    if (list == NULL) {
        fault_memory(parts->client->fault);
        return false;
    }
    parts->list = list;
    topic->first = parts->count;
    for (int32_t i = 0; i < topic->partitions; i++)
        list[parts->count++] = (struct part){.topic = topic, .partition = i, .end = INT64_MAX};
    return true;
}

static bool open_topics(struct parts *parts, const char **names, size_t count)
{
    parts->topics = calloc(count, sizeof *parts->topics);
    if (parts->topics == NULL) {
        fault_memory(parts->client->fault);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (named(names, i, names[i]))
            continue;
        struct topic *topic = &parts->topics[parts->topic_count++];
        if (!topic_open(topic, parts->client, names[i]) || !add(parts, topic))
            return false;
    }
    return true;
}

static rd_kafka_topic_partition_list_t *listed(const struct parts *parts)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)parts->count);
    for (size_t i = 0; i < parts->count; i++)
        rd_kafka_topic_partition_list_add(list, parts->list[i].topic->name,
                                          parts->list[i].partition);
    return list;
}

/* The ends are asked first: what is deleted in between then begins past its end, and is done. */
static bool find_offsets(struct parts *parts, bool bounded)
{
    rd_kafka_topic_partition_list_t *list = listed(parts);
    bool found = !bounded || topics_offsets(parts->client, list, RD_KAFKA_OFFSET_END);
    for (size_t i = 0; found && bounded && i < parts->count; i++)
        parts->list[i].end = list->elems[i].offset;
    found = found && topics_offsets(parts->client, list, RD_KAFKA_OFFSET_BEGINNING);
    parts->open = parts->count;
    for (size_t i = 0; found && i < parts->count; i++)
        parts_reached(parts, &parts->list[i], list->elems[i].offset);
    rd_kafka_topic_partition_list_destroy(list);
    return found;
}

bool parts_open(struct parts *parts, struct client *client, const char **names, size_t count,
                bool bounded)
{
    *parts = (struct parts){.client = client};
    return open_topics(parts, names, count) && find_offsets(parts, bounded);
}

/* The plain consumer and not rd_kafka_assign(): that one wants a group's name, looks for its
 * coordinator and needs a right on it. The offsets are numbers: a logical one waits for a timer of
 * 100 ms before it is looked up. */
bool parts_start(struct parts *parts, rd_kafka_queue_t *queue)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct part *part = &parts->list[i];
        char object[TOPICS_OBJECT];
        if (part->done || rd_kafka_consume_start_queue(part->topic->handle, part->partition,
                                                       part->position, queue) == 0)
            continue;
        snprintf(object, sizeof object, "topic %.249s/%" PRId32, part->topic->name,
                 part->partition);
        errors_set(parts->client->fault, object, rd_kafka_last_error(), NULL);
        return false;
    }
    return true;
}

struct part *parts_of(const struct parts *parts, const rd_kafka_message_t *message)
{
    const struct topic *topic = rd_kafka_topic_opaque(message->rkt);
    return &parts->list[topic->first + (size_t)message->partition];
}

void parts_reached(struct parts *parts, struct part *part, int64_t position)
{
    if (position > part->position)
        part->position = position;
    if (part->position >= part->end && !part->done) {
        part->done = true;
        parts->open--;
    }
}

bool parts_ask(const struct parts *parts)
{
    rd_kafka_topic_partition_list_t *list = listed(parts);
    bool there = topics_offsets(parts->client, list, RD_KAFKA_OFFSET_END);
    rd_kafka_topic_partition_list_destroy(list);
    return there;
}

void parts_close(struct parts *parts)
{
    for (size_t i = 0; i < parts->topic_count; i++)
        topic_close(&parts->topics[i]);
    free(parts->topics);
    free(parts->list);
}
