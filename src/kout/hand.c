#include "kout/hand.h"

#include "kafka/message.h"
#include "kout/report.h"

enum {
    FLIGHT = 32 << 20, /* bytes on their way at most: what a slow broker costs us in memory */
    RUN = 512          /* records handed over in one call */
};

static int64_t time_of(const struct lane *lane, const struct frame *frame)
{
    return lane->now ? 0 : message_time(frame);
}

static bool plain(const struct lane *lane, const struct frame *frame)
{
    return (frame->flags & FRAME_HEADERS) == 0 && time_of(lane, frame) == 0;
}

static void *opaque(const struct send *send, const struct lane *lane, uint32_t index)
{
    return lane == &send->out ? report_opaque(send, index) : NULL;
}

/* Records with neither headers nor timestamps, in one call, copied. */
static void put_batch(struct send *send, const struct lane *lane, int32_t partition,
                      const uint32_t *order, size_t count)
{
    rd_kafka_message_t batch[RUN];
    for (size_t i = 0; i < count; i++) {
        const struct frame *frame = &lane->bucket.records[order[i]];
        batch[i] = (rd_kafka_message_t){.payload = message_bytes(frame->value),
                                        .len = frame->value.size,
                                        .key = message_bytes(frame->key),
                                        .key_len = frame->key.size,
                                        ._private = opaque(send, lane, order[i])};
    }
    size_t done = 0;
    while (done < count && !send_stopped(send)) {
        rd_kafka_produce_batch(lane->topic.handle, partition, RD_KAFKA_MSG_F_COPY, batch + done,
                               (int)(count - done));
        /* Those that found the queue full are the last ones. */
        for (; done < count && batch[done].err != RD_KAFKA_RESP_ERR__QUEUE_FULL; done++)
            if (batch[done].err == RD_KAFKA_RESP_ERR_NO_ERROR)
                send->flight += batch[done].key_len + batch[done].len;
            else
                report_unsent(send, lane->topic.handle, batch[done].err, partition,
                              batch[done]._private);
        if (done < count)
            send_make_way(send);
    }
}

void hand_message(struct send *send, const struct hand_message *message)
{
    const struct span key = message->key, value = message->value;
    const rd_kafka_vu_t record[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = message->topic},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = message->partition},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {message_bytes(key), key.size}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {message_bytes(value), value.size}},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = message->time},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = message->opaque},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = message->headers}};
    size_t fields = sizeof record / sizeof record[0] - (message->headers == NULL ? 1 : 0);
    bool sent = false, tried = false;
    while (!sent && !tried && !send_stopped(send)) {
        rd_kafka_error_t *error = rd_kafka_produceva(send->client.handle, record, fields);
        rd_kafka_resp_err_t err = rd_kafka_error_code(error);
        if (error != NULL)
            rd_kafka_error_destroy(error);
        sent = err == RD_KAFKA_RESP_ERR_NO_ERROR;
        tried = !sent && err != RD_KAFKA_RESP_ERR__QUEUE_FULL;
        if (sent)
            send->flight += key.size + value.size;
        else if (tried)
            report_unsent(send, message->topic, err, message->partition, message->opaque);
        else
            send_make_way(send);
    }
    if (!sent && message->headers != NULL)
        rd_kafka_headers_destroy(message->headers);
}

/* A record with headers or a timestamp. */
static void put_one(struct send *send, const struct lane *lane, int32_t partition, uint32_t index)
{
    const struct frame *frame = &lane->bucket.records[index];
    const struct hand_message message = {.topic = lane->topic.handle,
                                         .partition = partition,
                                         .key = frame->key,
                                         .value = frame->value,
                                         .headers = message_headers(frame),
                                         .time = time_of(lane, frame),
                                         .opaque = opaque(send, lane, index)};
    hand_message(send, &message);
}

/* Plain ones as many at a time as follow each other. */
void hand_run(struct send *send, const struct lane *lane, int32_t partition, struct bucket_run run)
{
    const struct frame *records = lane->bucket.records;
    for (size_t at = 0; at < run.count && !send_stopped(send);) {
        size_t end = at;
        while (end < run.count && end - at < RUN && plain(lane, &records[run.order[end]]))
            end++;
        if (end > at)
            put_batch(send, lane, partition, run.order + at, end - at);
        else
            put_one(send, lane, partition, run.order[end++]);
        while (send->flight > FLIGHT && !send_stopped(send))
            send_make_way(send);
        at = end;
    }
}

void hand_lane(struct send *send, struct lane *lane)
{
    bucket_sort(&lane->bucket);
    for (int32_t partition = BUCKET_ANY; partition < lane->topic.partitions; partition++)
        hand_run(send, lane, partition, bucket_run(&lane->bucket, partition));
}
