#include "kcat-in/group.h"

#include "kafka/errors.h"
#include "kafka/topics.h"
#include "kcat-in/member.h"
#include "util/sig.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum {
    BATCH = 1000,
    QUEUE_MOST = OUT_BUFFER, /* bytes that wait for the pipe; then the topics wait */
    INTERVAL_MS = 1000,      /* --commit-interval where it is not given */
    HINT_MS = 3000           /* nobody there: a line says which mistake that usually is */
};

static bool open_client(struct member *member)
{
    uint64_t receive = (UINT64_C(64) << 20) + member->options->record_cap;
    char receive_max[24], poll_ms[24];
    snprintf(receive_max, sizeof receive_max, "%" PRIu64,
             receive > INT32_MAX ? INT32_MAX : receive);
    snprintf(poll_ms, sizeof poll_ms, "%d", MEMBER_POLL_MS);
    const struct client_property properties[] = {
        {"group.id", member->options->group, CLIENT_PROMISE},
        {"isolation.level", "read_committed", CLIENT_PROMISE},
        {"enable.auto.commit", "false", CLIENT_PROMISE},
        {"enable.auto.offset.store", "false", CLIENT_PROMISE},
        {"auto.offset.reset", "error", CLIENT_PROMISE},
        {"enable.partition.eof", "true", CLIENT_PROMISE},
        {"partition.assignment.strategy", "range,roundrobin", CLIENT_DEFAULT},
        {"session.timeout.ms", "10000",
         CLIENT_DEFAULT}, /* the client's 45 s is what a dead member costs */
        {"max.poll.interval.ms", poll_ms, CLIENT_DEFAULT},
        {"check.crcs", "true", CLIENT_DEFAULT},
        {"fetch.wait.max.ms", "50", CLIENT_DEFAULT},
        {"fetch.max.bytes", "52428800", CLIENT_DEFAULT},
        {"receive.message.max.bytes", receive_max, CLIENT_DEFAULT},
        {"queued.min.messages", "400000",
         CLIENT_DEFAULT}, /* below, the client stalls for up to 1 s */
        {"queued.max.messages.kbytes", "131072", CLIENT_DEFAULT},
        {"fetch.queue.backoff.ms", "10", CLIENT_OPTIONAL}, /* from 2.2 on */
        {NULL, NULL, CLIENT_DEFAULT}};
    const struct client_options options = {.conf = member->options->conf,
                                           .type = RD_KAFKA_CONSUMER,
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

static bool put_hello(struct member *member)
{
    struct hello hello = {.version = FRAME_VERSION,
                          .flags = member->options->written ? FRAME_NO_HANDSHAKE : 0,
                          .record_cap = member->options->record_cap,
                          .group = span_str(member->options->group)};
    if (getrandom(hello.run_id, sizeof hello.run_id, 0) != (ssize_t)sizeof hello.run_id) {
        fault_set(member->fault, STATUS_OS, "getrandom: has no random bytes: report this");
        return false;
    }
    if (!member->options->written &&
        !host_open(&member->host, hello.run_id, member->options->sinks, member->fault))
        return false;
    char *cluster = rd_kafka_clusterid(member->client.handle, CLIENT_START_MS);
    if (cluster != NULL)
        hello.cluster = span_str(cluster);
    writer_hello(member->writer, &hello);
    writer_preamble(member->writer, 0);
    rd_kafka_mem_free(member->client.handle, cluster);
    return true;
}

/* READY of every sink before the group is joined: a pipeline that is half there takes no
 * partitions. */
static bool handshake(struct member *member)
{
    int64_t start = client_clock(), waited = 0;
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
        waited = client_clock() - start;
    }
    return member->fault->status == 0;
}

/* How often barriers come: the sinks decide it with us. */
static void set_pace(struct member *member)
{
    const struct group_options *options = member->options;
    bool once = options->exit_at_end && options->barrier_count == 0 && host_command(&member->host);
    int64_t interval = options->interval_ms;
    if (interval == 0 && !once)
        interval = INTERVAL_MS;
    pacing_open(&member->pacing, interval, options->barrier_count, client_clock());
    member->pacing.steady = host_command(&member->host);
}

static bool subscribe(struct member *member)
{
    const struct group_options *options = member->options;
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)options->topic_count);
    for (size_t i = 0; i < options->topic_count; i++)
        rd_kafka_topic_partition_list_add(list, options->topics[i], RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t err = rd_kafka_subscribe(member->client.handle, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        errors_set(member->fault, "the topics", err, NULL);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* Plain names must exist: 66 in seconds, not a group that waits for a misspelt topic for ever. */
static bool topics_exist(struct member *member)
{
    for (size_t i = 0; i < member->options->topic_count; i++) {
        struct topic topic;
        if (member->options->topics[i][0] == '^')
            continue;
        bool exists = topic_open(&topic, &member->client, member->options->topics[i]);
        topic_close(&topic);
        if (!exists)
            return false;
    }
    return true;
}

static void take_message(struct member *member, const rd_kafka_message_t *message)
{
    const char *topic = message->rkt == NULL ? "" : rd_kafka_topic_name(message->rkt);
    int64_t place = member_place(member, topic, message->partition, false);
    bool at_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !at_end) {
        char object[MEMBER_OBJECT];
        snprintf(object, sizeof object, "topic %.249s/%" PRId32, topic, message->partition);
        errors_set(member->fault, object, message->err, rd_kafka_message_errstr(message));
        return;
    }
    if (place < 0 || !ledger_wants(&member->ledger, (uint32_t)place, message->offset))
        return;
    struct holding *part = &member->parts[place];
    int64_t next = message->offset + (at_end ? 0 : 1);
    if (!at_end && message->offset >= part->end) {
        part->at_end = true;
        return;
    }
    if (!at_end) {
        if (!put_message(message, (uint32_t)place + 1, member->options->record_cap, &member->block,
                         member->writer, member->fault))
            return;
        pacing_put(&member->pacing);
        member->put++;
    }
    ledger_move(&member->ledger, (uint32_t)place, next < part->end ? next : part->end);
    part->at_end = next >= part->end;
}

static bool enough(const struct member *member)
{
    return member->options->count > 0 && member->put >= member->options->count;
}

static bool may_put(const struct member *member)
{
    return member->fault->status == 0 && !member->ending && !enough(member) &&
           member->writer->out.have < QUEUE_MOST && pacing_open_to(&member->pacing);
}

/* A batch is asked for only when it may be put whole: what was popped and not put would be lost.
 * The pipe's share may be exceeded by a batch; no callback of the client runs in here. */
static bool take_batch(struct member *member)
{
    rd_kafka_message_t *batch[BATCH];
    size_t most = BATCH;
    uint64_t window = member->pacing.window;
    if (member->options->count > 0 && member->options->count - member->put < most)
        most = (size_t)(member->options->count - member->put);
    if (window > 0 && window - (member->pacing.put - member->pacing.acked) < most)
        most = (size_t)(window - (member->pacing.put - member->pacing.acked));
    ssize_t got = rd_kafka_consume_batch_queue(member->data, 0, batch, most);
    for (ssize_t i = 0; i < got; i++) {
        if (member->fault->status == 0)
            take_message(member, batch[i]);
        rd_kafka_message_destroy(batch[i]);
    }
    return got > 0;
}

/* The control plane: rebalances, errors. Membership lives by this call, however full the pipe is.
 */
static void serve(struct member *member)
{
    rd_kafka_message_t *message;
    while ((message = rd_kafka_consumer_poll(member->client.handle, 0)) != NULL) {
        if (message->err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED)
            fault_note(member->fault, "group %s: %s", member->options->group,
                       rd_kafka_message_errstr(message));
        else if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
            take_message(member, message);
        rd_kafka_message_destroy(message);
    }
    assign_begin(member);
}

/* All that we hold is read to its end and committed. */
static bool settled(const struct member *member)
{
    for (size_t i = 0; i < member->part_count; i++)
        if (i < member->ledger.place_count && member->ledger.places[i].owned &&
            (!member->parts[i].at_end || member->parts[i].acked != member->parts[i].confirmed))
            return false;
    return ledger_settled(&member->ledger);
}

static bool all_read(const struct member *member)
{
    bool any = false;
    for (size_t i = 0; i < member->part_count; i++)
        if (i < member->ledger.place_count && member->ledger.places[i].owned) {
            any = true;
            if (!member->parts[i].at_end)
                return false;
        }
    return any;
}

static void look_for_the_end(struct member *member)
{
    if (enough(member))
        member->ending = true;
    if (member->bounded.ends == NULL || member->ending)
        return;
    if (all_read(member) && ledger_moved(&member->ledger))
        member_barrier(member, false);
    if (settled(member) || !all_read(member))
        bounded_look(member);
    if (member->bounded.reached)
        member->ending = true;
}

static bool going_on(const struct member *member)
{
    return member->fault->status == 0 && !member->ending && !member->left;
}

static void read_topics(struct member *member)
{
    while (going_on(member)) {
        serve(member);
        bool got = may_put(member) && take_batch(member);
        int64_t now = client_clock();
        bool moved = ledger_moved(&member->ledger);
        if (pacing_due(&member->pacing, moved, now))
            member_barrier(member, false);
        look_for_the_end(member);
        int wait = got ? 0 : pacing_wait(&member->pacing, moved, now);
        if (wait < 0 || wait > 100)
            wait = member->bounded.ends != NULL ? 50 : 1000;
        member_turn(member, going_on(member) ? wait : 0);
    }
}

/* FINAL, END, the last acks, the last commit. */
static bool end_cleanly(struct member *member)
{
    struct out *out = &member->writer->out;
    int64_t end = client_clock() + MEMBER_POLL_MS;
    member_barrier(member, true);
    writer_end(member->writer);
    while (member->fault->status == 0 && !member->left && client_clock() < end &&
           (out->have > 0 || member->ledger.acked < member->ledger.barrier))
        member_turn(member, 100);
    member_commit(member, true);
    for (size_t i = 0; i < member->part_count; i++)
        if (member->parts[i].acked != member->parts[i].confirmed)
            fault_set(
                member->fault, STATUS_RETRY,
                "group %s: the last offsets could not be committed: start again: some records "
                "come twice",
                member->options->group);
    if (member->ledger.acked < member->ledger.barrier && !member->left)
        fault_set(member->fault, STATUS_RETRY,
                  "group %s: the far end did not acknowledge the last records: start again",
                  member->options->group);
    return out->have == 0;
}

static void close_all(struct member *member)
{
    if (member->signal == SIGINT && member->fault->status == 0)
        fault_signal(member->fault, SIGINT);
    host_done(&member->host, member->fault->status);
    host_close(&member->host);
    if (member->client.handle != NULL) {
        member->left = true; /* the revoke that closing brings has nothing to drain */
        client_leave(&member->client);
    }
    rd_kafka_queue_t *queues[] = {member->data, member->commits, member->control};
    for (int i = 0; i < 3; i++)
        if (queues[i] != NULL)
            rd_kafka_queue_destroy(queues[i]);
    if (member->coming != NULL)
        rd_kafka_topic_partition_list_destroy(member->coming);
    bounded_close(&member->bounded);
    client_close(&member->client);
    for (size_t i = 0; i < member->part_count; i++)
        free(member->parts[i].topic);
    free(member->parts);
    message_block_free(&member->block);
    ledger_close(&member->ledger);
}

bool group_run(const struct group_options *options, struct writer *writer, bool *ended,
               struct fault *fault)
{
    struct member member = {.options = options, .fault = fault, .writer = writer};
    member.host.fd = -1;
    member.client.wake = -1;
    *ended = false;
    ledger_open(&member.ledger);
    if (out_queue(&writer->out) && open_client(&member) && topics_exist(&member) &&
        put_hello(&member) && handshake(&member) &&
        (!options->exit_at_end || bounded_open(&member))) {
        set_pace(&member);
        if (member.ending || subscribe(&member))
            read_topics(&member);
    }
    if (fault->status == 0)
        *ended = end_cleanly(&member);
    close_all(&member);
    return fault->status == 0;
}
