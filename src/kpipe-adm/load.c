/* kpipe-adm/load: a store and its offsets, from one group to another: an application that moves.
 *
 * State, its markers and the offsets are one transaction, as kout -x would have written them. A
 * commit that names no member is not fenced by the brokers, so the group is looked at twice:
 * before, and when the offsets are in the transaction but not committed, since whoever joins from
 * then on waits for them.
 *
 * The library's word that a transaction is committed is not enough (kout/endtxn.h tells why): the
 * offsets are asked for again, and what is there then is what counts. */
#include "kafka/errors.h"
#include "kafka/message.h"
#include "kafka/store.h"
#include "kpipe-adm/adm.h"
#include "kpipe-adm/snapshot.h"
#include "util/clock.h"
#include "util/random.h"
#include "util/sig.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLICE_MS = 500, PAUSE_MS = 100, OFFSETS_MS = 30000, PATIENCE_MS = 60000 };
enum { ID = MARKER_TOPIC + 16 };

static const struct column columns[] = {
    {"topic", false}, {"partition", true}, {"to", true}, {NULL, false}};

struct load {
    struct adm *adm;
    struct snapshot from, to;
    struct client producer;
    struct topic topic; /* the changelog, of the producer */
    char id[ID];        /* transactional.id */
    uint8_t run[MARKER_RUN_ID];
    rd_kafka_topic_partition_list_t *offsets; /* with the notes of the new markers */
};

/* --- what is there */

static bool open_from(struct load *load, const rd_kafka_topic_partition_list_t *parts)
{
    struct adm *adm = load->adm;
    struct adm_store store = adm_store(adm->from, adm->store);
    if (!snapshot_open(&load->from, &adm->conf, store.group, store.name, adm->fault) ||
        !snapshot_read(&load->from, parts))
        return false;
    if (!snapshot_started(&load->from))
        fault_set(adm->fault, STATUS_NOINPUT, "group %.249s: has kept nothing in a store %s",
                  store.group, store.name);
    return adm->fault->status == 0;
}

/* The offsets as they are to be, each with the note of its task's marker. */
static bool plan(struct load *load)
{
    char note[MARKER_NOTE];
    load->offsets = rd_kafka_topic_partition_list_new(16);
    marker_note(note, span_str(load->adm->store), load->run, 0);
    for (size_t i = 0; i < load->from.count; i++) {
        const rd_kafka_topic_partition_list_t *list = load->from.tasks[i].offsets;
        for (int n = 0; n < list->cnt && load->from.tasks[i].bond.stored; n++) {
            rd_kafka_topic_partition_t *part = rd_kafka_topic_partition_list_add(
                load->offsets, list->elems[n].topic, list->elems[n].partition);
            part->offset = list->elems[n].offset;
            part->metadata = strdup(note);
            if (part->metadata == NULL)
                return fault_memory(load->adm->fault) == 0;
            part->metadata_size = strlen(note);
        }
    }
    rd_kafka_topic_partition_list_sort(load->offsets, NULL, NULL);
    return true;
}

static bool loads(const struct load *load, const rd_kafka_topic_partition_t *part)
{
    return rd_kafka_topic_partition_list_find(load->offsets, part->topic, part->partition) != NULL;
}

/* Whether the group has nothing committed of these partitions that would be the store's, and
 * nothing at all of those that are loaded; `client` decides what counts. */
static bool blank(struct load *load, struct client *client,
                  const rd_kafka_topic_partition_list_t *parts)
{
    struct adm *adm = load->adm;
    rd_kafka_topic_partition_list_t *stored = rd_kafka_topic_partition_list_copy(parts);
    bool none = adm_committed(client, adm->group, stored);
    for (int i = 0; i < stored->cnt && none; i++)
        if (snapshot_counts(&load->to, &stored->elems[i]) ||
            (stored->elems[i].offset >= 0 && loads(load, &stored->elems[i]))) {
            none = false;
            fault_set(adm->fault, STATUS_CONFIG,
                      "group %.200s: has offsets of topic %.249s already: load into a new group",
                      adm->group, stored->elems[i].topic);
        }
    rd_kafka_topic_partition_list_destroy(stored);
    return none;
}

/* Nothing may be there: what is in the changelog would stand beside what is loaded. */
static bool open_to(struct load *load, const rd_kafka_topic_partition_list_t *parts)
{
    struct adm *adm = load->adm;
    struct snapshot *to = &load->to;
    if (!snapshot_open(to, &adm->conf, adm->group, adm->store, adm->fault) ||
        !blank(load, &to->reader, parts))
        return false;
    if (to->topic.partitions == 0)
        return true;
    if (!store_check(&to->reader, to->topic_name, to->topic.partitions,
                     load->from.topic.partitions) ||
        !snapshot_read(to, parts))
        return false;
    if (snapshot_started(to))
        fault_set(adm->fault, STATUS_CONFIG,
                  "group %.200s: has a store %s of other topics already: load into a new group",
                  adm->group, adm->store);
    return adm->fault->status == 0;
}

/* --- the transaction */

/* Takes the error. True: there was none; false: it may be tried again, or the fault is set. */
static bool went(struct load *load, rd_kafka_error_t *error)
{
    char object[ID + 16];
    if (error == NULL)
        return true;
    snprintf(object, sizeof object, "transaction %s", load->id);
    if (!rd_kafka_error_is_retriable(error))
        errors_set(load->adm->fault, object, rd_kafka_error_code(error),
                   rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return false;
}

/* A while later, unless it took too long, or a signal came. False: the fault is set. */
static bool may_try_again(struct load *load, int64_t since)
{
    if (load->adm->fault->status == 0)
        client_serve(&load->producer, PAUSE_MS);
    if (sig_caught() != 0)
        fault_signal(load->adm->fault, sig_caught());
    if (clock_ms() - since > PATIENCE_MS)
        fault_set(load->adm->fault, STATUS_RETRY, "transaction %s: took too long: try again",
                  load->id);
    return load->adm->fault->status == 0;
}

/* It was just made: kout's remedy where it is missing is none here. */
static bool open_changelog(struct load *load)
{
    if (!store_make(&load->producer, load->to.topic_name, load->from.topic.partitions) ||
        !topic_find(&load->topic, &load->producer, load->to.topic_name))
        return false;
    if (load->topic.partitions == 0)
        fault_set(load->adm->fault, STATUS_RETRY, "topic %s: was there, and is gone: try again",
                  load->to.topic_name);
    return load->adm->fault->status == 0;
}

static void refused(const struct load *load, int32_t partition, rd_kafka_resp_err_t err)
{
    char object[TOPICS_OBJECT];
    snprintf(object, sizeof object, "topic %.249s/%" PRId32, load->to.topic_name, partition);
    errors_set(load->adm->fault, object, err, NULL);
}

/* Once a record is refused the library sends no other of the transaction: no flush would end. */
static void delivered(rd_kafka_t *handle, const rd_kafka_message_t *message, void *client)
{
    (void)handle;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        refused(((struct client *)client)->owner, message->partition, message->err);
}

static bool open_producer(struct load *load)
{
    struct adm *adm = load->adm;
    snprintf(load->id, sizeof load->id, "kpipe-adm/%.249s", load->to.topic_name);
    const struct client_property properties[] = {
        {"transactional.id", load->id, CLIENT_PROMISE},
        {"enable.idempotence", "true", CLIENT_PROMISE},
        {"acks", "all", CLIENT_PROMISE},
        {"max.in.flight", "1", CLIENT_PROMISE}, /* kafka/admin.c: none is good by the next one's */
        {"transaction.timeout.ms", "300000", CLIENT_DEFAULT},
        {"linger.ms", "20", CLIENT_DEFAULT},
        {"message.max.bytes", "1000000000", CLIENT_DEFAULT}, /* what is too large the broker says */
        {NULL, NULL, CLIENT_DEFAULT}};
    const struct client_options options = {.conf = &adm->conf,
                                           .type = RD_KAFKA_PRODUCER,
                                           .properties = properties,
                                           .delivered = delivered,
                                           .owner = load};
    if (!client_open(&load->producer, &options, adm->fault) || !open_changelog(load))
        return false;
    int64_t since = clock_ms();
    while (!went(load, rd_kafka_init_transactions(load->producer.handle, SLICE_MS)) &&
           may_try_again(load, since))
        ;
    return adm->fault->status == 0 && went(load, rd_kafka_begin_transaction(load->producer.handle));
}

static void put(struct load *load, int32_t partition, struct span key, struct span value,
                int64_t time)
{
    const rd_kafka_vu_t record[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = load->topic.handle},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {message_bytes(key), key.size}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {message_bytes(value), value.size}},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = time > 0 ? time : 0}};
    while (load->adm->fault->status == 0) {
        rd_kafka_error_t *error =
            rd_kafka_produceva(load->producer.handle, record, sizeof record / sizeof record[0]);
        if (error == NULL)
            return;
        rd_kafka_resp_err_t err = rd_kafka_error_code(error);
        rd_kafka_error_destroy(error);
        if (sig_caught() != 0)
            fault_signal(load->adm->fault, sig_caught());
        else if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            refused(load, partition, err);
        else
            client_serve(&load->producer, PAUSE_MS);
    }
}

static void put_task(struct load *load, const struct snapshot_task *task)
{
    char note[MARKER_NOTE], marker[MARKER_VALUE];
    const struct table *table = &task->table;
    for (size_t i = 0; i < table->room; i++) {
        const struct entry *entry = table->slots[i].entry;
        uint64_t be64 = entry == NULL ? 0 : htobe64(entry->count);
        if (entry != NULL)
            put(load, (int32_t)task->number, entry_key(entry), span_of(&be64, sizeof be64),
                entry->timestamp);
    }
    marker_note(note, span_str(load->adm->store), load->run, 0);
    size_t size = marker_value(marker, note, span_str(load->adm->group));
    put(load, (int32_t)task->number, marker_key(), span_of(marker, size), 0);
}

/* Every record is there, and the offsets are known to be about to come. */
static bool prepare(struct load *load)
{
    rd_kafka_t *handle = load->producer.handle;
    for (size_t i = 0; i < load->from.count; i++)
        if (load->from.tasks[i].bond.stored)
            put_task(load, &load->from.tasks[i]);
    int64_t since = clock_ms();
    while (load->adm->fault->status == 0 &&
           rd_kafka_flush(handle, SLICE_MS) != RD_KAFKA_RESP_ERR_NO_ERROR &&
           may_try_again(load, since))
        ;
    rd_kafka_consumer_group_metadata_t *group =
        rd_kafka_consumer_group_metadata_new(load->adm->group);
    while (load->adm->fault->status == 0 &&
           !went(load,
                 rd_kafka_send_offsets_to_transaction(handle, load->offsets, group, OFFSETS_MS)) &&
           may_try_again(load, since))
        ;
    rd_kafka_consumer_group_metadata_destroy(group);
    return load->adm->fault->status == 0;
}

/* Once asked for it is not given up for a signal: nobody could tell then whether it was done. So it
 * is one call: one that is given up and resumed may get the result of another. */
static bool commit(struct load *load)
{
    if (!went(load, rd_kafka_commit_transaction(load->producer.handle, PATIENCE_MS)))
        fault_set(load->adm->fault, STATUS_RETRY, "transaction %s: took too long: try again",
                  load->id);
    return load->adm->fault->status == 0;
}

static bool same_offset(const rd_kafka_topic_partition_t *a, const rd_kafka_topic_partition_t *b)
{
    return a->offset == b->offset && a->metadata_size == b->metadata_size &&
           memcmp(a->metadata, b->metadata, a->metadata_size) == 0;
}

/* Whether the group's stable offsets are those of the transaction, whose notes no other has. */
static bool arrived(struct load *load)
{
    rd_kafka_topic_partition_list_t *stored = rd_kafka_topic_partition_list_copy(load->offsets);
    bool there = adm_ask_committed(&load->to.reader, stored) == RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int i = 0; i < stored->cnt && there; i++)
        there = same_offset(&stored->elems[i], &load->offsets->elems[i]);
    rd_kafka_topic_partition_list_destroy(stored);
    if (!there)
        fault_set(load->adm->fault, STATUS_RETRY,
                  "group %.249s: does not have the offsets that were committed: try again",
                  load->adm->group);
    return there;
}

/* Of one that is committed, or about to be, the library refuses it. After a fatal error the call
 * could hang (librdkafka #4420). */
static void give_up(struct load *load)
{
    if (rd_kafka_fatal_error(load->producer.handle, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    rd_kafka_error_t *error = rd_kafka_abort_transaction(load->producer.handle, PATIENCE_MS);
    if (error != NULL)
        rd_kafka_error_destroy(error);
}

static bool write_all(struct load *load, const rd_kafka_topic_partition_list_t *parts)
{
    if (!open_producer(load))
        return false;
    bool done = prepare(load) && adm_idle(load->adm) && blank(load, &load->to.looker, parts) &&
                commit(load) && arrived(load);
    if (!done)
        give_up(load);
    return done;
}

/* --- the command */

static void tell(struct load *load)
{
    struct adm *adm = load->adm;
    listing_open(&adm->listing, columns);
    for (int i = 0; i < load->offsets->cnt; i++) {
        const rd_kafka_topic_partition_t *part = &load->offsets->elems[i];
        listing_row(&adm->listing, part->topic, (int64_t)part->partition, part->offset);
    }
    if (adm->yes)
        fault_note(adm->fault, "group %.249s: begins there, with %zu keys", adm->group,
                   snapshot_keys(&load->from));
    else
        fault_note(adm->fault, "group %.249s: %zu keys: nothing is changed yet: --yes does it",
                   adm->group, snapshot_keys(&load->from));
}

bool adm_load(struct adm *adm)
{
    struct load load = {.adm = adm};
    rd_kafka_topic_partition_list_t *parts = rd_kafka_topic_partition_list_new(16);
    bool done = adm_idle(adm) && random_fill(load.run, sizeof load.run, adm->fault) &&
                adm_partitions(adm, false, parts) && open_from(&load, parts) && plan(&load) &&
                open_to(&load, parts) && (!adm->yes || write_all(&load, parts));
    if (done)
        tell(&load);
    topic_close(&load.topic);
    if (load.producer.handle != NULL)
        client_close(&load.producer);
    if (load.offsets != NULL)
        rd_kafka_topic_partition_list_destroy(load.offsets);
    snapshot_close(&load.from);
    snapshot_close(&load.to);
    rd_kafka_topic_partition_list_destroy(parts);
    return done;
}
