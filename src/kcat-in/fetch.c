#include "kcat-in/fetch.h"

#include "kafka/errors.h"
#include "kafka/topics.h"
#include "util/sig.h"

#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum {
    BATCH = 1000,
    SILENCE_MS = 30000 /* a bounded run that gets nothing for so long asks the brokers why */
};

struct part {
    const struct topic *topic;
    int32_t partition;
    int64_t position; /* the next offset to read */
    int64_t end;      /* nothing from here on is put */
    bool done;
};

struct fetch {
    const struct fetch_options *options;
    struct fault *fault;
    struct writer *writer;
    struct client client;
    struct topic *topics; /* topic_count of them, some may not be open */
    size_t topic_count;
    struct part *parts; /* of all topics; source number n is parts[n - 1] */
    size_t part_count, open_count;
    rd_kafka_queue_t *queue; /* all partitions' records */
    uint8_t *block;          /* a record's header block while it is put */
    size_t block_room;
    uint64_t put, barred; /* records in all, and at the last barrier */
    int64_t barrier, due; /* the last barrier's number, the next one's time */
    int64_t heard;        /* when something last came */
};

static const char *place(const struct part *part, int64_t offset, char to[TOPICS_OBJECT])
{
    snprintf(to, TOPICS_OBJECT, "%.249s/%" PRId32 "@%" PRId64, part->topic->name, part->partition,
             offset);
    return to;
}

/* fetch.max.bytes is what a broker may send at once, beyond which it still sends one whole batch.
 */
static bool open_client(struct fetch *fetch)
{
    uint64_t receive = (UINT64_C(64) << 20) + fetch->options->record_cap;
    char receive_max[24];
    snprintf(receive_max, sizeof receive_max, "%" PRIu64,
             receive > INT32_MAX ? INT32_MAX : receive);
    const struct client_property properties[] = {
        {"isolation.level", "read_committed", false},
        {"enable.auto.commit", "false", false},
        {"enable.auto.offset.store", "false", false},
        {"auto.offset.reset", "error", false},
        {"enable.partition.eof", "true", false},
        {"check.crcs", "true", false},
        {"fetch.wait.max.ms", "50", false},
        {"fetch.max.bytes", "52428800", false},
        {"receive.message.max.bytes", receive_max, false},
        {"queued.min.messages", "400000", false}, /* below, the client stalls for up to 1 s */
        {"queued.max.messages.kbytes", "131072", false},
        {"fetch.queue.backoff.ms", "10", true}, /* from 2.2 on */
        {NULL, NULL, false}};
    const struct client_options options = {
        .brokers = fetch->options->brokers, .type = RD_KAFKA_CONSUMER, .properties = properties};
    return client_open(&fetch->client, &options, fetch->fault);
}

static bool known(const struct fetch *fetch, const char *name)
{
    for (size_t i = 0; i < fetch->topic_count; i++)
        if (strcmp(fetch->topics[i].name, name) == 0)
            return true;
    return false;
}

static bool add_parts(struct fetch *fetch, struct topic *topic)
{
    size_t count = fetch->part_count + (size_t)topic->partitions;
    struct part *parts = reallocarray(fetch->parts, count, sizeof *parts);
    if (parts == NULL) {
        fault_memory(fetch->fault);
        return false;
    }
    fetch->parts = parts;
    topic->first = fetch->part_count;
    for (int32_t i = 0; i < topic->partitions; i++)
        parts[fetch->part_count++] = (struct part){.topic = topic, .partition = i};
    return true;
}

/* A topic that is named twice is read once. */
static bool open_topics(struct fetch *fetch)
{
    const struct fetch_options *options = fetch->options;
    fetch->topics = calloc(options->topic_count, sizeof *fetch->topics);
    if (fetch->topics == NULL) {
        fault_memory(fetch->fault);
        return false;
    }
    for (size_t i = 0; i < options->topic_count; i++) {
        struct topic *topic = &fetch->topics[fetch->topic_count];
        if (known(fetch, options->topics[i]))
            continue;
        fetch->topic_count++;
        if (!topic_open(topic, &fetch->client, options->topics[i]) || !add_parts(fetch, topic))
            return false;
    }
    return true;
}

static rd_kafka_topic_partition_list_t *list_parts(const struct fetch *fetch)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)fetch->part_count);
    for (size_t i = 0; i < fetch->part_count; i++)
        rd_kafka_topic_partition_list_add(list, fetch->parts[i].topic->name,
                                          fetch->parts[i].partition);
    return list;
}

/* Where to begin and where to end. The ends are asked first: what is deleted in between is then
 * still past its end. */
static bool find_offsets(struct fetch *fetch)
{
    rd_kafka_topic_partition_list_t *list = list_parts(fetch);
    bool bounded = fetch->options->exit_at_end;
    bool found = !bounded || topics_offsets(&fetch->client, list, RD_KAFKA_OFFSET_END);
    for (size_t i = 0; i < fetch->part_count; i++)
        fetch->parts[i].end = bounded ? list->elems[i].offset : INT64_MAX;
    found = found && topics_offsets(&fetch->client, list, RD_KAFKA_OFFSET_BEGINNING);
    for (size_t i = 0; i < fetch->part_count; i++)
        fetch->parts[i].position = list->elems[i].offset;
    rd_kafka_topic_partition_list_destroy(list);
    return found;
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
    for (size_t i = 0; i < fetch->part_count; i++)
        writer_source(fetch->writer, (uint32_t)i + 1, span_str(fetch->parts[i].topic->name),
                      fetch->parts[i].partition, -1);
    rd_kafka_mem_free(fetch->client.handle, cluster);
}

static void reached(struct fetch *fetch, struct part *part, int64_t position)
{
    if (position > part->position)
        part->position = position;
    if (part->position >= part->end && !part->done) {
        part->done = true;
        fetch->open_count--;
    }
}

/* The plain consumer and not assign(): that one wants a group's name, asks for its coordinator and
 * needs rights on it. The offsets are numbers: a logical one would wait for a timer of 100 ms. */
static bool start_parts(struct fetch *fetch)
{
    fetch->queue = rd_kafka_queue_new(fetch->client.handle);
    client_watch(&fetch->client, fetch->queue);
    fetch->open_count = fetch->part_count;
    for (size_t i = 0; i < fetch->part_count; i++) {
        struct part *part = &fetch->parts[i];
        char object[TOPICS_OBJECT];
        reached(fetch, part, part->position);
        if (!part->done && rd_kafka_consume_start_queue(part->topic->handle, part->partition,
                                                        part->position, fetch->queue) != 0) {
            errors_set(fetch->fault, place(part, part->position, object), rd_kafka_last_error(),
                       NULL);
            return false;
        }
    }
    fetch->heard = client_clock();
    fetch->due = fetch->heard + fetch->options->commit_interval_ms;
    return true;
}

static bool start(struct fetch *fetch)
{
    if (!open_client(fetch) || !open_topics(fetch) || !find_offsets(fetch))
        return false;
    put_hello(fetch);
    return fetch->fault->status == 0 && start_parts(fetch);
}

static bool block_reserve(struct fetch *fetch, size_t size)
{
    if (size <= fetch->block_room)
        return true;
    uint8_t *block = realloc(fetch->block, size * 2);
    if (block == NULL) {
        fault_memory(fetch->fault);
        return false;
    }
    fetch->block = block;
    fetch->block_room = size * 2;
    return true;
}

/* The record's headers as a block. The library ends names with a NUL and keeps their length to
 * itself: a NUL inside of one ends it here. */
static bool take_headers(struct fetch *fetch, const rd_kafka_message_t *message,
                         struct record *record)
{
    rd_kafka_headers_t *headers;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    size_t size = 0, count = rd_kafka_header_cnt(headers);
    const char *name;
    const void *value;
    size_t value_size;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &value_size) == 0; i++) {
        struct header header = {span_str(name), span_of(value, value == NULL ? 0 : value_size)};
        size_t more = frame_header_size(&header);
        if (!block_reserve(fetch, size + more))
            return false;
        frame_header_put(fetch->block + size, &header);
        size += more;
    }
    record->headers = span_of(fetch->block, size);
    record->header_count = (uint32_t)count;
    return true;
}

static void take_time(const rd_kafka_message_t *message, struct record *record)
{
    rd_kafka_timestamp_type_t type;
    record->timestamp = rd_kafka_message_timestamp(message, &type);
    if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || record->timestamp < 0)
        record->timestamp = 0;
    else
        record->time =
            type == RD_KAFKA_TIMESTAMP_CREATE_TIME ? FRAME_CREATE_TIME : FRAME_LOG_APPEND_TIME;
}

static void put_record(struct fetch *fetch, const struct part *part,
                       const rd_kafka_message_t *message)
{
    char object[TOPICS_OBJECT];
    struct record record = {.source = (uint32_t)(part - fetch->parts) + 1,
                            .offset = message->offset,
                            .key = span_of(message->key, message->key_len),
                            .value = span_of(message->payload, message->len)};
    if (!take_headers(fetch, message, &record))
        return;
    take_time(message, &record);
    uint64_t size = (uint64_t)record.key.size + record.value.size + record.headers.size;
    if (size > fetch->options->record_cap) {
        fault_set(fetch->fault, STATUS_DATA,
                  "%s: a record of %" PRIu64 " bytes is over the cap of %" PRIu64
                  ": raise --max-record",
                  place(part, message->offset, object), size, fetch->options->record_cap);
        return;
    }
    writer_record(fetch->writer, &record);
    fetch->put++;
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

/* The end of a partition is where reading stands past transactions' marks and aborted records,
 * which are never seen as records. */
static void take(struct fetch *fetch, const rd_kafka_message_t *message)
{
    bool at_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !at_end) {
        take_error(fetch, message);
        return;
    }
    const struct topic *topic = rd_kafka_topic_opaque(message->rkt);
    struct part *part = &fetch->parts[topic->first + (size_t)message->partition];
    bool wanted = message->offset >= part->position && message->offset < part->end;
    if (!at_end && wanted)
        put_record(fetch, part, message);
    reached(fetch, part, at_end ? message->offset : message->offset + 1);
}

static bool more(const struct fetch *fetch)
{
    uint64_t count = fetch->options->count;
    return fetch->fault->status == 0 && fetch->open_count > 0 && (count == 0 || fetch->put < count);
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

/* A bounded run must not hang when records that are there do not come: the brokers are asked again,
 * and what they say ends it. */
static void doubt(struct fetch *fetch)
{
    if (!fetch->options->exit_at_end || client_clock() - fetch->heard < SILENCE_MS)
        return;
    rd_kafka_topic_partition_list_t *list = list_parts(fetch);
    topics_offsets(&fetch->client, list, RD_KAFKA_OFFSET_END);
    rd_kafka_topic_partition_list_destroy(list);
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

static void stop(struct fetch *fetch)
{
    for (size_t i = 0; i < fetch->topic_count; i++)
        topic_close(&fetch->topics[i]);
    if (fetch->queue != NULL)
        rd_kafka_queue_destroy(fetch->queue);
    client_close(&fetch->client);
    free(fetch->parts);
    free(fetch->topics);
    free(fetch->block);
}

bool fetch_run(const struct fetch_options *options, struct writer *writer, struct fault *fault)
{
    struct fetch fetch = {.options = options, .fault = fault, .writer = writer};
    fetch.client.wake = -1;
    if (start(&fetch))
        run(&fetch);
    stop(&fetch);
    return fault->status == 0;
}
