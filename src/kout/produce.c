#include "kout/produce.h"

#include "ack/delivery.h"
#include "kafka/errors.h"
#include "kafka/message.h"
#include "kafka/topics.h"
#include "kout/bucket.h"
#include "util/sig.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    FLIGHT = 128 << 20, /* bytes on their way at most: what a slow broker costs us in memory */
    RUN = 512           /* records handed over in one call */
};

struct produce {
    struct fault *fault;
    struct reader *reader;
    struct client client;
    struct topic topic;
    struct bucket bucket;
    size_t flight; /* bytes handed over and not reported yet */
    uint64_t seen; /* records read, for messages */
    struct delivery delivery;
    int64_t end; /* after a fault: until then what was handed over may arrive; 0: no fault yet */
    bool lost;   /* a record was not delivered, or that time is over: no point in going on */
};

/* A record that is not in the topic: the first is the fault. */
static void lose(struct produce *produce, rd_kafka_resp_err_t err, int32_t partition,
                 uint64_t number)
{
    char object[TOPICS_OBJECT], why[CLIENT_REASON];
    int n = snprintf(object, sizeof object, "topic %.249s", produce->topic.name);
    if (partition >= 0)
        n += snprintf(object + n, sizeof object - (size_t)n, "/%" PRId32, partition);
    snprintf(object + n, sizeof object - (size_t)n, ": record %" PRIu64, number);
    const char *detail = NULL;
    if (err == RD_KAFKA_RESP_ERR__FATAL) {
        err = rd_kafka_fatal_error(produce->client.handle, why, sizeof why);
        detail = why;
    }
    produce->lost = true;
    errors_set(produce->fault, object, err, detail);
}

/* A delivery report. The message's opaque is the record's number. */
static void delivered(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
    struct produce *produce = ((struct client *)opaque)->owner;
    (void)handle;
    produce->flight -= message->key_len + message->len;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        lose(produce, message->err, message->partition, (uint64_t)(uintptr_t)message->_private);
}

/* Records larger than a batch go alone; what is too large the broker says, not the client. */
static bool open_client(struct produce *produce, const struct produce_options *options)
{
    static const struct client_property properties[] = {
        {"enable.idempotence", "true", CLIENT_PROMISE},
        {"acks", "all", CLIENT_PROMISE},
        {"partitioner", "murmur2_random", CLIENT_PROMISE},
        {"delivery.timeout.ms", "120000", CLIENT_DEFAULT}, /* as Kafka's Java client */
        {"message.max.bytes", "1000000000", CLIENT_DEFAULT},
        {"queue.buffering.max.messages", "1000000", CLIENT_DEFAULT},
        {"queue.buffering.max.kbytes", "2097151", CLIENT_DEFAULT}, /* FLIGHT bounds it */
        {NULL, NULL, CLIENT_DEFAULT}};
    const struct client_options client = {.conf = options->conf,
                                          .type = RD_KAFKA_PRODUCER,
                                          .properties = properties,
                                          .delivered = delivered,
                                          .owner = produce};
    return client_open(&produce->client, &client, produce->fault);
}

/* After a fault, or a signal that the reader did not tell, what is on its way has a while left. */
static void mind_the_end(struct produce *produce)
{
    if (produce->fault->status == 0 && sig_caught() != 0 && !produce->reader->in.spare)
        fault_signal(produce->fault, sig_caught());
    if (produce->fault->status != 0 && produce->end == 0)
        produce->end = client_clock() + PRODUCE_GRACE_MS;
    if (produce->end != 0 && client_clock() >= produce->end)
        produce->lost = true;
}

/* The library has as much as it may hold: until it has less. */
static void make_way(struct produce *produce)
{
    client_serve(&produce->client, 100);
    mind_the_end(produce);
}

static int32_t choose(const struct produce *produce, const struct frame *frame)
{
    if (frame->key.at == NULL)
        return BUCKET_ANY;
    return rd_kafka_msg_partitioner_murmur2_random(produce->topic.handle, frame->key.at,
                                                   frame->key.size, produce->topic.partitions, NULL,
                                                   NULL);
}

static void *opaque(uint64_t number)
{
    return (void *)(uintptr_t)number;
}

static uint64_t number(const struct produce *produce, uint32_t index)
{
    return produce->seen - produce->bucket.count + index + 1;
}

static bool plain(const struct frame *frame)
{
    return (frame->flags & (FRAME_HEADERS | FRAME_CREATE_TIME | FRAME_LOG_APPEND_TIME)) == 0;
}

/* Records with neither headers nor timestamps, in one call, copied. */
static void put_batch(struct produce *produce, int32_t partition, const uint32_t *order,
                      size_t count)
{
    rd_kafka_message_t batch[RUN];
    for (size_t i = 0; i < count; i++) {
        const struct frame *frame = &produce->bucket.records[order[i]];
        batch[i] = (rd_kafka_message_t){.payload = message_bytes(frame->value),
                                        .len = frame->value.size,
                                        .key = message_bytes(frame->key),
                                        .key_len = frame->key.size,
                                        ._private = opaque(number(produce, order[i]))};
    }
    size_t done = 0;
    while (done < count && !produce->lost) {
        rd_kafka_produce_batch(produce->topic.handle, partition, RD_KAFKA_MSG_F_COPY, batch + done,
                               (int)(count - done));
        /* Those that found the queue full are the last ones. */
        for (; done < count && batch[done].err != RD_KAFKA_RESP_ERR__QUEUE_FULL; done++)
            if (batch[done].err == RD_KAFKA_RESP_ERR_NO_ERROR)
                produce->flight += batch[done].key_len + batch[done].len;
            else
                lose(produce, batch[done].err, partition, number(produce, order[done]));
        if (done < count)
            make_way(produce);
    }
}

/* A record with headers or a timestamp. The headers are the library's once it has taken it. */
static void put_one(struct produce *produce, int32_t partition, uint32_t index)
{
    const struct frame *frame = &produce->bucket.records[index];
    rd_kafka_headers_t *headers = message_headers(frame);
    const rd_kafka_vu_t record[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = produce->topic.handle},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {message_bytes(frame->key), frame->key.size}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {message_bytes(frame->value), frame->value.size}},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = message_time(frame)},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = opaque(number(produce, index))},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers}};
    size_t fields = sizeof record / sizeof record[0] - (headers == NULL ? 1 : 0);
    while (!produce->lost) {
        rd_kafka_error_t *error = rd_kafka_produceva(produce->client.handle, record, fields);
        if (error == NULL) {
            produce->flight += frame->key.size + frame->value.size;
            return;
        }
        rd_kafka_resp_err_t err = rd_kafka_error_code(error);
        rd_kafka_error_destroy(error);
        if (err == RD_KAFKA_RESP_ERR__QUEUE_FULL)
            make_way(produce);
        else
            lose(produce, err, partition, number(produce, index));
    }
    if (headers != NULL)
        rd_kafka_headers_destroy(headers);
}

/* A partition's records in their order: plain ones as many at a time as follow each other. */
static void put_run(struct produce *produce, int32_t partition, struct bucket_run run)
{
    const struct frame *records = produce->bucket.records;
    for (size_t at = 0; at < run.count && !produce->lost;) {
        size_t end = at;
        while (end < run.count && end - at < RUN && plain(&records[run.order[end]]))
            end++;
        if (end > at)
            put_batch(produce, partition, run.order + at, end - at);
        else
            put_one(produce, partition, run.order[end++]);
        while (produce->flight > FLIGHT && !produce->lost)
            make_way(produce);
        at = end;
    }
}

/* Hands over what was gathered: nothing borrows from the reader's buffer afterwards. */
static void put_all(struct produce *produce)
{
    bucket_sort(&produce->bucket);
    for (int32_t partition = BUCKET_ANY; partition < produce->topic.partitions; partition++)
        put_run(produce, partition, bucket_run(&produce->bucket, partition));
    bucket_empty(&produce->bucket);
}

/* Waits for the delivery of all that was handed over; after a fault only for so long. */
static void settle(struct produce *produce)
{
    mind_the_end(produce);
    while (!produce->lost &&
           rd_kafka_flush(produce->client.handle, 100) != RD_KAFKA_RESP_ERR_NO_ERROR)
        mind_the_end(produce);
}

/* A barrier: acknowledged when every report of what came before it was good. */
static void reach(struct produce *produce, int64_t barrier)
{
    put_all(produce);
    settle(produce);
    if (produce->fault->status == 0)
        delivery_ack(&produce->delivery, barrier);
}

static void take(struct produce *produce, const struct frame *frame)
{
    if (frame->kind != FRAME_RECORD) {
        delivery_take(&produce->delivery, produce->reader, frame);
        if (frame->kind == FRAME_BARRIER && produce->delivery.committing)
            reach(produce, frame->offset);
        return;
    }
    produce->seen++;
    if (bucket_put(&produce->bucket, frame, choose(produce, frame)))
        put_all(produce);
}

/* Nothing to read now, or the buffer is about to be filled anew: delivery reports are served until
 * there is something. */
static void rest(struct produce *produce)
{
    struct pollfd fds[2] = {{.fd = produce->reader->in.fd, .events = POLLIN},
                            {.fd = produce->client.wake, .events = POLLIN}};
    client_woken(&produce->client);
    client_serve(&produce->client, 0);
    if (produce->fault->status == 0)
        sig_poll(fds, 2, -1); /* a signal is the reader's to tell */
}

static void read_all(struct produce *produce)
{
    struct frame frame;
    while (produce->fault->status == 0) {
        enum reader_result got = reader_next(produce->reader, &frame, 0);
        if (got == READER_FRAME) {
            take(produce, &frame);
            continue;
        }
        put_all(produce);
        if (got != READER_WAIT)
            break;
        rest(produce);
    }
}

bool produce_run(const struct produce_options *options, struct reader *reader, struct fault *fault)
{
    struct produce produce = {.fault = fault, .reader = reader};
    reader->in.hold = true;
    delivery_open(&produce.delivery, options->replay, fault);
    delivery_spare(&produce.delivery, reader);
    if (open_client(&produce, options) &&
        topic_open(&produce.topic, &produce.client, options->topic) &&
        bucket_open(&produce.bucket, produce.topic.partitions, fault)) {
        read_all(&produce);
        settle(&produce);
    }
    delivery_finish(&produce.delivery);
    bucket_close(&produce.bucket);
    topic_close(&produce.topic);
    client_close(&produce.client);
    return fault->status == 0;
}
