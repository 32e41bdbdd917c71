#include "kcat-in/parts.h"

#include "kafka/errors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t nowhere = SIZE_MAX; /* the place of a partition that is not wanted */

struct topic *parts_topic(const struct parts *parts, const char *name)
{
    for (size_t i = 0; i < parts->topic_count; i++)
        if (strcmp(parts->topics[i]->name, name) == 0)
            return parts->topics[i];
    return NULL;
}

/* The partitions from `first` on: those that are wanted get a place in the list. */
static bool list_topic(struct parts *parts, struct topic *topic, int32_t first)
{
    size_t most = parts->count + (size_t)(topic->partitions - first);
    struct part *list = reallocarray(parts->list, most, sizeof *list);
    if (list != NULL)
        parts->list = list;
    size_t *places = reallocarray(topic->places, (size_t)topic->partitions, sizeof *places);
    if (places != NULL)
        topic->places = places;
    if (list == NULL || places == NULL) {
        fault_memory(parts->client->fault);
        return false;
    }
    for (int32_t i = first; i < topic->partitions; i++) {
        bool wanted = wanted_partition(parts->options->wanted, topic->name, i);
        places[i] = wanted ? parts->count : nowhere;
        if (wanted)
            list[parts->count++] =
                (struct part){.topic = topic, .partition = i, .end = parts->options->end};
    }
    return true;
}

static bool has_named(const struct parts *parts, const struct topic *topic)
{
    int32_t highest = wanted_highest(parts->options->wanted, topic->name);
    if (highest >= topic->partitions)
        fault_set(parts->client->fault, STATUS_NOINPUT,
                  "topic %.249s/%" PRId32 ": does not exist: the last one is %" PRId32, topic->name,
                  highest, topic->partitions - 1);
    return highest < topic->partitions;
}

static bool open_topic(struct parts *parts, const char *name)
{
    struct topic **topics = reallocarray(parts->topics, parts->topic_count + 1, sizeof(*topics));
    if (topics != NULL)
        parts->topics = topics;
    struct topic *topic = topics == NULL ? NULL : malloc(sizeof *topic);
    if (topic == NULL) {
        fault_memory(parts->client->fault);
        return false;
    }
    topics[parts->topic_count++] = topic;
    return topic_open(topic, parts->client, name) && has_named(parts, topic) &&
           list_topic(parts, topic, 0);
}

static rd_kafka_topic_partition_list_t *listed(const struct parts *parts, size_t first)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)(parts->count - first));
    for (size_t i = first; i < parts->count; i++)
        rd_kafka_topic_partition_list_add(list, parts->list[i].topic->name,
                                          parts->list[i].partition);
    return list;
}

static void finish(struct parts *parts, struct part *part)
{
    part->done = true;
    parts->open--;
    if (parts->open > 0 && parts->queue != NULL) /* else it would be fetched on, for nothing */
        rd_kafka_consume_stop(part->topic->handle, part->partition);
}

void parts_put(struct parts *parts, struct part *part)
{
    part->put++;
    if (part->put == parts->options->most && !part->done)
        finish(parts, part);
}

void parts_reached(struct parts *parts, struct part *part, int64_t position)
{
    if (position > part->position)
        part->position = position;
    if (!part->done && (part->position >= part->end || part->from >= part->end))
        finish(parts, part);
}

/* An offset that is not in the log yet is waited for at the log's end. */
static void place(struct parts *parts, struct part *part, int64_t low, int64_t high)
{
    if (parts->options->bounded && high < part->end)
        part->end = high;
    int64_t start = part->from < high ? part->from : high;
    part->start = start > low ? start : low;
    parts_reached(parts, part, part->start);
}

/* Of those from `first` on. The end is asked first: what is deleted before the beginning is asked
 * then begins past its end, and is done; what is written before the time is asked is read. */
static bool find_offsets(struct parts *parts, size_t first, const struct range *from)
{
    struct client *client = parts->client;
    rd_kafka_topic_partition_list_t *low = listed(parts, first), *high = listed(parts, first),
                                    *found = listed(parts, first);
    bool to_end = parts->options->bounded || from->kind != RANGE_BEGINNING;
    bool asked = parts->count > first &&
                 (!to_end || topics_offsets(client, high, RD_KAFKA_OFFSET_END)) &&
                 (from->kind != RANGE_TIME || topics_offsets(client, found, from->value)) &&
                 topics_offsets(client, low, RD_KAFKA_OFFSET_BEGINNING);
    parts->open += parts->count - first;
    for (int i = 0; asked && i < low->cnt; i++) {
        struct part *part = &parts->list[first + (size_t)i];
        int64_t end = to_end ? high->elems[i].offset : INT64_MAX;
        part->from = range_resolve(from, low->elems[i].offset, end, found->elems[i].offset);
        place(parts, part, low->elems[i].offset, end);
    }
    rd_kafka_topic_partition_list_destroy(low);
    rd_kafka_topic_partition_list_destroy(high);
    rd_kafka_topic_partition_list_destroy(found);
    return client->fault->status == 0;
}

/* The plain consumer and not rd_kafka_assign(): that one wants a group's name, looks for its
 * coordinator and needs a right on it. The offsets are numbers: a logical one waits for a timer of
 * 100 ms before it is looked up. */
static bool fetch_from(struct parts *parts, size_t first)
{
    for (size_t i = first; i < parts->count; i++) {
        const struct part *part = &parts->list[i];
        char object[TOPICS_OBJECT];
        if (part->done || rd_kafka_consume_start_queue(part->topic->handle, part->partition,
                                                       part->position, parts->queue) == 0)
            continue;
        snprintf(object, sizeof object, "topic %.249s/%" PRId32, part->topic->name,
                 part->partition);
        errors_set(parts->client->fault, object, rd_kafka_last_error(), NULL);
        return false;
    }
    return true;
}

/* All of what came to be while we were reading is new. */
static bool begin_new(struct parts *parts, size_t first)
{
    struct range from = parts->options->from;
    if (from.kind != RANGE_OFFSET)
        from.kind = RANGE_BEGINNING;
    return find_offsets(parts, first, &from) && fetch_from(parts, first);
}

bool parts_add(struct parts *parts, const char *name)
{
    size_t first = parts->count;
    return open_topic(parts, name) && begin_new(parts, first);
}

bool parts_grow(struct parts *parts, struct topic *topic, int32_t count)
{
    size_t first = parts->count;
    int32_t had = topic->partitions;
    topic->partitions = count;
    return list_topic(parts, topic, had) && begin_new(parts, first);
}

static bool open_matching(struct parts *parts)
{
    const struct rd_kafka_metadata *metadata = client_metadata(parts->client, NULL);
    bool open = metadata != NULL;
    for (int i = 0; open && i < metadata->topic_cnt; i++) {
        const char *name = metadata->topics[i].topic;
        if (wanted_topic(parts->options->wanted, name) && parts_topic(parts, name) == NULL)
            open = open_topic(parts, name);
    }
    if (metadata != NULL)
        rd_kafka_metadata_destroy(metadata);
    return open;
}

static bool open_topics(struct parts *parts)
{
    const struct wanted *wanted = parts->options->wanted;
    for (size_t i = 0; i < wanted->count; i++)
        if (wanted->names[i][0] != '^' && parts_topic(parts, wanted->names[i]) == NULL &&
            !open_topic(parts, wanted->names[i]))
            return false;
    if (wanted_patterns(wanted) && !open_matching(parts))
        return false;
    if (parts->count == 0 && parts->options->bounded)
        fault_set(parts->client->fault, STATUS_NOINPUT,
                  "-t %.300s: no topic matches: check the pattern and the brokers",
                  wanted->names[0]);
    return parts->client->fault->status == 0;
}

bool parts_open(struct parts *parts, struct client *client, const struct parts_options *options)
{
    *parts = (struct parts){.client = client, .options = options};
    return open_topics(parts) && find_offsets(parts, 0, &options->from);
}

bool parts_start(struct parts *parts, rd_kafka_queue_t *queue)
{
    parts->queue = queue;
    return fetch_from(parts, 0);
}

struct part *parts_of(const struct parts *parts, const rd_kafka_message_t *message)
{
    const struct topic *topic = rd_kafka_topic_opaque(message->rkt);
    return &parts->list[topic->places[message->partition]];
}

void parts_progress(const struct parts *parts, struct progress_sum *sum)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct part *part = &parts->list[i];
        const struct progress_part of = {.start = part->start,
                                         .position = part->position,
                                         .end = part->end,
                                         .put = part->put,
                                         .most = parts->options->most,
                                         .done = part->done};
        progress_part(sum, &of);
    }
}

bool parts_ask(const struct parts *parts, bool *read)
{
    rd_kafka_topic_partition_list_t *list = listed(parts, 0);
    bool there = list->cnt == 0 || topics_offsets(parts->client, list, RD_KAFKA_OFFSET_END);
    *read = there;
    for (int i = 0; there && i < list->cnt; i++)
        if (!parts->list[i].done && parts->list[i].position < list->elems[i].offset)
            *read = false;
    rd_kafka_topic_partition_list_destroy(list);
    return there;
}

void parts_close(struct parts *parts)
{
    for (size_t i = 0; i < parts->topic_count; i++) {
        free(parts->topics[i]->places);
        topic_close(parts->topics[i]);
        free(parts->topics[i]);
    }
    free(parts->topics);
    free(parts->list);
}
