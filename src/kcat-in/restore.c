#include "kcat-in/restore.h"

#include "kafka/errors.h"
#include "kafka/store.h"
#include "kcat-in/member.h"
#include "util/clock.h"
#include "util/grow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 1000, PROPERTY = 256 };

/* --- getting ready */

static const char *property(const struct member *member, const char *name, char value[PROPERTY])
{
    size_t size = PROPERTY;
    bool known = rd_kafka_conf_get(rd_kafka_conf(member->client.handle), name, value, &size) ==
                 RD_KAFKA_CONF_OK;
    return known ? value : "";
}

/* Over several topics only range keeps partitions of one number together. */
static bool keeps_tasks_whole(const struct member *member)
{
    char value[PROPERTY];
    const char *option = "partition.assignment.strategy";
    if (member->restore.topics == 1)
        return true;
    if (strcmp(property(member, "group.protocol", value), "consumer") == 0)
        option = "group.remote.assignor";
    property(member, option, value);
    if (strncmp(value, "range", 5) == 0 && (value[5] == '\0' || value[5] == ','))
        return true;
    fault_set(member->fault, STATUS_CONFIG,
              "store %s: keeps counts over several topics: their partitions must come together: -X "
              "%s=range",
              member->host.store, option);
    return false;
}

static size_t distinct(const struct wanted *wanted)
{
    size_t count = 0;
    for (size_t i = 0; i < wanted->count; i++) {
        size_t n = 0;
        while (strcmp(wanted->names[n], wanted->names[i]) != 0)
            n++;
        count += n == i;
    }
    return count;
}

bool restore_open(struct member *member)
{
    struct restore *restore = &member->restore;
    restore->on = *member->host.store != '\0';
    restore->topics = distinct(member->options->wanted);
    snprintf(restore->what, sizeof restore->what, "records of store %.60s restored",
             member->host.store);
    if (!restore->on)
        return true;
    if (!keeps_tasks_whole(member) ||
        !marker_topic(restore->topic_name, span_str(member->options->group),
                      span_str(member->host.store)) ||
        !store_client(&restore->reader, member->options->conf, "read_committed", NULL,
                      member->fault) ||
        !store_client(&restore->looker, member->options->conf, "read_uncommitted", NULL,
                      member->fault) ||
        !topic_open(&restore->topic, &restore->reader, restore->topic_name))
        return false;
    restore->queue = rd_kafka_queue_new(restore->reader.handle);
    client_watch(&restore->reader, restore->queue);
    return true;
}

/* --- tasks that come */

static struct restore_task *find(const struct restore *restore, uint32_t number)
{
    for (size_t i = 0; i < restore->task_count; i++)
        if (restore->tasks[i].number == number)
            return &restore->tasks[i];
    return NULL;
}

static struct restore_task *add(struct restore *restore, uint32_t number)
{
    struct restore_task *tasks =
        grow_list(restore->tasks, restore->task_count, &restore->task_room, 8, sizeof *tasks);
    if (tasks == NULL)
        return NULL;
    restore->tasks = tasks;
    struct restore_task *task = &restore->tasks[restore->task_count++];
    *task = (struct restore_task){.number = number, .reading = true, .since = clock_ms()};
    restore->reading++;
    return task;
}

static void refuse(struct member *member, const struct restore_task *task, const char *why)
{
    fault_set(member->fault, STATUS_CONFIG,
              "topic %s/%" PRIu32 ": %s: kpipe(7) tells how to start over",
              member->restore.topic_name, task->number, why);
}

static bool take_part(struct member *member, const rd_kafka_topic_partition_t *part)
{
    struct restore *restore = &member->restore;
    uint32_t number = (uint32_t)part->partition;
    struct restore_task *task = find(restore, number);
    if (part->partition >= restore->topic.partitions) {
        fault_set(member->fault, STATUS_CONFIG,
                  "topic %.249s/%" PRIu32 ": is a new partition, and topic %s has %" PRId32
                  ": kpipe(7) tells how to widen it",
                  part->topic, number, restore->topic_name, restore->topic.partitions);
        return false;
    }
    if (task == NULL && (task = add(restore, number)) == NULL) {
        fault_memory(member->fault);
        return false;
    }
    struct span note = span_of(part->metadata, part->metadata_size);
    if (!bond_offset(&task->bond, part->offset >= 0, note))
        refuse(member, task, "the group's offsets of its topics do not belong together");
    return member->fault->status == 0;
}

/* The state is there: the task's records may come. */
static void open_task(struct member *member, struct restore_task *task, uint8_t flags)
{
    task->reading = false;
    member->restore.reading--;
    writer_task(member->writer, task->number, FRAME_ASSIGNED, flags);
    for (size_t i = 0; i < member->part_count; i++)
        if (member->parts[i].partition == (int32_t)task->number)
            assign_open_part(member, i);
}

/* All up to the high watermark was read. */
static void finish(struct member *member, struct restore_task *task)
{
    enum bond_verdict verdict = bond_judge(&task->bond, span_str(member->options->group));
    if (verdict == BOND_WHOLE || verdict == BOND_NEW)
        open_task(member, task, verdict == BOND_NEW ? FRAME_NEW : 0);
    else
        refuse(member, task, bond_say(verdict));
}

static void start(struct member *member, struct restore_task *task)
{
    struct restore *restore = &member->restore;
    char object[TOPICS_OBJECT];
    if (task->position >= task->high) {
        finish(member, task);
        return;
    }
    if (rd_kafka_consume_start_queue(restore->topic.handle, (int32_t)task->number, task->position,
                                     restore->queue) == 0)
        return;
    snprintf(object, sizeof object, "topic %s/%" PRIu32, restore->topic_name, task->number);
    errors_set(member->fault, object, rd_kafka_last_error(), NULL);
}

/* The changelog's edges of the tasks that have just come. */
static bool look(struct member *member, size_t first, int64_t at)
{
    struct restore *restore = &member->restore;
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)restore->task_count);
    for (size_t i = first; i < restore->task_count; i++)
        rd_kafka_topic_partition_list_add(list, restore->topic_name,
                                          (int32_t)restore->tasks[i].number);
    bool known = topics_offsets(&restore->looker, list, at);
    for (size_t i = first; known && i < restore->task_count; i++)
        *(at == RD_KAFKA_OFFSET_END ? &restore->tasks[i].high : &restore->tasks[i].position) =
            list->elems[i - first].offset;
    for (size_t i = first; i < restore->task_count; i++)
        restore->tasks[i].start = restore->tasks[i].position;
    rd_kafka_topic_partition_list_destroy(list);
    return known;
}

static bool whole(struct member *member, size_t first)
{
    const struct restore *restore = &member->restore;
    for (size_t i = first; i < restore->task_count; i++)
        if (restore->tasks[i].bond.parts != restore->topics) {
            fault_set(member->fault, STATUS_CONFIG,
                      "group %s: of task %" PRIu32
                      " other members have partitions: all members must assign by range",
                      member->options->group, restore->tasks[i].number);
            return false;
        }
    return true;
}

bool restore_begin(struct member *member, const rd_kafka_topic_partition_list_t *stored)
{
    struct restore *restore = &member->restore;
    size_t first = restore->task_count;
    for (int i = 0; i < stored->cnt; i++)
        if (!take_part(member, &stored->elems[i]))
            return false;
    if (first == restore->task_count)
        return true;
    if (!whole(member, first) || !look(member, first, RD_KAFKA_OFFSET_END) ||
        !look(member, first, RD_KAFKA_OFFSET_BEGINNING))
        return false;
    for (size_t i = first; i < restore->task_count && member->fault->status == 0; i++)
        start(member, &restore->tasks[i]);
    return member->fault->status == 0;
}

/* --- reading */

static void put_state(struct member *member, const struct restore_task *task,
                      const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers;
    bool foreign = message->key == NULL || message->payload == NULL ||
                   rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR;
    struct kept kept = {.kind = FRAME_RESTORE,
                        .task = task->number,
                        .offset = message->offset,
                        .store = span_str(member->host.store),
                        .key = span_of(message->key, message->key_len),
                        .value = span_of(message->payload, message->len)};
    if (foreign)
        refuse(member, task, bond_say(BOND_FOREIGN));
    else
        writer_kept(member->writer, &kept);
}

/* The end of what can be seen now is the end only if it is the high watermark. */
static void take_message(struct member *member, struct restore_task *task,
                         const rd_kafka_message_t *message)
{
    char object[TOPICS_OBJECT];
    bool at_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !at_end) {
        snprintf(object, sizeof object, "topic %s/%" PRIu32, member->restore.topic_name,
                 task->number);
        errors_set(member->fault, object, message->err, rd_kafka_message_errstr(message));
        return;
    }
    if (!at_end && message->offset < task->high) {
        member->restore.records++;
        member->restore.bytes += message->key_len + message->len;
        if (!bond_record(&task->bond, span_of(message->key, message->key_len),
                         span_of(message->payload, message->len)))
            put_state(member, task, message);
    }
    task->position = message->offset + (at_end ? 0 : 1);
    if (task->position < task->high || member->fault->status != 0)
        return;
    rd_kafka_consume_stop(member->restore.topic.handle, (int32_t)task->number);
    finish(member, task);
}

/* A restore that waits for somebody's transaction would wait for ever if that is never ended. */
static void watch_time(struct member *member)
{
    const struct restore *restore = &member->restore;
    for (size_t i = 0; i < restore->task_count; i++)
        if (restore->tasks[i].reading &&
            clock_ms() - restore->tasks[i].since > member->options->restore_ms)
            fault_set(member->fault, STATUS_RETRY,
                      "topic %s/%" PRIu32 "@%" PRId64
                      ": not restored in time: an open transaction may hide what comes there: "
                      "start again, or raise --restore-timeout",
                      restore->topic_name, restore->tasks[i].number, restore->tasks[i].position);
}

/* How it goes, for who looks on. */
static void show(struct member *member)
{
    struct restore *restore = &member->restore;
    if (restore->reading == 0)
        screen_clear(&member->screen);
    if (restore->reading == 0 || !screen_due(&member->screen, restore->what))
        return;
    struct progress_sum sum = {.records = restore->records, .bytes = restore->bytes};
    for (size_t i = 0; i < restore->task_count; i++) {
        const struct restore_task *task = &restore->tasks[i];
        const struct progress_part part = {.start = task->start,
                                           .position = task->position,
                                           .end = task->high,
                                           .done = !task->reading};
        progress_part(&sum, &part);
    }
    screen_draw(&member->screen, restore->what, &sum);
}

bool restore_turn(struct member *member)
{
    struct restore *restore = &member->restore;
    rd_kafka_message_t *batch[BATCH];
    if (restore->reading == 0)
        return false;
    client_woken(&restore->reader);
    client_serve(&restore->reader, 0);
    ssize_t got = ahead_take(&restore->reader.ahead, restore->queue, 0, batch, BATCH);
    for (ssize_t i = 0; i < got; i++) {
        struct restore_task *task = find(restore, (uint32_t)batch[i]->partition);
        if (task != NULL && task->reading && member->fault->status == 0)
            take_message(member, task, batch[i]);
        rd_kafka_message_destroy(batch[i]);
    }
    watch_time(member);
    show(member);
    return got > 0;
}

static bool listed(const rd_kafka_topic_partition_list_t *parts, uint32_t number)
{
    for (int i = 0; parts != NULL && i < parts->cnt; i++)
        if (parts->elems[i].partition == (int32_t)number)
            return true;
    return parts == NULL;
}

void restore_drop(struct member *member, const rd_kafka_topic_partition_list_t *parts,
                  enum frame_task what)
{
    struct restore *restore = &member->restore;
    size_t kept = 0;
    for (size_t i = 0; i < restore->task_count; i++) {
        const struct restore_task *task = &restore->tasks[i];
        if (!listed(parts, task->number)) {
            restore->tasks[kept++] = *task;
            continue;
        }
        if (task->reading && task->position < task->high)
            rd_kafka_consume_stop(restore->topic.handle, (int32_t)task->number);
        restore->reading -= task->reading;
        if (!member->left)
            writer_task(member->writer, task->number, what, 0);
    }
    restore->task_count = kept;
}

void restore_close(struct restore *restore)
{
    if (restore->queue != NULL)
        rd_kafka_queue_destroy(restore->queue);
    topic_close(&restore->topic);
    client_close(&restore->reader);
    client_close(&restore->looker);
    free(restore->tasks);
}
