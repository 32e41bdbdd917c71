#include "kafka/topics.h"

#include "kafka/errors.h"
#include "util/clock.h"
#include "util/sig.h"

#include <stdio.h>

/* The opaque must be in the configuration that the topic is first made with. */
static bool make_handle(struct topic *topic, struct client *client, const char *name)
{
    rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(client->handle);
    rd_kafka_topic_conf_set_opaque(conf, topic);
    topic->handle = rd_kafka_topic_new(client->handle, name, conf);
    if (topic->handle == NULL) {
        rd_kafka_topic_conf_destroy(conf);
        fault_set(client->fault, STATUS_NOINPUT, "topic %.249s: is no name for a topic: %s", name,
                  "letters, digits, '.', '_' and '-', at most 249");
        return false;
    }
    topic->name = rd_kafka_topic_name(topic->handle);
    return true;
}

static void missing(const struct topic *topic, struct client *client, rd_kafka_resp_err_t err)
{
    char object[TOPICS_OBJECT];
    snprintf(object, sizeof object, "topic %.249s", topic->name);
    bool unknown = err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    if (unknown && rd_kafka_type(client->handle) == RD_KAFKA_PRODUCER)
        fault_set(client->fault, STATUS_NOINPUT, "%s: does not exist: create it, or --create 4",
                  object);
    else
        errors_set(client->fault, object, err, NULL);
}

/* What the metadata says of the topic: no error, or why it cannot be used. */
static rd_kafka_resp_err_t look(struct topic *topic, const struct rd_kafka_metadata *metadata)
{
    if (metadata->topic_cnt != 1)
        return RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    topic->partitions = metadata->topics[0].partition_cnt;
    if (metadata->topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return metadata->topics[0].err;
    return topic->partitions > 0 ? RD_KAFKA_RESP_ERR_NO_ERROR
                                 : RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
}

/* Asks until there is no error, or one that will stay: *err. False: the fault is set. */
static bool ask(struct topic *topic, struct client *client, rd_kafka_resp_err_t *err)
{
    int64_t start = clock_ms();
    for (;;) {
        const struct rd_kafka_metadata *metadata = client_metadata(client, topic->handle);
        if (metadata == NULL)
            return false;
        *err = look(topic, metadata);
        rd_kafka_metadata_destroy(metadata);
        if (*err == RD_KAFKA_RESP_ERR_NO_ERROR)
            return true;
        bool unknown = *err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        int64_t patience = unknown ? TOPICS_SETTLE_MS : CLIENT_START_MS;
        if (clock_ms() - start >= patience || (!unknown && !errors_passing(*err)))
            return true;
        client_serve(client, 100);
    }
}

static bool find(struct topic *topic, struct client *client, const char *name, bool must)
{
    rd_kafka_resp_err_t err;
    *topic = (struct topic){0};
    if (!make_handle(topic, client, name) || !ask(topic, client, &err))
        return false;
    if (err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART && !must) {
        topic->partitions = 0;
        return true;
    }
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        missing(topic, client, err);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool topic_open(struct topic *topic, struct client *client, const char *name)
{
    return find(topic, client, name, true);
}

bool topic_find(struct topic *topic, struct client *client, const char *name)
{
    return find(topic, client, name, false);
}

void topic_close(struct topic *topic)
{
    if (topic->handle != NULL)
        rd_kafka_topic_destroy(topic->handle);
    topic->handle = NULL;
}

/* The first partition's error, else the call's: a partition without a leader says more than the
 * time that is over because of it. `edge`: every partition has what was asked for. */
static rd_kafka_resp_err_t first_error(const rd_kafka_topic_partition_list_t *list,
                                       rd_kafka_resp_err_t call, bool edge,
                                       char object[TOPICS_OBJECT])
{
    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *part = &list->elems[i];
        snprintf(object, TOPICS_OBJECT, "topic %.249s/%d", part->topic, (int)part->partition);
        if (part->err != RD_KAFKA_RESP_ERR_NO_ERROR && part->err != RD_KAFKA_RESP_ERR__IN_PROGRESS)
            return part->err;
        if (call == RD_KAFKA_RESP_ERR_NO_ERROR && edge && part->offset < 0)
            return RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    }
    snprintf(object, TOPICS_OBJECT, "topic %.249s", list->elems[0].topic);
    return call;
}

/* rd_kafka_offsets_for_times() sends ->offset as the timestamp to look for; the protocol's -1 and
 * -2 (ListOffsets, KIP-79) are RD_KAFKA_OFFSET_END and _BEGINNING. One request a leader, where
 * rd_kafka_query_watermark_offsets() takes two a partition, one after the other. */
bool topics_offsets(struct client *client, rd_kafka_topic_partition_list_t *list, int64_t at)
{
    int64_t start = clock_ms(), waited = 0;
    char object[TOPICS_OBJECT];
    rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR__TIMED_OUT;
    for (int slice = 1000; waited < CLIENT_START_MS && client->fault->status == 0; slice *= 2) {
        for (int i = 0; i < list->cnt; i++)
            list->elems[i].offset = at;
        int rest = CLIENT_START_MS - (int)waited;
        err = rd_kafka_offsets_for_times(client->handle, list, slice < rest ? slice : rest);
        err = first_error(list, err, at < 0, object);
        if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
            return true;
        if (sig_caught() != 0)
            fault_signal(client->fault, sig_caught());
        else if (!errors_passing(err))
            break;
        client_serve(client, 50);
        waited = clock_ms() - start;
    }
    errors_set(client->fault, object, err, NULL);
    return false;
}

bool topic_led(const struct topic *topic, struct client *client)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(topic->partitions);
    for (int32_t i = 0; i < topic->partitions; i++)
        rd_kafka_topic_partition_list_add(list, topic->name, i);
    bool all = topics_offsets(client, list, RD_KAFKA_OFFSET_END);
    rd_kafka_topic_partition_list_destroy(list);
    return all;
}
