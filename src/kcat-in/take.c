/* kcat-in/take: what the client has for us: messages, which become records; news of the group. */
#include "kafka/errors.h"
#include "kcat-in/member.h"

#include <inttypes.h>
#include <stdio.h>

enum { BATCH = 1000 };

/* Of a partition, or, where no topic is named, of the group. */
static void take_error(struct member *member, const rd_kafka_message_t *message)
{
    char object[MEMBER_OBJECT];
    if (message->rkt == NULL)
        snprintf(object, sizeof object, "group %.249s", member->options->group);
    else
        snprintf(object, sizeof object, "topic %.249s/%" PRId32, rd_kafka_topic_name(message->rkt),
                 message->partition);
    errors_set(member->fault, object, message->err, rd_kafka_message_errstr(message));
}

static void take(struct member *member, const rd_kafka_message_t *message)
{
    const char *topic = message->rkt == NULL ? "" : rd_kafka_topic_name(message->rkt);
    int64_t place = member_place(member, topic, message->partition, false);
    bool at_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !at_end) {
        take_error(member, message);
        return;
    }
    if (place < 0 || !ledger_wants(&member->ledger, (uint32_t)place, message->offset))
        return;
    struct holding *part = &member->parts[place];
    int64_t next = message->offset + (at_end ? 0 : 1);
    if (part->full)
        return;
    if (!at_end && message->offset >= part->end) {
        part->at_end = true;
        return;
    }
    if (!at_end) {
        if (!put_message(message, (uint32_t)place + 1, member->options->record_cap, &member->block,
                         member->writer, member->fault))
            return;
        pacing_put(&member->pacing, FRAME_HEAD + message->key_len + message->len);
        member->put++;
        limits_put(member, (size_t)place, message);
        if (member->placings != NULL && !part->placed)
            placed_look(member, part, message);
    }
    if (at_end && mark_new(&part->mark))
        member->asked = 0;
    ledger_move(&member->ledger, (uint32_t)place, next < part->end ? next : part->end);
    part->at_end = next >= part->end;
}

/* A batch is asked for only when it may be put whole: what was popped and not put would be lost.
 * The pipe's share may be exceeded by a batch; no callback of the client runs in here. Messages are
 * given back together, as in fetch. */
bool take_batch(struct member *member)
{
    rd_kafka_message_t *batch[BATCH];
    size_t most = BATCH;
    uint64_t window = member->pacing.window, every = member->pacing.count;
    if (member->options->count > 0 && member->options->count - member->put < most)
        most = (size_t)(member->options->count - member->put);
    if (window > 0 && window - (member->pacing.put - member->pacing.acked) < most)
        most = (size_t)(window - (member->pacing.put - member->pacing.acked));
    if (every > 0 && every - (member->pacing.put - member->pacing.marked) < most)
        most = (size_t)(every - (member->pacing.put - member->pacing.marked));
    ssize_t got = ahead_take(&member->client.ahead, member->data, 0, batch, most);
    for (ssize_t i = 0; i < got && member->fault->status == 0; i++)
        take(member, batch[i]);
    for (ssize_t i = 0; i < got; i++)
        rd_kafka_message_destroy(batch[i]);
    return got > 0;
}

/* The control plane: rebalances, errors. Membership lives by this call, however full the pipe is.
 */
void take_news(struct member *member)
{
    rd_kafka_message_t *message;
    client_serve(&member->client, 0);
    while ((message = rd_kafka_consumer_poll(member->client.handle, 0)) != NULL) {
        if (message->err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED)
            fault_note(member->fault, "group %s: %s", member->options->group,
                       rd_kafka_message_errstr(message));
        else if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
            take(member, message);
        rd_kafka_message_destroy(message);
    }
    assign_begin(member);
}
