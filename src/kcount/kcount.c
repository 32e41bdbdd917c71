/* kcount: how often each key, or each of another field, came. */
#include "kcount/counting.h"
#include "kcount/tasks.h"
#include "stream/stage.h"
#include "text/terminal.h"
#include "util/random.h"
#include "util/sandbox.h"
#include "util/sig.h"
#include "util/start.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* So many records are looked up side by side: with 100,000 keys of 87 bytes that takes a third of
 * the CPU of one by one. */
enum { AHEAD = 16 };

struct next {
    struct table *table;
    struct span key;
    char number[sizeof((struct field_walk *)0)->number]; /* what key points to: --by partition */
    uint64_t hash;
    int64_t timestamp;
    uint8_t time;
};

struct count {
    struct counting counting;
    struct stage stage;
    struct tasks tasks;
    struct next next[AHEAD];
    size_t waiting;
    uint64_t counted, skipped, barriers;
};

/* More than was allowed: told before anything of this barrier is put. */
static void check_limits(const struct count *count)
{
    const struct counting *counting = &count->counting;
    struct fault *fault = count->stage.fault;
    size_t keys = tasks_keys(&count->tasks);
    if (counting->max_keys != 0 && keys > counting->max_keys)
        fault_set(fault, STATUS_OS,
                  "--max-keys %" PRIu64 ": more keys came: raise it, or count less",
                  counting->max_keys);
    if (counting->max_memory != 0 && tasks_memory(&count->tasks) > counting->max_memory)
        fault_set(fault, STATUS_OS,
                  "--max-memory %" PRIu64 ": %zu keys take more: raise it, or count less",
                  counting->max_memory, keys);
}

/* Counts what waits. */
static void settle(struct count *count)
{
    for (size_t i = 0; i < count->waiting; i++)
        table_fetch(count->next[i].table, count->next[i].hash);
    for (size_t i = 0; i < count->waiting; i++) {
        const struct next *next = &count->next[i];
        struct entry *entry = table_add_hashed(next->table, next->key, next->hash);
        if (entry == NULL) {
            fault_memory(count->stage.fault);
            return;
        }
        count->counted++;
        if (next->time != 0 && (entry->time == 0 || next->timestamp > entry->timestamp)) {
            entry->time = next->time;
            entry->timestamp = next->timestamp;
        }
    }
    count->waiting = 0;
}

/* The table that a record belongs to: its task's, and without a store the only one. NULL: fault. */
static struct table *table_of(struct count *count, const struct frame *frame)
{
    const struct source *source = reader_source(&count->stage.reader, frame->source);
    char place[PLACE_MOST];
    if (count->counting.store == NULL)
        return &count->tasks.list[0].table;
    if (source == NULL || source->partition < 0 || source->partition > INT32_MAX) {
        fault_set(count->stage.fault, STATUS_DATA,
                  "%s: --store keeps counts by partition, and this one was made on the way: count "
                  "what kcat-in reads",
                  reader_place(&count->stage.reader, frame, place));
        return NULL;
    }
    struct task *task = tasks_find(&count->tasks, (uint32_t)source->partition);
    if (task != NULL && task->assigned)
        return &task->table;
    fault_set(count->stage.fault, STATUS_STREAM, "%s: a record before its task was assigned",
              reader_place(&count->stage.reader, frame, place));
    return NULL;
}

/* `number`: a buffer that the key lies in and that is not the frame's; else NULL. */
static void add(struct count *count, const struct frame *frame, struct span key, const char *number)
{
    struct table *table = table_of(count, frame);
    if (table == NULL)
        return;
    struct next *next = &count->next[count->waiting++];
    next->table = table;
    next->key = key;
    if (number != NULL)
        next->key.at = memcpy(next->number, number, sizeof next->number);
    next->hash = table_hash(table, next->key);
    next->timestamp = frame->timestamp;
    next->time = frame->flags & (FRAME_CREATE_TIME | FRAME_LOG_APPEND_TIME);
    if (count->waiting == AHEAD)
        settle(count);
}

/* Every field that is meant: a header may stand in a record more than once. */
static void add_fields(struct count *count, const struct frame *frame)
{
    const struct field *by = &count->counting.by;
    struct field_walk walk;
    struct span key;
    bool found = false;
    field_start(&walk, frame);
    while (field_next(by, &count->stage.reader, frame, &walk, &key)) {
        add(count, frame, key, by->kind == FIELD_PARTITION ? walk.number : NULL);
        found = true;
    }
    count->skipped += !found;
}

static void add_record(struct count *count, const struct frame *frame)
{
    enum field_kind by = count->counting.by.kind;
    struct span key = by == FIELD_VALUE ? frame->value : frame->key;
    if (count->counting.all)
        add(count, frame, span_str("all"), NULL);
    else if (key.at != NULL && (by == FIELD_KEY || by == FIELD_VALUE))
        add(count, frame, key, NULL);
    else
        add_fields(count, frame);
}

/* One update of a key: a record for the far end, and with a store what is to be kept. */
static void put(struct count *count, uint32_t task, const struct entry *entry)
{
    struct writer *writer = &count->stage.writer;
    const char *store = count->counting.store;
    char number[24];
    uint64_t be64 = htobe64(entry->count);
    struct span bytes = span_of((const uint8_t *)&be64, sizeof be64), text = bytes;
    if (!count->counting.be64)
        text = span_of(number, (size_t)snprintf(number, sizeof number, "%" PRIu64, entry->count));
    struct record record = {.time = entry->time,
                            .offset = -1,
                            .timestamp = entry->time == 0 ? 0 : entry->timestamp,
                            .key = entry_key(entry),
                            .value = text};
    writer_record(writer, &record);
    if (store == NULL)
        return;
    struct kept kept = {.kind = FRAME_STATE,
                        .time = record.time,
                        .task = task,
                        .timestamp = record.timestamp,
                        .store = span_str(store),
                        .key = record.key,
                        .value = bytes};
    writer_kept(writer, &kept);
}

/* One update per key that changed since the last barrier. */
static void emit(struct count *count)
{
    for (size_t t = 0; t < count->tasks.count; t++) {
        struct task *task = &count->tasks.list[t];
        for (size_t i = 0; i < task->table.changed_count; i++)
            put(count, task->number, task->table.changed[i]);
        table_settle(&task->table);
    }
    count->barriers++;
}

/* Behind a group the counts would be right only until the partitions move. */
static void insist(const struct count *count)
{
    const struct counting *counting = &count->counting;
    const struct reader *reader = &count->stage.reader;
    struct fault *fault = count->stage.fault;
    if (counting->store != NULL && !reader->committing)
        fault_set(
            fault, STATUS_USAGE,
            "--store: keeps the counts of a group: kcat-in -g GROUP in front, kout -x behind");
    if (!reader->committing)
        return;
    if (counting->all || (counting->by.kind != FIELD_KEY && counting->by.kind != FIELD_PARTITION))
        fault_set(fault, STATUS_USAGE,
                  "--by %.200s: behind kcat-in -g its records come to several members: make it the "
                  "key, write, and count that topic: kgrep -o --into key | kout -t TOPIC",
                  counting->by_word);
    else if (counting->store == NULL && !counting->kept_nowhere)
        fault_set(fault, STATUS_USAGE,
                  "behind kcat-in -g counts are lost when partitions move: --store NAME keeps "
                  "them; --volatile if that will do");
}

static void take_task(struct count *count, const struct frame *frame)
{
    settle(count);
    if (frame->offset != FRAME_ASSIGNED) {
        tasks_drop(&count->tasks, frame->source);
        return;
    }
    struct task *task = tasks_add(&count->tasks, frame->source);
    if (task == NULL)
        fault_memory(count->stage.fault);
    else
        task->assigned = true;
}

/* A count that was kept. True: it is of our store. */
static bool take_restore(struct count *count, const struct frame *frame)
{
    struct state kept = frame_state(frame);
    uint64_t be64;
    if (!span_equal(kept.store, span_str(count->counting.store)))
        return false;
    if (kept.value.size != sizeof be64) {
        fault_set(count->stage.fault, STATUS_CONFIG,
                  "store %s: task %" PRIu32 ", offset %" PRId64
                  ": is not a count: something else wrote to its changelog: kpipe(7) tells how to "
                  "start over",
                  count->counting.store, frame->source, frame->offset);
        return true;
    }
    memcpy(&be64, kept.value.at, sizeof be64);
    settle(count);
    struct task *task = tasks_add(&count->tasks, frame->source);
    if (task == NULL || !table_set(&task->table, frame->key, be64toh(be64)))
        fault_memory(count->stage.fault);
    return true;
}

static bool control(void *owner, const struct frame *frame)
{
    struct count *count = owner;
    bool store = count->counting.store != NULL;
    if (frame->kind == FRAME_HELLO_KIND)
        insist(count);
    else if (frame->kind == FRAME_OPEN && store)
        writer_store(&count->stage.writer, span_str(count->counting.store));
    else if (frame->kind == FRAME_TASK && store)
        take_task(count, frame);
    else if (frame->kind == FRAME_RESTORE && store)
        return take_restore(count, frame);
    return false;
}

static void tell_figures(void *owner)
{
    struct count *count = owner;
    fault_note(count->stage.fault,
               "tasks %zu, keys %zu, bytes %zu, records %" PRIu64 ", barriers %" PRIu64,
               count->counting.store == NULL ? 0 : count->tasks.count, tasks_keys(&count->tasks),
               tasks_memory(&count->tasks), count->counted, count->barriers);
}

/* Where records came and none could be counted, the question was wrong: an ABORT, behind END. */
static void judge(const struct count *count, struct fault *fault)
{
    const char *word = count->counting.by_word;
    bool by_key = count->counting.by.kind == FIELD_KEY;
    if (count->skipped > 0 && count->counted == 0)
        fault_set(fault, STATUS_DATA, "no record of %" PRIu64 " has a %.200s: %s", count->skipped,
                  word, by_key ? "kcat-in -K SEP, or --by value" : "count keys");
    if (count->skipped > 0 && fault->status == 0)
        fault_note(fault, "records without a %s, not counted: %" PRIu64, word, count->skipped);
}

static void run(struct count *count, struct fault *fault)
{
    struct stage *stage = &count->stage;
    struct frame frame;
    enum stage_result got;
    stage->control = control;
    stage->owner = count;
    stage->reader.in.hold = true;
    stage->reader.in.on_asked = tell_figures;
    stage->reader.in.asked_arg = count;
    sig_answer();
    while (fault->status == 0 && (got = stage_next(stage, &frame)) != STAGE_DONE) {
        if (got == STAGE_RECORD) {
            add_record(count, &frame);
            continue;
        }
        settle(count);
        check_limits(count);
        if (got == STAGE_BARRIER && fault->status == 0)
            emit(count);
    }
    judge(count, fault);
}

static bool prepare(struct count *count, struct fault *fault)
{
    uint64_t seed[2];
    if (!random_fill(seed, sizeof seed, fault))
        return false;
    tasks_open(&count->tasks, seed);
    if (count->counting.store == NULL && tasks_add(&count->tasks, 0) == NULL)
        fault_memory(fault);
    return fault->status == 0;
}

int main(int argc, char **argv)
{
    struct fault fault;
    struct terminal terminal = {0};
    struct count count = {0};
    start(&fault, counting_tool.name);
    int got = counting_read(&count.counting, argc, argv, &fault);
    if (got == OPT_DONE)
        return finish(&fault);
    terminal.unconfined = count.counting.no_sandbox;
    if (got == OPT_WRONG || !prepare(&count, &fault) || !terminal_start(&terminal, NULL, &fault)) {
        opt_tell(&counting_tool, &fault);
        stage_refuse(&fault);
        return finish(&fault);
    }

    if (!count.counting.no_sandbox)
        sandbox_enter();
    if (stage_open(&count.stage, false, &fault))
        run(&count, &fault);

    stage_close(&count.stage);
    terminal_finish(&terminal, &fault);
    tasks_close(&count.tasks);
    return finish(&fault);
}
