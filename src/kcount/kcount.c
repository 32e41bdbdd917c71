/* kcount: how often each key, or each value, came. */
#include "kcount/table.h"
#include "stream/stage.h"
#include "text/terminal.h"
#include "util/opt.h"
#include "util/start.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

enum { KEY_BY = OPT_LONG, KEY_VOLATILE };

static const char *const usage[] = {"[--by key|value] [--volatile]", NULL};

static const struct opt opts[] = {
    {KEY_BY, "by", "key|value", "what is counted; key is the default"},
    {KEY_VOLATILE, "volatile", NULL, "behind kcat-in -g: counts that a rebalance drops"},
    {0}};

static const struct opt_hint hints[] = {
    {"-c", "not needed: the count is the record's value"},
    {"-k", "to count by key: --by key"},
    {"-H", "not there yet: --by key or value"},
    {"--on", "to choose what is counted: --by key or --by value"},
    {"--store", "not there yet: state comes with a later release"},
    {NULL, NULL}};

static const struct opt_tool tool = {"kcount", usage, opts, hints, NULL};

/* So many records are looked up side by side: with 100,000 keys of 87 bytes that takes a third of
 * the CPU of one by one. */
enum { AHEAD = 16 };

struct next {
    struct span key;
    uint64_t hash;
    int64_t timestamp;
    uint8_t time;
};

struct count {
    struct stage stage;
    struct table table;
    struct next next[AHEAD];
    size_t waiting;
    bool by_value, kept_nowhere;
    uint64_t counted, skipped;
};

static int options_read(struct count *count, int argc, char **argv, struct fault *fault)
{
    int key;
    while ((key = opt_next(&tool, argc, argv, fault)) >= 0) {
        if (key == KEY_VOLATILE) {
            count->kept_nowhere = true;
            continue;
        }
        count->by_value = strcmp(optarg, "value") == 0;
        if (!count->by_value && strcmp(optarg, "key") != 0)
            opt_bad_argument(fault, "--by", optarg, "want key or value");
    }
    if (key == OPT_DONE)
        return key;
    if (optind < argc)
        fault_set(fault, STATUS_USAGE, "%s: reads standard input: kcount < FILE", argv[optind]);
    else if (isatty(STDIN_FILENO))
        fault_set(fault, STATUS_USAGE,
                  "standard input: is a terminal: records come from a pipe: kcat-in FILE | kcount");
    return fault->status != 0 ? OPT_WRONG : key;
}

/* Counts what waits. */
static void settle(struct count *count)
{
    for (size_t i = 0; i < count->waiting; i++)
        table_fetch(&count->table, count->next[i].hash);
    for (size_t i = 0; i < count->waiting; i++) {
        const struct next *next = &count->next[i];
        struct entry *entry = table_add_hashed(&count->table, next->key, next->hash);
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

static void add(struct count *count, const struct frame *frame)
{
    struct span key = count->by_value ? frame->value : frame->key;
    if (key.at == NULL) {
        count->skipped++;
        return;
    }
    struct next *next = &count->next[count->waiting++];
    next->key = key;
    next->hash = table_hash(&count->table, key);
    next->timestamp = frame->timestamp;
    next->time = frame->flags & (FRAME_CREATE_TIME | FRAME_LOG_APPEND_TIME);
    if (count->waiting == AHEAD)
        settle(count);
}

/* One update per key that changed since the last barrier. */
static void emit(struct count *count)
{
    for (size_t i = 0; i < count->table.changed_count; i++) {
        const struct entry *entry = count->table.changed[i];
        char number[24];
        int size = snprintf(number, sizeof number, "%" PRIu64, entry->count);
        struct record record = {.time = entry->time,
                                .offset = -1,
                                .timestamp = entry->time == 0 ? 0 : entry->timestamp,
                                .key = entry_key(entry),
                                .value = span_of(number, (size_t)size)};
        writer_record(&count->stage.writer, &record);
    }
    table_settle(&count->table);
}

/* Where records came and none could be counted, the question was wrong: an ABORT, behind END. */
static void judge(const struct count *count, struct fault *fault)
{
    if (count->skipped > 0 && count->counted == 0)
        fault_set(fault, STATUS_DATA, "no record of %" PRIu64 " has a %s: %s", count->skipped,
                  count->by_value ? "value" : "key",
                  count->by_value ? "count keys" : "kcat-in -K SEP, or --by value");
}

/* Behind a group the counts would be right only until the partitions move. */
static void insist(const struct count *count, struct fault *fault)
{
    if (count->by_value)
        fault_set(
            fault, STATUS_USAGE,
            "--by value: behind kcat-in -g a value's records come to several members: make it "
            "the key, write, and count that topic");
    else if (!count->kept_nowhere)
        fault_set(
            fault, STATUS_USAGE,
            "behind kcat-in -g counts are lost when partitions move: --volatile if that will do");
}

static void run(struct count *count, struct fault *fault)
{
    struct frame frame;
    enum stage_result got;
    count->stage.reader.in.hold = true;
    while (fault->status == 0 && (got = stage_next(&count->stage, &frame)) != STAGE_DONE) {
        if (count->stage.reader.committing)
            insist(count, fault);
        if (got == STAGE_RECORD) {
            add(count, &frame);
            continue;
        }
        settle(count);
        if (got == STAGE_WAIT || fault->status != 0)
            continue;
        emit(count);
    }
    judge(count, fault);
    if (count->skipped > 0 && fault->status == 0)
        fault_note(fault, "records without a %s, not counted: %" PRIu64,
                   count->by_value ? "value" : "key", count->skipped);
}

static bool prepare(struct count *count, struct fault *fault)
{
    uint64_t seed[2];
    if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        fault_set(fault, STATUS_OS, "no random number: %s", strerror(errno));
    else if (!table_open(&count->table, seed))
        fault_memory(fault);
    return fault->status == 0;
}

int main(int argc, char **argv)
{
    struct fault fault;
    struct terminal terminal = {0};
    struct count count = {0};
    start(&fault, tool.name);
    int got = options_read(&count, argc, argv, &fault);
    if (got == OPT_DONE)
        return finish(&fault);
    if (got == OPT_WRONG || !prepare(&count, &fault) || !terminal_start(&terminal, &fault)) {
        opt_tell(&tool, &fault);
        stage_refuse(&fault);
        return finish(&fault);
    }

    if (stage_open(&count.stage, false, &fault))
        run(&count, &fault);

    stage_close(&count.stage);
    terminal_finish(&terminal, &fault);
    table_close(&count.table);
    return finish(&fault);
}
