#include "kpipe-adm/snapshot.h"

#include "kafka/errors.h"
#include "kafka/store.h"
#include "kpipe-adm/adm.h"
#include "util/clock.h"
#include "util/random.h"
#include "util/sig.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 1000, IDLE_MS = 60000, WAIT_MS = 100, SURE = 2 };

static void refuse(const struct snapshot *snapshot, const struct snapshot_task *task,
                   const char *why)
{
    fault_set(snapshot->fault, STATUS_CONFIG,
              "topic %s/%" PRIu32 ": %s: kpipe(7) tells how to start over", snapshot->topic_name,
              task->number, why);
}

static void failed(const struct snapshot *snapshot, int32_t partition, rd_kafka_resp_err_t err,
                   const char *said)
{
    char object[TOPICS_OBJECT];
    snprintf(object, sizeof object, "topic %s/%" PRId32, snapshot->topic_name, partition);
    errors_set(snapshot->fault, object, err, said);
}

/* --- getting ready */

static bool add_tasks(struct snapshot *snapshot)
{
    uint64_t seed[2];
    if (!random_fill(seed, sizeof seed, snapshot->fault))
        return false;
    snapshot->tasks = calloc((size_t)snapshot->topic.partitions + 1, sizeof *snapshot->tasks);
    for (int32_t i = 0; snapshot->tasks != NULL && i < snapshot->topic.partitions; i++) {
        struct snapshot_task *task = &snapshot->tasks[snapshot->count++];
        task->number = (uint32_t)i;
        if (!table_open(&task->table, seed))
            return fault_memory(snapshot->fault) == 0;
    }
    return snapshot->tasks != NULL || fault_memory(snapshot->fault) == 0;
}

bool snapshot_open(struct snapshot *snapshot, const struct conf *conf, const char *group,
                   const char *store, struct fault *fault)
{
    *snapshot = (struct snapshot){.fault = fault, .group = group, .store = store};
    snapshot->reader.wake = snapshot->looker.wake = -1;
    if (!marker_topic(snapshot->topic_name, span_str(group), span_str(store))) {
        fault_set(fault, STATUS_NOINPUT, "group %.249s: no topic can be named after it: see %s",
                  group, "kpipe-adm groups");
        return false;
    }
    if (!store_client(&snapshot->reader, conf, "read_committed", group, fault) ||
        !store_client(&snapshot->looker, conf, "read_uncommitted", group, fault) ||
        !topic_find(&snapshot->topic, &snapshot->reader, snapshot->topic_name))
        return false;
    snapshot->queue = rd_kafka_queue_new(snapshot->reader.handle);
    return add_tasks(snapshot);
}

/* --- what the group has committed */

static bool begins(const rd_kafka_topic_partition_t *part, const char *head)
{
    size_t size = strlen(head);
    return part->metadata_size >= size && memcmp(part->metadata, head, size) == 0;
}

bool snapshot_counts(const struct snapshot *snapshot, const rd_kafka_topic_partition_t *part)
{
    char own[MARKER_NOTE];
    snprintf(own, sizeof own, "kpipe/1 %s ", snapshot->store);
    return part->offset >= 0 && (begins(part, own) || !begins(part, "kpipe/1 "));
}

static bool topic_counts(const struct snapshot *snapshot,
                         const rd_kafka_topic_partition_list_t *stored, const char *topic)
{
    for (int i = 0; i < stored->cnt; i++)
        if (strcmp(stored->elems[i].topic, topic) == 0 &&
            snapshot_counts(snapshot, &stored->elems[i]))
            return true;
    return false;
}

static bool note(struct snapshot *snapshot, const rd_kafka_topic_partition_t *part)
{
    if (part->partition >= snapshot->topic.partitions) {
        fault_set(snapshot->fault, STATUS_CONFIG,
                  "topic %.249s/%" PRId32 ": is a new partition, and topic %s has %" PRId32
                  ": kpipe(7) tells how to widen it",
                  part->topic, part->partition, snapshot->topic_name, snapshot->topic.partitions);
        return false;
    }
    struct snapshot_task *task = &snapshot->tasks[part->partition];
    if (task->done)
        return true;
    if (!bond_offset(&task->bond, part->offset >= 0, span_of(part->metadata, part->metadata_size)))
        fault_set(snapshot->fault, STATUS_CONFIG,
                  "topic %.249s/%" PRId32 ": the group's offset of it does not belong to those of "
                  "the other topics: kpipe(7) tells how to start over",
                  part->topic, part->partition);
    rd_kafka_topic_partition_t *kept =
        rd_kafka_topic_partition_list_add(task->offsets, part->topic, part->partition);
    kept->offset = part->offset;
    kept->metadata = part->metadata_size > 0 ? malloc(part->metadata_size) : NULL;
    if (kept->metadata != NULL)
        memcpy(kept->metadata, part->metadata, kept->metadata_size = part->metadata_size);
    return snapshot->fault->status == 0;
}

/* The stable offsets of all tasks that are not done. */
static bool fetch(struct snapshot *snapshot, const rd_kafka_topic_partition_list_t *parts)
{
    rd_kafka_topic_partition_list_t *stored = rd_kafka_topic_partition_list_copy(parts);
    bool known = adm_committed(&snapshot->reader, snapshot->group, stored);
    for (size_t i = 0; i < snapshot->count; i++) {
        struct snapshot_task *task = &snapshot->tasks[i];
        if (task->done)
            continue;
        task->bond.parts = 0;
        task->bond.stored = false;
        if (task->offsets != NULL)
            rd_kafka_topic_partition_list_destroy(task->offsets);
        task->offsets = rd_kafka_topic_partition_list_new(4);
    }
    for (int i = 0; i < stored->cnt && known; i++)
        if (topic_counts(snapshot, stored, stored->elems[i].topic))
            known = note(snapshot, &stored->elems[i]);
    rd_kafka_topic_partition_list_destroy(stored);
    return known;
}

/* --- the changelog */

/* Where the partitions end now, or begin. */
static bool look(struct snapshot *snapshot, int64_t at)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)snapshot->count);
    for (size_t i = 0; i < snapshot->count; i++)
        rd_kafka_topic_partition_list_add(list, snapshot->topic_name, (int32_t)i);
    bool known = topics_offsets(&snapshot->looker, list, at);
    for (size_t i = 0; known && i < snapshot->count; i++)
        *(at == RD_KAFKA_OFFSET_END ? &snapshot->tasks[i].high : &snapshot->tasks[i].position) =
            list->elems[i].offset;
    rd_kafka_topic_partition_list_destroy(list);
    return known;
}

static bool agree(const struct snapshot *snapshot, const struct snapshot_task *task)
{
    enum bond_verdict verdict = bond_judge(&task->bond, span_str(snapshot->group));
    return verdict == BOND_WHOLE || verdict == BOND_NEW;
}

/* From here on, what was read in earlier rounds may be judged by this round's offsets. Refused is
 * what stays as it is. */
static void judge(struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->count && snapshot->round > 0; i++) {
        struct snapshot_task *task = &snapshot->tasks[i];
        task->done = task->done || agree(snapshot, task);
        task->doubts = task->position < task->high ? 0 : task->doubts + 1;
        if (!task->done && task->doubts == SURE)
            refuse(snapshot, task, bond_say(bond_judge(&task->bond, span_str(snapshot->group))));
    }
}

static void stop(struct snapshot *snapshot, struct snapshot_task *task)
{
    task->reading = false;
    rd_kafka_consume_stop(snapshot->topic.handle, (int32_t)task->number);
}

static bool put(const struct snapshot *snapshot, struct snapshot_task *task,
                const rd_kafka_message_t *message)
{
    uint64_t be64;
    rd_kafka_headers_t *headers;
    if (message->key == NULL || message->payload == NULL || message->len != sizeof be64 ||
        rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        refuse(snapshot, task, bond_say(BOND_FOREIGN));
        return false;
    }
    memcpy(&be64, message->payload, sizeof be64);
    struct entry *entry =
        table_set(&task->table, span_of(message->key, message->key_len), be64toh(be64));
    if (entry == NULL)
        return fault_memory(snapshot->fault) == 0;
    entry->timestamp = rd_kafka_message_timestamp(message, NULL);
    return true;
}

/* The end of what can be seen now is the end only if it is the high watermark. */
static void take(struct snapshot *snapshot, struct snapshot_task *task,
                 const rd_kafka_message_t *message)
{
    bool at_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !at_end) {
        failed(snapshot, message->partition, message->err, rd_kafka_message_errstr(message));
        return;
    }
    if (!at_end && message->offset < task->high) {
        if (bond_record(&task->bond, span_of(message->key, message->key_len),
                        span_of(message->payload, message->len)))
            task->done = snapshot->round > 0 && agree(snapshot, task);
        else if (!put(snapshot, task, message))
            return;
    }
    task->position = message->offset + (at_end ? 0 : 1);
    if (!at_end && message->offset >= task->high)
        task->position = task->high; /* it is the next round's: between them is a mark, no record */
    if (task->done || task->position >= task->high)
        stop(snapshot, task);
}

static size_t start(struct snapshot *snapshot)
{
    size_t reading = 0;
    for (size_t i = 0; i < snapshot->count; i++) {
        struct snapshot_task *task = &snapshot->tasks[i];
        if (task->done || task->position >= task->high)
            continue;
        task->reading = rd_kafka_consume_start_queue(snapshot->topic.handle, (int32_t)i,
                                                     task->position, snapshot->queue) == 0;
        if (!task->reading)
            failed(snapshot, (int32_t)i, rd_kafka_last_error(), NULL);
        reading++;
    }
    snapshot->since = clock_ms();
    return reading;
}

static size_t reading(const struct snapshot *snapshot)
{
    size_t count = 0;
    for (size_t i = 0; i < snapshot->count; i++)
        count += snapshot->tasks[i].reading;
    return count;
}

static void watch(struct snapshot *snapshot, ssize_t got)
{
    if (got > 0)
        snapshot->since = clock_ms();
    if (sig_caught() != 0)
        fault_signal(snapshot->fault, sig_caught());
    if (clock_ms() - snapshot->since > IDLE_MS)
        fault_set(snapshot->fault, STATUS_RETRY,
                  "topic %s: cannot be read to its end: an open transaction may hide what comes "
                  "there: try again",
                  snapshot->topic_name);
}

static void read_on(struct snapshot *snapshot)
{
    rd_kafka_message_t *batch[BATCH];
    size_t left = start(snapshot);
    while (left > 0 && snapshot->fault->status == 0) {
        ssize_t got = ahead_take(&snapshot->reader.ahead, snapshot->queue, WAIT_MS, batch, BATCH);
        for (ssize_t i = 0; i < got; i++) {
            struct snapshot_task *task = &snapshot->tasks[batch[i]->partition];
            if (task->reading && snapshot->fault->status == 0)
                take(snapshot, task, batch[i]);
            rd_kafka_message_destroy(batch[i]);
        }
        client_serve(&snapshot->reader, 0);
        watch(snapshot, got);
        left = reading(snapshot);
    }
}

static bool all_done(const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->count; i++)
        if (!snapshot->tasks[i].done)
            return false;
    return true;
}

bool snapshot_read(struct snapshot *snapshot, const rd_kafka_topic_partition_list_t *parts)
{
    struct fault *fault = snapshot->fault;
    if (snapshot->count == 0)
        return true;
    if (!look(snapshot, RD_KAFKA_OFFSET_BEGINNING))
        return false;
    for (; !all_done(snapshot) && fault->status == 0; snapshot->round++) {
        if (!fetch(snapshot, parts) || !look(snapshot, RD_KAFKA_OFFSET_END))
            return false;
        judge(snapshot);
        if (fault->status == 0)
            read_on(snapshot);
    }
    return fault->status == 0;
}

/* --- what was read */

size_t snapshot_keys(const struct snapshot *snapshot)
{
    size_t keys = 0;
    for (size_t i = 0; i < snapshot->count; i++)
        keys += snapshot->tasks[i].table.used;
    return keys;
}

bool snapshot_started(const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->count; i++)
        if (snapshot->tasks[i].bond.stored)
            return true;
    return false;
}

int snapshot_order(struct span a, struct span b)
{
    int order = memcmp(a.at, b.at, a.size < b.size ? a.size : b.size);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int by_key(const void *a, const void *b)
{
    const struct snapshot_row *x = a, *y = b;
    int order = snapshot_order(entry_key(x->entry), entry_key(y->entry));
    return order != 0 ? order : (x->task > y->task) - (x->task < y->task);
}

struct snapshot_row *snapshot_rows(const struct snapshot *snapshot)
{
    size_t count = 0;
    struct snapshot_row *rows = calloc(snapshot_keys(snapshot) + 1, sizeof *rows);
    if (rows == NULL) {
        fault_memory(snapshot->fault);
        return NULL;
    }
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct table *table = &snapshot->tasks[i].table;
        for (size_t n = 0; n < table->room; n++)
            if (table->slots[n].entry != NULL)
                rows[count++] =
                    (struct snapshot_row){table->slots[n].entry, snapshot->tasks[i].number};
    }
    qsort(rows, count, sizeof *rows, by_key);
    return rows;
}

void snapshot_close(struct snapshot *snapshot)
{
    if (snapshot->group == NULL)
        return;
    for (size_t i = 0; i < snapshot->count; i++) {
        if (snapshot->tasks[i].reading)
            stop(snapshot, &snapshot->tasks[i]);
        if (snapshot->tasks[i].offsets != NULL)
            rd_kafka_topic_partition_list_destroy(snapshot->tasks[i].offsets);
        table_close(&snapshot->tasks[i].table);
    }
    if (snapshot->queue != NULL)
        rd_kafka_queue_destroy(snapshot->queue);
    topic_close(&snapshot->topic);
    client_close(&snapshot->reader);
    client_close(&snapshot->looker);
    free(snapshot->tasks);
    *snapshot = (struct snapshot){0};
}
