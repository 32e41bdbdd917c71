#include "kcat-in/fetch.h"

#include "kafka/errors.h"
#include "kcat-in/parts.h"
#include "kcat-in/put.h"
#include "util/sig.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>

enum {
    BATCH = 1000,
    SILENCE_MS = 30000 /* a bounded run that gets nothing for so long asks the brokers why */
};

struct fetch {
    const struct fetch_options *options;
    struct fault *fault;
    struct writer *writer;
    struct client client;
    struct parts parts;      /* source number n is parts.list[n - 1] */
    rd_kafka_queue_t *queue; /* where all partitions' messages come; owned */
    struct message_block block;
    uint64_t put, barred; /* records in all, and at the last barrier */
    int64_t barrier, due; /* the last barrier's number, the next one's time */
    int64_t heard;        /* when something last came */
};

/* fetch.max.bytes is what a broker may send at once, beyond which it still sends one whole batch.
 */
static bool open_client(struct fetch *fetch)
{
    uint64_t receive = (UINT64_C(64) << 20) + fetch->options->record_cap;
    char receive_max[24];
    snprintf(receive_max, sizeof receive_max, "%" PRIu64,
             receive > INT32_MAX ? (uint64_t)INT32_MAX : receive);
    const struct client_property properties[] = {
        {"isolation.level", "read_committed", CLIENT_DEFAULT},
        {"enable.auto.commit", "false", CLIENT_PROMISE},
        {"enable.auto.offset.store", "false", CLIENT_PROMISE},
        {"auto.offset.reset", "error", CLIENT_PROMISE},
        {"enable.partition.eof", "true", CLIENT_PROMISE},
        {"check.crcs", "true", CLIENT_DEFAULT},
        {"fetch.wait.max.ms", "50", CLIENT_DEFAULT},
        {"fetch.max.bytes", "52428800", CLIENT_DEFAULT},
        {"receive.message.max.bytes", receive_max, CLIENT_DEFAULT},
        {"queued.min.messages", "400000",
         CLIENT_DEFAULT}, /* below, the client stalls for up to 1 s */
        {"queued.max.messages.kbytes", "131072", CLIENT_DEFAULT},
        {"fetch.queue.backoff.ms", "10", CLIENT_OPTIONAL}, /* from 2.2 on */
        {NULL, NULL, CLIENT_DEFAULT}};
    const struct client_options options = {
        .conf = fetch->options->conf, .type = RD_KAFKA_CONSUMER, .properties = properties};
    return client_open(&fetch->client, &options, fetch->fault);
}

static void put_hello(struct fetch *fetch)
{
    struct hello hello = {.version = FRAME_VERSION, .record_cap = fetch->options->record_cap};
    char *cluster = rd_kafka_clusterid(fetch->client.handle, CLIENT_START_MS);
    if (cluster != NULL)
        hello.cluster = span_str(cluster);
    if (getrandom(hello.run_id, sizeof hello.run_id, 0) != (ssize_t)sizeof hello.run_id)
        fault_set(fetch->fault, STATUS_OS, "getrandom: has no random bytes: report this");
    writer_hello(fetch->writer, &hello);
    rd_kafka_mem_free(fetch->client.handle, cluster);
    for (size_t i = 0; i < fetch->parts.count; i++) {
        const struct part *part = &fetch->parts.list[i];
        writer_source(fetch->writer, (uint32_t)i + 1, span_str(part->topic->name), part->partition,
                      -1);
    }
}

static bool start(struct fetch *fetch)
{
    const struct fetch_options *options = fetch->options;
    if (!open_client(fetch) || !parts_open(&fetch->parts, &fetch->client, options->topics,
                                           options->topic_count, options->exit_at_end))
        return false;
    put_hello(fetch);
    fetch->queue = rd_kafka_queue_new(fetch->client.handle);
    client_watch(&fetch->client, fetch->queue);
    fetch->heard = client_clock();
    fetch->due = fetch->heard + options->commit_interval_ms;
    return fetch->fault->status == 0 && parts_start(&fetch->parts, fetch->queue);
}

static void put_record(struct fetch *fetch, const struct part *part,
                       const rd_kafka_message_t *message)
{
    uint32_t source = (uint32_t)(part - fetch->parts.list) + 1;
    fetch->put += put_message(message, source, fetch->options->record_cap, &fetch->block,
                              fetch->writer, fetch->fault);
}

static void take_error(struct fetch *fetch, const rd_kafka_message_t *message)
{
    char object[TOPICS_OBJECT];
    const char *topic = message->rkt == NULL ? "" : rd_kafka_topic_name(message->rkt);
    int n = snprintf(object, sizeof object, "topic %.249s/%" PRId32, topic, message->partition);
    if (message->offset >= 0)
        snprintf(object + n, sizeof object - (size_t)n, "@%" PRId64, message->offset);
    errors_set(fetch->fault, object, message->err, rd_kafka_message_errstr(message));
}

/* The end of a partition stands past transactions' marks and aborted records, which are never seen
 * as records: without it a partition that ends in them would never be done. */
static void take(struct fetch *fetch, const rd_kafka_message_t *message)
{
    bool at_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !at_end) {
        take_error(fetch, message);
        return;
    }
    struct part *part = parts_of(&fetch->parts, message);
    if (!at_end && message->offset >= part->position && message->offset < part->end)
        put_record(fetch, part, message);
    parts_reached(&fetch->parts, part, at_end ? message->offset : message->offset + 1);
}

static bool more(const struct fetch *fetch)
{
    uint64_t count = fetch->options->count;
    return fetch->fault->status == 0 && fetch->parts.open > 0 && (count == 0 || fetch->put < count);
}

/* A barrier when it is time and there is something to bar. */
static void put_barrier(struct fetch *fetch)
{
    int64_t interval = fetch->options->commit_interval_ms, now;
    if (interval == 0 || fetch->put == fetch->barred || (now = client_clock()) < fetch->due)
        return;
    writer_barrier(fetch->writer, ++fetch->barrier, false);
    fetch->barred = fetch->put;
    fetch->due = now + interval;
}

/* False: nothing was there. */
static bool take_batch(struct fetch *fetch)
{
    rd_kafka_message_t *batch[BATCH];
    ssize_t got = rd_kafka_consume_batch_queue(fetch->queue, 0, batch, BATCH);
    for (ssize_t i = 0; i < got; i++) {
        if (more(fetch))
            take(fetch, batch[i]);
        rd_kafka_message_destroy(batch[i]);
    }
    put_barrier(fetch);
    return got > 0;
}

/* How long to sleep at most: to the next barrier, to the next doubt; -1: for ever. */
static int patience(const struct fetch *fetch)
{
    int64_t now = client_clock(), until = INT64_MAX;
    if (fetch->options->exit_at_end)
        until = fetch->heard + SILENCE_MS;
    if (fetch->options->commit_interval_ms > 0 && fetch->put > fetch->barred && fetch->due < until)
        until = fetch->due;
    if (until == INT64_MAX)
        return -1;
    return until <= now ? 0 : until - now > INT_MAX ? INT_MAX : (int)(until - now);
}

/* Nothing is there: what was put leaves now, then sleep until something comes. The reader of our
 * output is watched too: it may go while the topic is quiet. */
static void idle(struct fetch *fetch)
{
    struct out *out = &fetch->writer->out;
    out_flush(out);
    struct pollfd fds[2] = {{.fd = fetch->client.wake, .events = POLLIN}, {.fd = out->fd}};
    int ready = fetch->fault->status != 0 ? 0 : sig_poll(fds, 2, patience(fetch));
    if (sig_caught() != 0)
        fault_signal(fetch->fault, sig_caught());
    else if (ready > 0 && (fds[1].revents & (POLLERR | POLLHUP)) != 0)
        out_lost(out);
    client_woken(&fetch->client);
}

/* A bounded run must not hang when records that are there do not come: what the brokers say when
 * they are asked again ends it. */
static void doubt(struct fetch *fetch)
{
    if (!fetch->options->exit_at_end || client_clock() - fetch->heard < SILENCE_MS)
        return;
    parts_ask(&fetch->parts);
    fetch->heard = client_clock();
}

static void run(struct fetch *fetch)
{
    while (more(fetch)) {
        client_serve(&fetch->client, 0);
        if (sig_caught() != 0) {
            fault_signal(fetch->fault, sig_caught());
        } else if (take_batch(fetch)) {
            fetch->heard = client_clock();
        } else {
            idle(fetch);
            doubt(fetch);
        }
    }
    if (fetch->fault->status == 0) {
        writer_barrier(fetch->writer, fetch->barrier + 1, true);
        writer_end(fetch->writer);
        out_flush(&fetch->writer->out);
    }
}

bool fetch_run(const struct fetch_options *options, struct writer *writer, struct fault *fault)
{
    struct fetch fetch = {.options = options, .fault = fault, .writer = writer};
    if (start(&fetch))
        run(&fetch);
    parts_close(&fetch.parts);
    if (fetch.queue != NULL)
        rd_kafka_queue_destroy(fetch.queue);
    client_close(&fetch.client);
    message_block_free(&fetch.block);
    return fault->status == 0;
}
