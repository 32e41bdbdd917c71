#include "kout/changelog.h"

#include "kafka/store.h"
#include "util/grow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void changelog_open(struct changelog *changelog, struct fault *fault)
{
    *changelog = (struct changelog){.fault = fault};
}

void changelog_close(struct changelog *changelog)
{
    free(changelog->tasks);
    changelog->tasks = NULL;
    changelog->task_count = changelog->task_room = 0;
}

void changelog_meet(struct changelog *changelog, const struct hello *hello)
{
    snprintf(changelog->group, sizeof changelog->group, "%.*s", (int)hello->group.size,
             (const char *)hello->group.at);
    memcpy(changelog->run_id, hello->run_id, sizeof changelog->run_id);
}

bool changelog_store(struct changelog *changelog, struct span name)
{
    if (*changelog->store != '\0') {
        fault_set(changelog->fault, STATUS_USAGE,
                  "store %.*s: is the second one of this pipe: one a pipe", (int)name.size,
                  (const char *)name.at);
        return false;
    }
    memcpy(changelog->store, name.at, name.size);
    changelog->store[name.size] = '\0';
    return true;
}

/* --- the topic */

static bool nameable(struct changelog *changelog, uint32_t partitions)
{
    if (partitions == 0 || partitions > INT32_MAX)
        fault_set(
            changelog->fault, STATUS_CONFIG,
            "store %s: a task is a partition of each topic: the source's topics must be named "
            "and have equally many",
            changelog->store);
    else if (!marker_topic(changelog->topic, span_str(changelog->group),
                           span_str(changelog->store)))
        fault_set(changelog->fault, STATUS_CONFIG,
                  "store %s: no topic can be named after group %s: letters, digits, '.', '_' and "
                  "'-', at most 249 with -%s-changelog",
                  changelog->store, changelog->group, changelog->store);
    return changelog->fault->status == 0;
}

bool changelog_ready(struct changelog *changelog, struct send *send, uint32_t partitions)
{
    if (*changelog->store == '\0')
        return true;
    bool first = !changelog->checked;
    if (first && (!nameable(changelog, partitions) ||
                  !store_make(&send->client, changelog->topic, (int32_t)partitions)))
        return false;
    changelog->checked = send_keep_at(send, changelog->topic) &&
                         (!first || store_check(&send->client, changelog->topic,
                                                send->kept.topic.partitions, (int32_t)partitions));
    return changelog->checked;
}

/* --- tasks */

static struct changelog_task *find(const struct changelog *changelog, uint32_t number)
{
    for (size_t i = 0; i < changelog->task_count; i++)
        if (changelog->tasks[i].number == number)
            return &changelog->tasks[i];
    return NULL;
}

static bool take_task(struct changelog *changelog, const struct frame *frame)
{
    struct changelog_task *task = find(changelog, frame->source);
    if (frame->offset != FRAME_ASSIGNED) {
        if (task != NULL)
            *task = changelog->tasks[--changelog->task_count];
        return true;
    }
    if (task == NULL) {
        struct changelog_task *tasks = grow_list(changelog->tasks, changelog->task_count,
                                                 &changelog->task_room, 8, sizeof *tasks);
        if (tasks == NULL) {
            fault_memory(changelog->fault);
            return false;
        }
        changelog->tasks = tasks;
        task = &tasks[changelog->task_count++];
    }
    *task =
        (struct changelog_task){.number = frame->source, .due = (frame->flags & FRAME_NEW) != 0};
    return true;
}

static bool take_state(struct changelog *changelog, struct send *send, const struct frame *frame)
{
    struct state state = frame_state(frame);
    struct changelog_task *task = find(changelog, frame->source);
    if (task == NULL || !span_equal(state.store, span_str(changelog->store))) {
        fault_set(changelog->fault, STATUS_STREAM,
                  "standard input: state of a task or store that was not announced");
        return false;
    }
    if (span_equal(frame->key, marker_key())) {
        fault_set(changelog->fault, STATUS_DATA, "store %s: a key is the one that marks state",
                  changelog->store);
        return false;
    }
    struct frame record = *frame;
    record.value = state.value;
    task->due = true;
    send_keep(send, &record, (int32_t)frame->source);
    return true;
}

bool changelog_take(struct changelog *changelog, struct send *send, const struct frame *frame)
{
    return frame->kind == FRAME_TASK ? take_task(changelog, frame)
                                     : take_state(changelog, send, frame);
}

bool changelog_due(const struct changelog *changelog)
{
    for (size_t i = 0; i < changelog->task_count; i++)
        if (changelog->tasks[i].due)
            return true;
    return false;
}

void changelog_mark(struct changelog *changelog, struct send *send, int64_t barrier)
{
    for (size_t i = 0; i < changelog->task_count; i++) {
        struct changelog_task *task = &changelog->tasks[i];
        if (!task->due)
            continue;
        task->due = false;
        marker_note(task->note, span_str(changelog->store), changelog->run_id, barrier);
        size_t size = marker_value(task->value, task->note, span_str(changelog->group));
        struct frame record = {.key = marker_key(),
                               .value = span_of((const uint8_t *)task->value, size)};
        send_keep(send, &record, (int32_t)task->number);
    }
}

struct span changelog_note(const struct changelog *changelog, int32_t partition,
                           struct span granted)
{
    const struct changelog_task *task = find(changelog, (uint32_t)partition);
    return task == NULL || *task->note == '\0' ? granted : span_str(task->note);
}
