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

enum { KEY_BY = OPT_LONG };

static const char *const usage[] = {"[--by key|value]", NULL};

static const struct opt opts[] = {
    {KEY_BY, "by", "key|value", "what is counted; key is the default"}, {0}};

static const struct opt_hint hints[] = {
    {"-c", "not needed: the count is the record's value"},
    {"-k", "to count by key: --by key"},
    {"-H", "not there yet: --by key or value"},
    {"--on", "to choose what is counted: --by key or --by value"},
    {"--store", "not there yet: state comes with a later release"},
    {"--volatile", "not needed: without a group nothing is kept"},
    {NULL, NULL}};

static const struct opt_tool tool = {"kcount", usage, opts, hints, NULL};

struct count {
    struct stage stage;
    struct table table;
    bool by_value;
    uint64_t counted, skipped;
};

static int options_read(struct count *count, int argc, char **argv, struct fault *fault)
{
    int key;
    while ((key = opt_next(&tool, argc, argv, fault)) >= 0) {
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

static void add(struct count *count, const struct frame *frame)
{
    struct span key = count->by_value ? frame->value : frame->key;
    if (key.at == NULL) {
        count->skipped++;
        return;
    }
    struct entry *entry = table_add(&count->table, key);
    if (entry == NULL) {
        fault_memory(count->stage.fault);
        return;
    }
    count->counted++;
    uint8_t time = frame->flags & (FRAME_CREATE_TIME | FRAME_LOG_APPEND_TIME);
    if (time != 0 && (entry->time == 0 || frame->timestamp > entry->timestamp)) {
        entry->time = time;
        entry->timestamp = frame->timestamp;
    }
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

static void run(struct count *count, struct fault *fault)
{
    struct frame frame;
    enum stage_result got;
    while (fault->status == 0 && (got = stage_next(&count->stage, &frame)) != STAGE_DONE) {
        if (got == STAGE_RECORD) {
            add(count, &frame);
            continue;
        }
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
