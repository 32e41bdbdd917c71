#include "kcat-in/fetch.h"

#include "kafka/errors.h"
#include "kcat-in/put.h"
#include "kcat-in/screen.h"
#include "util/clock.h"
#include "util/random.h"
#include "util/sig.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    BATCH = 1000,
    LOOK_MS = 2000,    /* how often a reader looks what became of the topics */
    SILENCE_MS = 30000 /* a bounded run that gets nothing for so long asks the brokers why */
};

struct fetch {
    const struct fetch_options *options;
    struct fault *fault;
    struct writer *writer;
    struct client client;
    struct parts parts;      /* source number n is parts.list[n - 1] */
    size_t announced;        /* of them */
    rd_kafka_queue_t *queue; /* where all partitions' messages come; owned */
    struct message_block block;
    uint64_t put, barred; /* records in all, and at the last barrier */
    int64_t barrier, due; /* the last barrier's number, the next one's time */
    int64_t heard;        /* when something last came */
    int64_t looked;       /* when we last looked at the topics */
    bool silent;          /* --idle is over */
    struct screen screen;
};

static bool open_client(struct fetch *fetch)
{
    const struct client_property properties[] = {
        {"isolation.level", "read_committed", CLIENT_DEFAULT}, {NULL, NULL, CLIENT_DEFAULT}};
    const struct client_options options = {.conf = fetch->options->conf,
                                           .type = RD_KAFKA_CONSUMER,
                                           .reads = true,
                                           .record_cap = fetch->options->record_cap,
                                           .properties = properties};
    return client_open(&fetch->client, &options, fetch->fault);
}

static void put_hello(struct fetch *fetch)
{
    struct hello hello = {.version = FRAME_VERSION,
                          .flags = fetch->screen.shared ? FRAME_PROGRESS : 0,
                          .record_cap = fetch->options->record_cap};
    char *cluster = rd_kafka_clusterid(fetch->client.handle, CLIENT_START_MS);
    if (cluster != NULL)
        hello.cluster = span_str(cluster);
    random_fill(hello.run_id, sizeof hello.run_id, fetch->fault);
    writer_hello(fetch->writer, &hello);
    rd_kafka_mem_free(fetch->client.handle, cluster);
}

static void put_sources(struct fetch *fetch)
{
    while (fetch->announced < fetch->parts.count) {
        const struct part *part = &fetch->parts.list[fetch->announced++];
        writer_source(fetch->writer, (uint32_t)fetch->announced, span_str(part->topic->name),
                      part->partition, -1);
    }
}

/* Whether there is an end to come nearer to. */
static bool bounded(const struct fetch_options *options)
{
    const struct parts_options *parts = &options->parts;
    return options->count > 0 || parts->most > 0 || parts->bounded || parts->end != INT64_MAX;
}

static bool start(struct fetch *fetch)
{
    const struct fetch_options *options = fetch->options;
    screen_open(&fetch->screen, options->progress && bounded(options), fetch->fault);
    if (!open_client(fetch) || !parts_open(&fetch->parts, &fetch->client, &options->parts))
        return false;
    put_hello(fetch);
    put_sources(fetch);
    fetch->queue = rd_kafka_queue_new(fetch->client.handle);
    client_watch(&fetch->client, fetch->queue);
    fetch->heard = fetch->looked = clock_ms();
    fetch->due = fetch->heard + options->commit_interval_ms;
    return fetch->fault->status == 0 && parts_start(&fetch->parts, fetch->queue);
}

/* A record that has no timestamp is before all times. */
static void put_record(struct fetch *fetch, struct part *part, const rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type;
    int64_t time = rd_kafka_message_timestamp(message, &type);
    uint32_t source = (uint32_t)(part - fetch->parts.list) + 1;
    mark_seen(&part->mark, time);
    if (time >= fetch->options->before || !put_message(message, source, fetch->options->record_cap,
                                                       &fetch->block, fetch->writer, fetch->fault))
        return;
    fetch->put++;
    parts_put(&fetch->parts, part);
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
    if (!at_end && parts_want(part, message->offset))
        put_record(fetch, part, message);
    if (at_end && mark_new(&part->mark))
        fetch->looked = 0;
    parts_reached(&fetch->parts, part, at_end ? message->offset : message->offset + 1);
}

static bool more(const struct fetch *fetch)
{
    uint64_t count = fetch->options->count;
    bool open = fetch->parts.open > 0 || fetch->parts.count == 0; /* none: one may yet be made */
    return fetch->fault->status == 0 && open && !fetch->silent &&
           (count == 0 || fetch->put < count);
}

/* A barrier when it is time and there is something to bar. */
static void put_barrier(struct fetch *fetch)
{
    int64_t interval = fetch->options->commit_interval_ms, now;
    if (interval == 0 || fetch->put == fetch->barred || (now = clock_ms()) < fetch->due)
        return;
    writer_barrier(fetch->writer, ++fetch->barrier, false);
    fetch->barred = fetch->put;
    fetch->due = now + interval;
}

/* False: nothing was there. Messages are given back together: each has two counters in memory that
 * the library's thread writes to at the same time, and taking turns with it record by record costs
 * a tenth of the CPU. */
static bool take_batch(struct fetch *fetch)
{
    rd_kafka_message_t *batch[BATCH];
    ssize_t got = ahead_take(&fetch->client.ahead, fetch->queue, 0, batch, BATCH);
    for (ssize_t i = 0; i < got && more(fetch); i++)
        take(fetch, batch[i]);
    for (ssize_t i = 0; i < got; i++)
        rd_kafka_message_destroy(batch[i]);
    put_barrier(fetch);
    return got > 0;
}

/* How long to sleep at most: to the next look, which is never later than a doubt; to the next
 * barrier, the end of --idle. */
static int patience(const struct fetch *fetch)
{
    const struct fetch_options *options = fetch->options;
    int64_t now = clock_ms();
    int64_t until = fetch->looked + LOOK_MS;
    if (options->commit_interval_ms > 0 && fetch->put > fetch->barred && fetch->due < until)
        until = fetch->due;
    if (options->idle_ms > 0 && fetch->heard + options->idle_ms < until)
        until = fetch->heard + options->idle_ms;
    if (fetch->screen.on && fetch->screen.due < until)
        until = fetch->screen.due;
    return until <= now ? 0 : (int)(until - now);
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
 * they are asked again ends it. Nor is it the end of --idle while records are there, or while there
 * is nobody to say so. */
static void doubt(struct fetch *fetch)
{
    int64_t idle = fetch->options->idle_ms, silence = clock_ms() - fetch->heard;
    bool read, waited = idle > 0 && silence >= idle;
    if (!waited && (!fetch->options->parts.bounded || silence < SILENCE_MS))
        return;
    fetch->silent = parts_ask(&fetch->parts, &read) && read && waited;
    fetch->heard = clock_ms();
}

static void look(struct fetch *fetch)
{
    if (clock_ms() - fetch->looked < LOOK_MS)
        return;
    parts_look(&fetch->parts);
    put_sources(fetch);
    fetch->looked = clock_ms();
}

static void show(struct fetch *fetch)
{
    static const char what[] = "records";
    const struct out *out = &fetch->writer->out;
    if (!screen_due(&fetch->screen, what))
        return;
    struct progress_sum sum = {.records = fetch->put, .bytes = out->total + out->have};
    parts_progress(&fetch->parts, &sum);
    progress_count(&sum, fetch->options->count);
    screen_draw(&fetch->screen, what, &sum);
}

static void run(struct fetch *fetch)
{
    while (more(fetch)) {
        client_serve(&fetch->client, 0);
        if (sig_caught() != 0) {
            fault_signal(fetch->fault, sig_caught());
        } else if (take_batch(fetch)) {
            fetch->heard = clock_ms();
        } else {
            idle(fetch);
            doubt(fetch);
        }
        look(fetch);
        show(fetch);
    }
    screen_clear(&fetch->screen);
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
