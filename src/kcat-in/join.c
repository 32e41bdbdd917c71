/* kcat-in/join: the way into the group: the client, the topics, HELLO and OPEN, READY of every
 * sink; only then the subscription. */
#include "kafka/errors.h"
#include "kafka/topics.h"
#include "kcat-in/member.h"
#include "util/clock.h"
#include "util/random.h"

#include <stdio.h>

enum {
    INTERVAL_MS = 1000, /* --commit-interval where it is not given ... */
    ONCE_MS = 100,      /* ... and with exactly once */
    HINT_MS = 3000      /* nobody there: a line says which mistake that usually is */
};

static bool is_set_to(const struct conf *conf, const char *name, const char *value)
{
    const struct prop *prop = props_find(&conf->props, name);
    return prop != NULL && strcasecmp(prop->value, value) == 0;
}

static bool open_client(struct member *member)
{
    char poll_ms[24];
    snprintf(poll_ms, sizeof poll_ms, "%d", MEMBER_POLL_MS);
    bool classic = !is_set_to(member->options->conf, "group.protocol", "consumer");
    const struct client_property properties[] = {
        {"group.id", member->options->group, CLIENT_PROMISE},
        {"isolation.level", "read_committed", CLIENT_PROMISE},
        {"max.poll.interval.ms", poll_ms, CLIENT_DEFAULT},
        {"topic.blacklist", wanted_internal(member->options->wanted) ? "" : "^__",
         CLIENT_DEFAULT}, /* Kafka's own, as wanted_topic() */
        /* With group.protocol=consumer the broker has a say in these, and the library refuses them.
         */
        {classic ? "partition.assignment.strategy" : NULL, "range,roundrobin", CLIENT_DEFAULT},
        {"session.timeout.ms", "10000",
         CLIENT_DEFAULT}, /* the client's 45 s is what a dead member costs */
        {NULL, NULL, CLIENT_DEFAULT}};
    const struct client_options options = {.conf = member->options->conf,
                                           .type = RD_KAFKA_CONSUMER,
                                           .reads = true,
                                           .record_cap = member->options->record_cap,
                                           .properties = properties,
                                           .rebalanced = assign_rebalanced,
                                           .owner = member};
    if (!client_open(&member->client, &options, member->fault))
        return false;
    member->data = rd_kafka_queue_new(member->client.handle);
    member->commits = rd_kafka_queue_new(member->client.handle);
    member->control = rd_kafka_queue_get_consumer(member->client.handle);
    client_watch(&member->client, member->data);
    client_watch(&member->client, member->commits);
    client_watch(&member->client, member->control);
    return true;
}

/* Plain names must exist: 66 in seconds, not a group that waits for a misspelt topic for ever. */
static bool topics_exist(struct member *member)
{
    const struct wanted *wanted = member->options->wanted;
    bool equal = true;
    for (size_t i = 0; i < wanted->count; i++) {
        struct topic topic;
        bool named = wanted->names[i][0] != '^';
        bool exists = !named || topic_open(&topic, &member->client, wanted->names[i]);
        uint32_t has = named && exists ? (uint32_t)topic.partitions : 0;
        if (named)
            topic_close(&topic);
        if (!exists)
            return false;
        equal = equal && has > 0 && (i == 0 || has == member->partitions);
        member->partitions = has;
    }
    if (!equal)
        member->partitions = 0;
    return true;
}

static bool put_hello(struct member *member)
{
    struct hello hello = {.version = FRAME_VERSION,
                          .flags = (uint8_t)((member->options->written ? FRAME_NO_HANDSHAKE : 0) |
                                             (member->screen.shared ? FRAME_PROGRESS : 0)),
                          .record_cap = member->options->record_cap,
                          .group = span_str(member->options->group)};
    if (!random_fill(hello.run_id, sizeof hello.run_id, member->fault))
        return false;
    if (!member->options->written &&
        !host_open(&member->host, hello.run_id, member->options->sinks, member->fault))
        return false;
    char *cluster = rd_kafka_clusterid(member->client.handle, CLIENT_START_MS);
    if (cluster != NULL)
        hello.cluster = span_str(cluster);
    writer_hello(member->writer, &hello);
    writer_preamble(member->writer, member->partitions);
    rd_kafka_mem_free(member->client.handle, cluster);
    return true;
}

/* READY of every sink before the group is joined: a pipeline that is half there takes no
 * partitions. */
static bool handshake(struct member *member)
{
    int64_t start = clock_ms(), waited = 0;
    bool hinted = member->options->written;
    while (!member->options->written && member->fault->status == 0 && !member->ending &&
           host_ready(&member->host) < member->options->sinks) {
        if (waited > HINT_MS && !hinted && host_here(&member->host) == 0)
            fault_note(member->fault,
                       "group %s: no kout has answered yet: the far end of -g is kout, "
                       "or say --commit written",
                       member->options->group);
        hinted |= waited > HINT_MS;
        if (waited > member->options->ready_ms)
            fault_set(
                member->fault, host_here(&member->host) > 0 ? STATUS_RETRY : STATUS_CONFIG,
                "group %s: %d of %d sinks are ready: the far end of -g is kout, or say --commit "
                "written; with tee --sinks N",
                member->options->group, host_ready(&member->host), member->options->sinks);
        member_turn(member, 100);
        waited = clock_ms() - start;
    }
    return member->fault->status == 0;
}

bool join_ready(struct member *member)
{
    return open_client(member) && topics_exist(member) && put_hello(member) && handshake(member);
}

/* How often barriers come: the sinks decide it with us. */
static void set_pace(struct member *member)
{
    const struct group_options *options = member->options;
    bool one = options->exit_at_end && options->barrier_count == 0 && host_command(&member->host);
    int64_t interval = options->interval_ms;
    member->once = host_once(&member->host);
    if (interval == 0 && !one)
        interval = member->once ? ONCE_MS : INTERVAL_MS;
    pacing_open(&member->pacing, interval, options->barrier_count, clock_ms());
    member->pacing.steady = host_command(&member->host);
    member->pacing.spool = member->host.spool;
    member->pacing.window = (uint64_t)member->host.rate; /* a second's worth, to begin with */
}

bool join_group(struct member *member)
{
    set_pace(member);
    if (member->ending)
        return true;
    const struct wanted *wanted = member->options->wanted;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)wanted->count);
    for (size_t i = 0; i < wanted->count; i++)
        rd_kafka_topic_partition_list_add(list, wanted->names[i], RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t err = rd_kafka_subscribe(member->client.handle, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        errors_set(member->fault, "the topics", err, NULL);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR;
}
