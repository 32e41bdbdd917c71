#include "kafka/admin.h"

#include "kafka/errors.h"
#include "kafka/topics.h"
#include "util/clock.h"
#include "util/sig.h"

#include <stdio.h>

enum { SLICE_MS = 100, PAUSE_MS = 50, WHY = 512 };

/* A topic is made by the controller, and each cluster of Kafka's has one: where none of the brokers
 * is it, as in the client library's mock cluster, a request waits until its time is over. */
static bool controlled(struct client *client)
{
    const struct rd_kafka_metadata *metadata = client_metadata(client, NULL);
    if (metadata == NULL)
        return false;
    int32_t controller = rd_kafka_controllerid(client->handle, 0);
    bool found = false;
    for (int i = 0; i < metadata->broker_cnt; i++)
        found = found || metadata->brokers[i].id == controller;
    rd_kafka_metadata_destroy(metadata);
    return found;
}

/* Waits for the answer to the one request that is under way; `creates`: it is the controller's.
 * NULL: the fault is set. */
static rd_kafka_event_t *answer(struct client *client, rd_kafka_queue_t *queue, const char *object,
                                bool creates)
{
    int64_t end = clock_ms() + 2 * CLIENT_START_MS; /* the library gives up before */
    rd_kafka_event_t *event = NULL;
    while (event == NULL && client->fault->status == 0 && clock_ms() < end) {
        event = rd_kafka_queue_poll(queue, SLICE_MS);
        client_serve(client, 0);
        if (sig_caught() != 0)
            fault_signal(client->fault, sig_caught());
    }
    rd_kafka_resp_err_t err =
        event == NULL ? RD_KAFKA_RESP_ERR__TIMED_OUT : rd_kafka_event_error(event);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
        return event;
    if (creates && err == RD_KAFKA_RESP_ERR__TIMED_OUT && !controlled(client))
        fault_set(client->fault, STATUS_CONFIG,
                  "%s: brokers without a controller make no topics: with kdev: kdev -t NAME:4",
                  object);
    errors_set(client->fault, object, err,
               event == NULL ? NULL : rd_kafka_event_error_string(event));
    if (event != NULL)
        rd_kafka_event_destroy(event);
    return NULL;
}

static rd_kafka_AdminOptions_t *options_for(struct client *client, rd_kafka_admin_op_t op)
{
    char why[WHY];
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client->handle, op);
    rd_kafka_AdminOptions_set_request_timeout(options, CLIENT_START_MS, why, sizeof why);
    if (op == RD_KAFKA_ADMIN_OP_CREATETOPICS)
        rd_kafka_AdminOptions_set_operation_timeout(options, CLIENT_START_MS, why, sizeof why);
    return options;
}

/* False: the fault is set. */
static bool created(struct client *client, rd_kafka_event_t *event, const char *object)
{
    size_t count;
    const rd_kafka_topic_result_t **topics =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t err = rd_kafka_topic_result_error(topics[i]);
        if (err != RD_KAFKA_RESP_ERR_NO_ERROR && err != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
            errors_set(client->fault, object, err, rd_kafka_topic_result_error_string(topics[i]));
    }
    return client->fault->status == 0;
}

static bool create(struct client *client, const char *topic, int32_t partitions,
                   const struct props *settings)
{
    char why[WHY], object[TOPICS_OBJECT];
    snprintf(object, sizeof object, "topic %.249s", topic);
    rd_kafka_NewTopic_t *wanted = rd_kafka_NewTopic_new(topic, partitions, -1, why, sizeof why);
    if (wanted == NULL) {
        fault_set(client->fault, STATUS_CONFIG, "%s: cannot be made: %s", object, why);
        return false;
    }
    for (size_t i = 0; i < settings->count; i++)
        rd_kafka_NewTopic_set_config(wanted, settings->list[i].name, settings->list[i].value);
    rd_kafka_AdminOptions_t *options = options_for(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client->handle);
    rd_kafka_CreateTopics(client->handle, &wanted, 1, options, queue);
    rd_kafka_event_t *event = answer(client, queue, object, true);
    bool done = event != NULL && created(client, event, object);
    if (event != NULL)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_NewTopic_destroy(wanted);
    return done;
}

/* Whether there is such a topic, and can be written. False: there is none, or the fault is set. */
static bool there(struct client *client, const char *name)
{
    struct topic topic;
    bool found =
        topic_find(&topic, client, name) && topic.partitions > 0 && topic_led(&topic, client);
    topic_close(&topic);
    return found;
}

bool admin_ensure(struct client *client, const char *topic, int32_t partitions,
                  const struct props *settings)
{
    if (there(client, topic))
        return true;
    int64_t end = clock_ms() + CLIENT_START_MS;
    bool known = client->fault->status == 0 && create(client, topic, partitions, settings);
    while (known && !there(client, topic) && client->fault->status == 0) {
        client_serve(client, PAUSE_MS);
        if (clock_ms() > end)
            fault_set(client->fault, STATUS_RETRY,
                      "topic %.249s: was made, and the brokers do not know it yet: try again",
                      topic);
    }
    return client->fault->status == 0;
}

static void copy_setting(const rd_kafka_ConfigResource_t *resource, const char *name,
                         char value[ADMIN_VALUE])
{
    size_t count;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (size_t i = 0; i < count; i++) {
        const char *found = rd_kafka_ConfigEntry_value(entries[i]);
        if (found != NULL && strcmp(rd_kafka_ConfigEntry_name(entries[i]), name) == 0)
            snprintf(value, ADMIN_VALUE, "%s", found);
    }
}

bool admin_setting(struct client *client, const char *topic, const char *name,
                   char value[ADMIN_VALUE])
{
    char object[TOPICS_OBJECT];
    size_t count;
    snprintf(object, sizeof object, "topic %.249s", topic);
    *value = '\0';
    rd_kafka_ConfigResource_t *resource =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
    rd_kafka_AdminOptions_t *options = options_for(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client->handle);
    rd_kafka_DescribeConfigs(client->handle, &resource, 1, options, queue);
    rd_kafka_event_t *event = answer(client, queue, object, false);
    if (event != NULL) {
        const rd_kafka_ConfigResource_t **found = rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event), &count);
        rd_kafka_resp_err_t err = count == 0 ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
                                             : rd_kafka_ConfigResource_error(found[0]);
        if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
            errors_set(client->fault, object, err, NULL);
        else
            copy_setting(found[0], name, value);
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy(resource);
    return client->fault->status == 0;
}
