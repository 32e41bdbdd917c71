#include "kout/send.h"

#include "kafka/admin.h"
#include "kout/hand.h"
#include "kout/refuse.h"
#include "kout/report.h"
#include "util/clock.h"
#include "util/sig.h"

#include <inttypes.h>
#include <stdio.h>

/* After a fault, or a signal that the reader did not tell, what is on its way has a while left. */
static void mind_the_end(struct send *send)
{
    if (send->fault->status == 0 && sig_caught() != 0 && !send->reader->in.spare)
        fault_signal(send->fault, sig_caught());
    if (send->fault->status != 0 && send->end == 0)
        send->end = clock_ms() + send->grace_ms;
    if (send->end != 0 && clock_ms() >= send->end)
        send->lost = true;
}

void send_serve(struct send *send, int wait_ms)
{
    client_serve(&send->client, wait_ms);
    report_blame(send);
}

void send_make_way(struct send *send)
{
    send_serve(send, 100);
    mind_the_end(send);
}

/* The library would put it with others that we want alone. One partition a bucket, as it does. */
static int32_t careful_any(const struct send *send, uint64_t number)
{
    return (int32_t)((send->known.shift + number / BUCKET_ROOM) %
                     (uint64_t)send->out.topic.partitions);
}

static int32_t by_key(const struct send *send, const struct frame *frame, uint64_t number)
{
    if (frame->key.at == NULL)
        return send->careful ? careful_any(send, number) : BUCKET_ANY;
    return rd_kafka_msg_partitioner_murmur2_random(send->out.topic.handle, frame->key.at,
                                                   frame->key.size, send->out.topic.partitions,
                                                   NULL, NULL);
}

/* False: the fault is set: it has no partition, or the topic has not so many. */
static bool same(const struct send *send, const struct frame *frame, int32_t *partition)
{
    const struct source *source = reader_source(send->reader, frame->source);
    char place[PLACE_MOST];
    if (source != NULL && source->partition >= 0 &&
        source->partition < send->out.topic.partitions) {
        *partition = (int32_t)source->partition;
        return true;
    }
    reader_place(send->reader, frame, place);
    if (source == NULL || source->partition < 0)
        fault_set(send->fault, STATUS_DATA, "%s: is from no partition: -p key, or -p NUMBER",
                  place);
    else
        fault_set(send->fault, STATUS_CONFIG,
                  "%s: topic %s has no partition %" PRId64 ", as -p same wants it: give it more, "
                  "or -p key",
                  place, send->out.topic.name, source->partition);
    return false;
}

static bool choose(const struct send *send, const struct frame *frame, uint64_t number,
                   int32_t *partition)
{
    switch (send->writing->to) {
    case WRITING_SAME:
        return same(send, frame, partition);
    case WRITING_ONE:
        *partition = send->writing->partition;
        return true;
    default:
        *partition = by_key(send, frame, number);
        return true;
    }
}

static bool lane_open(struct lane *lane, struct client *client, const char *topic)
{
    return topic_open(&lane->topic, client, topic) && topic_led(&lane->topic, client) &&
           bucket_open(&lane->bucket, lane->topic.partitions, client->fault);
}

static void lane_close(struct lane *lane)
{
    bucket_close(&lane->bucket);
    topic_close(&lane->topic);
}

static void lane_now(struct send *send, struct lane *lane)
{
    if (lane->bucket.count > 0 && !send_stopped(send)) {
        if (send->careful && lane == &send->out)
            refuse_lane(send);
        else
            hand_lane(send, lane);
    }
    bucket_empty(&lane->bucket);
}

void send_now(struct send *send)
{
    lane_now(send, &send->out);
    lane_now(send, &send->kept);
}

void send_put(struct send *send, const struct frame *frame)
{
    int32_t partition;
    uint64_t number = send->out.seen++ - send->load;
    if (!choose(send, frame, number, &partition) ||
        (send->careful && number >= send->known.sift.count &&
         !sift_add(&send->known.sift, partition, send->fault)))
        return;
    if (bucket_put(&send->out.bucket, frame, partition))
        lane_now(send, &send->out);
}

void send_load(struct send *send, bool again)
{
    send->load = send->out.seen;
    send->doomed = false;
    if (again)
        sift_again(&send->known.sift);
    else
        refuse_forget(send);
}

bool send_keep_at(struct send *send, const char *topic)
{
    return lane_open(&send->kept, &send->client, topic);
}

void send_keep(struct send *send, const struct frame *frame, int32_t partition)
{
    if (bucket_put(&send->kept.bucket, frame, partition))
        lane_now(send, &send->kept);
}

bool send_reported(struct send *send, int wait_ms)
{
    bool all = rd_kafka_flush(send->client.handle, wait_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
    report_blame(send);
    if (send->stalled != 0 && !send->doomed && (all || clock_ms() > send->stalled))
        report_stalled(send);
    return all || send->doomed;
}

void send_settle(struct send *send)
{
    mind_the_end(send);
    while (!send->lost && !send_reported(send, 100))
        mind_the_end(send);
}

/* Records larger than a batch go alone; what is too large the broker says, not the client. A
 * transaction's records may take as long as the transaction: the library's own default. */
static bool open_client(struct send *send, const struct send_options *options)
{
    const char *codec = options->writing->codec;
    bool careful = options->writing->refused != WRITING_FAIL; /* then we say where a batch ends */
    enum client_rank batches = careful ? CLIENT_PROMISE : CLIENT_DEFAULT;
    const struct client_property properties[] = {
        {"enable.idempotence", "true", CLIENT_PROMISE},
        {"acks", "all", CLIENT_PROMISE},
        {"partitioner", "murmur2_random", CLIENT_PROMISE},
        {"message.max.bytes", "1000000000", batches},
        {"batch.num.messages", "10000", batches}, /* it and the next one are the library's own */
        {"batch.size", "1000000", batches},
        {"queue.buffering.max.messages", "1000000", batches},
        {"queue.buffering.max.kbytes", "2097151", batches}, /* FLIGHT bounds it */
        {"compression.codec", codec == NULL ? "none" : codec,
         codec == NULL ? CLIENT_DEFAULT : CLIENT_PROMISE},
        options->transactional_id == NULL
            ? (struct client_property){"delivery.timeout.ms", "120000", CLIENT_DEFAULT}
            /* as Kafka's Java client */
            : (struct client_property){"transactional.id", options->transactional_id,
                                       CLIENT_PROMISE},
        {"linger.ms", careful ? "1000" : "5", batches},
        {options->transactional_id == NULL ? NULL : "transaction.timeout.ms", "15000",
         CLIENT_DEFAULT},
        {NULL, NULL, CLIENT_DEFAULT}};
    const struct client_options client = {.conf = options->conf,
                                          .type = RD_KAFKA_PRODUCER,
                                          .properties = properties,
                                          .delivered = report_delivered,
                                          .configure = options->configure,
                                          .owner = send};
    return client_open(&send->client, &client, send->fault);
}

static bool has_partition(const struct send *send)
{
    int32_t most = send->out.topic.partitions - 1;
    if (send->writing->to == WRITING_ONE && send->writing->partition > most)
        fault_set(send->fault, STATUS_NOINPUT,
                  "topic %s/%" PRId32 ": does not exist: its last partition is %" PRId32,
                  send->out.topic.name, send->writing->partition, most);
    return send->fault->status == 0;
}

void send_tell(const struct send *send)
{
    static const char *const whither[] = {[WRITING_SKIP] = "left out", [WRITING_DLQ] = "in topic "};
    if (send->known.refused > 0)
        fault_note(send->fault, "topic %s: records refused: %" PRIu64 ": %s%s",
                   send->out.topic.name, send->known.refused, whither[send->writing->refused],
                   send->writing->dead == NULL ? "" : send->writing->dead);
}

bool send_open(struct send *send, const struct send_options *options, const struct reader *reader,
               struct fault *fault)
{
    *send = (struct send){.fault = fault,
                          .reader = reader,
                          .writing = options->writing,
                          .out = {.now = options->writing->now},
                          .once = options->transactional_id != NULL,
                          .careful = options->writing->refused != WRITING_FAIL,
                          .grace_ms = options->grace_ms,
                          .requests = options->requests};
    const struct writing *writing = options->writing;
    return open_client(send, options) &&
           (writing->create == 0 ||
            admin_ensure(&send->client, options->topic, writing->create, &writing->settings)) &&
           lane_open(&send->out, &send->client, options->topic) && has_partition(send) &&
           (!send->careful || refuse_open(send));
}

struct known send_known(struct send *send)
{
    struct known known = send->known;
    send->known = (struct known){0};
    return known;
}

/* Of a topic that has been widened in between, all is found out anew. */
void send_learn(struct send *send, struct known *known)
{
    struct sift own = send->known.sift;
    bool fits = known->sift.partition_count == own.partition_count;
    sift_close(fits ? &own : &known->sift);
    send->known = *known;
    if (!fits)
        send->known.sift = own;
}

void send_close(struct send *send)
{
    refuse_close(send);
    lane_close(&send->out);
    lane_close(&send->kept);
    client_close(&send->client);
}
