#include "kout/refuse.h"

#include "kafka/admin.h"
#include "kafka/errors.h"
#include "kafka/message.h"
#include "kout/hand.h"
#include "kout/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    BATCH_RECORDS = 10000, /* the library's batch.num.messages ... */
    BATCH_BYTES = 900000,  /* ... and less than its batch.size: a piece is one batch */
    OVERHEAD = 100         /* a record's own, at most */
};

/* Not being told is no fault here. */
static bool setting(struct send *send, const char *name, char value[ADMIN_VALUE])
{
    struct fault *fault = send->client.fault, aside = {.tool = fault->tool};
    send->client.fault = &aside;
    bool told = admin_setting(&send->client, send->out.topic.name, name, value);
    send->client.fault = fault;
    return told;
}

/* A batch that the topic takes whatever is in it, so that no more than a record's own size is
 * refused for its size: each batch more to be cut costs, with -x, the whole barrier again. */
static size_t batch_bytes(struct send *send)
{
    char most[ADMIN_VALUE];
    unsigned long long topics =
        setting(send, "max.message.bytes", most) ? strtoull(most, NULL, 10) : BATCH_BYTES;
    return topics < BATCH_BYTES ? (size_t)topics / 10 * 9 : BATCH_BYTES;
}

bool refuse_open(struct send *send)
{
    const char *dead = send->writing->dead;
    send->client.hushed = "TXNERR"; /* that a transaction is to be aborted we say ourselves */
    if (!sift_open(&send->known.sift, send->out.topic.partitions, send->fault))
        return false;
    send->batch = batch_bytes(send);
    if (dead != NULL && topic_find(&send->dead, &send->client, dead) && send->dead.partitions == 0)
        fault_set(send->fault, STATUS_NOINPUT,
                  "topic %.249s: does not exist: create it, for records that are refused", dead);
    return send->fault->status == 0;
}

void refuse_close(struct send *send)
{
    topic_close(&send->dead);
    sift_close(&send->known.sift);
}

void refuse_forget(struct send *send)
{
    send->load = send->out.seen;
    send->known.shift++;
    send->known.lesson = (struct lesson){0};
    sift_start(&send->known.sift);
}

bool refuse_judge(struct send *send)
{
    if (sift_judge(&send->known.sift) != SIFT_STUCK)
        return true;
    fault_set(send->fault, STATUS_DATA, "topic %s: refuses records, and not one alone",
              send->out.topic.name);
    return false;
}

/* --- what one record teaches about others */

static bool compacted(struct send *send)
{
    char policy[ADMIN_VALUE];
    return setting(send, "cleanup.policy", policy) && strstr(policy, "compact") != NULL;
}

/* By us, or by the broker, which measures what it has made of a batch as well. */
static bool compressed(struct send *send)
{
    char type[ADMIN_VALUE];
    char codec[32];
    size_t size = sizeof codec;
    return rd_kafka_conf_get(rd_kafka_conf(send->client.handle), "compression.codec", codec,
                             &size) != RD_KAFKA_CONF_OK ||
           strcmp(codec, "none") != 0 || !setting(send, "compression.type", type) ||
           (strcmp(type, "producer") != 0 && strcmp(type, "uncompressed") != 0);
}

/* The broker refused it, and it was alone. */
static void learn_size(struct send *send, const struct frame *frame)
{
    struct lesson *lesson = &send->known.lesson;
    size_t size = message_size(frame);
    if (lesson->size == 0 && !lesson->sizeless)
        lesson->sizeless = compressed(send);
    if (!lesson->sizeless && (lesson->size == 0 || size < lesson->size))
        lesson->size = size;
}

static void learn(struct send *send, const struct frame *frame, const struct sifted *sifted)
{
    struct lesson *lesson = &send->known.lesson;
    rd_kafka_resp_err_t err = (rd_kafka_resp_err_t)sifted->err;
    if (err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
        if ((sifted->flags & SIFT_ALONE) == 0) /* else the client has only made a guess */
            learn_size(send, frame);
    } else if ((err == RD_KAFKA_RESP_ERR_INVALID_RECORD || err == RD_KAFKA_RESP_ERR_INVALID_MSG) &&
               frame->key.at == NULL && !lesson->keyless && compacted(send)) {
        lesson->keyless = true;
        lesson->keyless_err = err;
    }
}

/* Why it will be refused, as is known; no error: it may not be. */
static rd_kafka_resp_err_t foretold(const struct send *send, const struct frame *frame)
{
    const struct lesson *lesson = &send->known.lesson;
    if (lesson->keyless && frame->key.at == NULL)
        return lesson->keyless_err;
    if (lesson->size > 0 && message_size(frame) >= lesson->size)
        return RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* --- what is left out */

static void add_text(rd_kafka_headers_t *headers, const char *name, const char *value)
{
    rd_kafka_header_add(headers, name, -1, value, -1);
}

/* The record's own headers, and behind them why it is here. */
static rd_kafka_headers_t *dead_headers(const struct send *send, const struct frame *frame,
                                        rd_kafka_resp_err_t err)
{
    const struct source *source = reader_source(send->reader, frame->source);
    rd_kafka_headers_t *headers = message_headers(frame);
    char number[32];
    if (headers == NULL)
        headers = rd_kafka_headers_new(8);
    if (source != NULL) {
        add_text(headers, "kpipe.topic", source->topic);
        snprintf(number, sizeof number, "%" PRId64, source->partition);
        add_text(headers, "kpipe.partition", number);
        snprintf(number, sizeof number, "%" PRId64, frame->offset);
        add_text(headers, "kpipe.offset", number);
    }
    add_text(headers, "kpipe.refused.by", send->out.topic.name);
    add_text(headers, "kpipe.error", rd_kafka_err2name(err));
    add_text(headers, "kpipe.reason", errors_what(err));
    return headers;
}

static void bury(struct send *send, uint32_t index, rd_kafka_resp_err_t err)
{
    const struct frame *frame = &send->out.bucket.records[index];
    if (send->dead.handle == NULL)
        return;
    const struct hand_message message = {.topic = send->dead.handle,
                                         .partition = RD_KAFKA_PARTITION_UA,
                                         .key = frame->key,
                                         .value = frame->value,
                                         .headers = dead_headers(send, frame, err),
                                         .time = message_time(frame),
                                         .opaque = report_ticket(send, index)};
    hand_message(send, &message);
}

static void tell(struct send *send, uint32_t index, rd_kafka_resp_err_t err)
{
    char place[PLACE_MOST];
    const char *dead = send->writing->dead;
    send->known.refused++;
    fault_note(send->fault, "%s: topic %s: %s: %s%s",
               report_place(send, report_ticket(send, index), place), send->out.topic.name,
               errors_what(err), dead == NULL ? "left out" : "to topic ", dead == NULL ? "" : dead);
}

/* Whether this record of the bucket stays out; it has gone where it should then. */
static bool left_out(struct send *send, uint32_t index)
{
    const struct frame *frame = &send->out.bucket.records[index];
    size_t number = (size_t)report_number(send, index);
    struct sifted *sifted = &send->known.sift.records[number];
    if ((sifted->flags & (SIFT_OUT | SIFT_DONE)) == 0 &&
        foretold(send, frame) != RD_KAFKA_RESP_ERR_NO_ERROR)
        sift_leave_out(&send->known.sift, number, foretold(send, frame));
    if ((sifted->flags & SIFT_OUT) == 0)
        return false;
    if ((sifted->flags & SIFT_NEW) != 0) {
        learn(send, frame, sifted);
        tell(send, index, (rd_kafka_resp_err_t)sifted->err);
    }
    if ((sifted->flags & SIFT_DONE) == 0)
        bury(send, index, (rd_kafka_resp_err_t)sifted->err);
    sifted->flags &= (uint8_t)~SIFT_NEW;
    sifted->flags |= SIFT_DONE;
    return true;
}

/* --- handing over */

static uint8_t flags_of(const struct send *send, uint32_t index)
{
    return send->known.sift.records[report_number(send, index)].flags;
}

static bool settled(struct send *send, uint32_t index)
{
    return left_out(send, index) || (flags_of(send, index) & SIFT_DONE) != 0;
}

static size_t size_of(const struct frame *frame)
{
    return message_size(frame) + OVERHEAD;
}

/* Of a partition's run the next records that may be one batch. */
static struct bucket_run piece(struct send *send, struct bucket_run run)
{
    size_t from = 0, size = 0, to;
    while (from < run.count && settled(send, run.order[from]))
        from++;
    for (to = from; to < run.count && to - from < BATCH_RECORDS; to++) {
        size += size_of(&send->out.bucket.records[run.order[to]]);
        if (to > from && (size > send->batch || (flags_of(send, run.order[to]) & SIFT_CUT) != 0 ||
                          settled(send, run.order[to])))
            break;
    }
    return (struct bucket_run){run.order + from, to - from};
}

/* One piece of each partition. False: nothing is left. */
static bool hand_pieces(struct send *send)
{
    bool any = false;
    for (int32_t p = BUCKET_ANY; p < send->out.topic.partitions; p++) {
        struct bucket_run run = piece(send, bucket_run(&send->out.bucket, p));
        hand_run(send, &send->out, p, run);
        any |= run.count > 0;
    }
    return any;
}

void refuse_lane(struct send *send)
{
    if (send->once && !send->known.sift.marked) {
        hand_lane(send, &send->out);
        return;
    }
    if (send->once)
        send_settle(send);
    bucket_sort(&send->out.bucket);
    while (!send_stopped(send) && send->fault->status == 0 && hand_pieces(send)) {
        send_settle(send);
        if (!send->once && !refuse_judge(send))
            break;
    }
    send_settle(send);
    if (!send->once)
        refuse_forget(send); /* the next bucket is the next load */
}
