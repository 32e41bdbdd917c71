#include "kout/report.h"

#include "kafka/errors.h"
#include "util/clock.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    OFFSET_BITS = 44, /* of a ticket; above them is the source's number */
    SOURCE_MOST = (1 << 20) - 1,
    STALL_MS = 5000,
    OTHERS_FAULT = -138, /* RD_KAFKA_RESP_ERR__INVALID_DIFFERENT_RECORD of newer libraries */
    OBJECT = PLACE_MOST + TOPICS_OBJECT + 64
};

/* Without a source: the number of the record. 0: neither is known. */
void *report_ticket(const struct send *send, uint32_t index)
{
    const struct frame *frame = &send->out.bucket.records[index];
    uint64_t ticket = (uint64_t)frame->offset;
    if (frame->source == 0)
        ticket = report_number(send, index) + send->load + 1;
    if (sizeof(uintptr_t) < sizeof ticket || frame->source > SOURCE_MOST ||
        ticket >> OFFSET_BITS != 0)
        return NULL;
    return (void *)(uintptr_t)(ticket | (uint64_t)frame->source << OFFSET_BITS);
}

const char *report_place(const struct send *send, const void *ticket, char to[PLACE_MOST])
{
    uint64_t bits = (uint64_t)(uintptr_t)ticket, offset = bits & ((UINT64_C(1) << OFFSET_BITS) - 1);
    const struct frame frame = {.source = (uint32_t)(bits >> OFFSET_BITS),
                                .offset = (int64_t)offset};
    if (bits == 0 || frame.source > send->reader->source_count)
        snprintf(to, PLACE_MOST, "a record");
    else if (frame.source == 0)
        snprintf(to, PLACE_MOST, "record %" PRIu64, offset);
    else
        reader_place(send->reader, &frame, to);
    return to;
}

void *report_opaque(const struct send *send, uint32_t index)
{
    if (send->careful)
        return (void *)(uintptr_t)report_number(send, index);
    return report_ticket(send, index);
}

static void name_topic(char object[OBJECT], const rd_kafka_topic_t *topic, int32_t partition)
{
    int n = snprintf(object, OBJECT, "topic %.249s", rd_kafka_topic_name(topic));
    if (partition >= 0)
        snprintf(object + n, (size_t)(OBJECT - n), "/%" PRId32, partition);
}

/* A record that is not in the topic: the first is the fault. */
static void lose(struct send *send, const rd_kafka_topic_t *topic, rd_kafka_resp_err_t err,
                 int32_t partition, const char *whose)
{
    char object[OBJECT], why[CLIENT_REASON];
    const char *detail = NULL;
    name_topic(object, topic, partition);
    if (whose != NULL)
        snprintf(object + strlen(object), OBJECT - strlen(object), ": %s", whose);
    if (err == RD_KAFKA_RESP_ERR__FATAL) {
        err = rd_kafka_fatal_error(send->client.handle, why, sizeof why);
        detail = why;
    }
    send->lost = true;
    errors_set(send->fault, object, err, detail);
}

static bool blamed_on_others(rd_kafka_resp_err_t err)
{
    return (int)err == OTHERS_FAULT;
}

/* Of a batch that was too large the largest is likeliest to blame, of one that was not valid one
 * without a key. */
static void suspect(struct send *send, const rd_kafka_message_t *message)
{
    struct suspect *suspect = &send->suspect;
    bool keyless = message->key == NULL;
    size_t size = message->key_len + message->len;
    bool too_large = message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    suspect->count++;
    send->lost = true;
    if (suspect->count > 1 && !(too_large ? size > suspect->size : keyless && !suspect->keyless))
        return;
    suspect->err = message->err;
    suspect->partition = message->partition;
    suspect->opaque = message->_private;
    suspect->size = size;
    suspect->keyless = keyless;
}

void report_blame(struct send *send)
{
    char place[PLACE_MOST], whose[PLACE_MOST + 64];
    const struct suspect *suspect = &send->suspect;
    if (suspect->count == 0)
        return;
    report_place(send, suspect->opaque, place);
    if (suspect->count == 1)
        snprintf(whose, sizeof whose, "%s", place);
    else
        snprintf(whose, sizeof whose, "%s, or one of the %zu that were refused with it", place,
                 suspect->count - 1);
    lose(send, send->out.topic.handle, suspect->err, suspect->partition, whose);
    send->suspect.count = 0;
}

/* Any call of the transaction's tells why it failed. */
static rd_kafka_resp_err_t ended_by(struct send *send, char why[CLIENT_REASON])
{
    rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR__STATE;
    rd_kafka_error_t *error = rd_kafka_begin_transaction(send->client.handle);
    *why = '\0';
    if (error == NULL)
        return err;
    err = rd_kafka_error_code(error);
    snprintf(why, CLIENT_REASON, "%s", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return err;
}

void report_stalled(struct send *send)
{
    char object[OBJECT], why[CLIENT_REASON];
    rd_kafka_resp_err_t err = ended_by(send, why);
    name_topic(object, send->out.topic.handle, -1);
    send->lost = true;
    errors_set(send->fault, object, err, *why == '\0' ? NULL : why);
}

/* Of the output, with `careful`. What else fails with a transaction that is doomed only follows. */
static void sort_out(struct send *send, rd_kafka_topic_t *topic, rd_kafka_resp_err_t err,
                     int32_t partition, void *opaque, bool sent)
{
    size_t number = (size_t)(uintptr_t)opaque;
    bool refused = errors_refused(err) || blamed_on_others(err);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
        sift_report(&send->known.sift, number, SIFT_GOOD, 0);
    else if (refused)
        sift_report(&send->known.sift, number,
                    !sent                                         ? SIFT_BY_ITSELF
                    : blamed_on_others(err)                       ? SIFT_WITH_OTHERS
                    : err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ? SIFT_TOO_LARGE
                                                                  : SIFT_REFUSED,
                    err);
    else if (!send->doomed)
        lose(send, topic, err, partition, NULL);
    send->doomed |= refused && send->once;
}

/* What only follows from a transaction that has failed: why it has, another report will say. */
static bool follows(struct send *send, rd_kafka_resp_err_t err)
{
    if (!send->once || (err != RD_KAFKA_RESP_ERR__STATE && err != RD_KAFKA_RESP_ERR__PURGE_QUEUE &&
                        err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT))
        return false;
    if (send->stalled == 0)
        send->stalled = clock_ms() + STALL_MS;
    return true;
}

/* Said to be there because a later batch is, or was before: no broker has said so of these. After a
 * producer's first batch was refused by a leader that was new, it is not true (librdkafka 2.0.2,
 * rd_kafka_dr_implicit_ack). */
static void unconfirmed(struct send *send, const rd_kafka_message_t *message)
{
    send->lost = true;
    fault_set(send->fault, STATUS_RETRY,
              "topic %s/%" PRId32 ": no broker has said that all records are there: start again: "
              "some may come twice without -x",
              rd_kafka_topic_name(message->rkt), message->partition);
}

void report_delivered(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
    struct send *send = ((struct client *)opaque)->owner;
    char place[PLACE_MOST];
    bool out = message->rkt == send->out.topic.handle,
         bad = message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
    (void)handle;
    send->flight -= message->key_len + message->len;
    if (bad && follows(send, message->err))
        return;
    if (!bad && message->offset == RD_KAFKA_OFFSET_INVALID) {
        unconfirmed(send, message);
        return;
    }
    if (send->careful && out)
        sort_out(send, message->rkt, message->err, message->partition, message->_private, true);
    else if (bad && out && errors_refused(message->err))
        suspect(send, message);
    else if (bad && !send->doomed)
        lose(send, message->rkt, message->err, message->partition,
             message->_private == NULL ? NULL : report_place(send, message->_private, place));
}

void report_unsent(struct send *send, rd_kafka_topic_t *topic, rd_kafka_resp_err_t err,
                   int32_t partition, void *opaque)
{
    char place[PLACE_MOST];
    bool out = topic == send->out.topic.handle;
    if (follows(send, err))
        return;
    if (send->careful && out)
        sort_out(send, topic, err, partition, opaque, false);
    else
        lose(send, topic, err, partition,
             opaque == NULL ? NULL : report_place(send, opaque, place));
}
