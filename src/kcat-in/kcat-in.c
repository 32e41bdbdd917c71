/* kcat-in: text, files or topics to records. */
#include "kafka/client.h"
#include "kcat-in/fetch.h"
#include "kcat-in/lines.h"
#include "stream/stage.h"
#include "text/terminal.h"
#include "util/opt.h"
#include "util/parse.h"
#include "util/start.h"

#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEY_INTERVAL = OPT_LONG, KEY_MAX_RECORD };

static const char *const usage[] = {
    "[-0] [-K SEP] [-n N] [--commit-interval D] [--max-record SIZE] [FILE ...]",
    "[-b BROKERS] -t TOPIC ... [-e] [-n N] [--commit-interval D] [--max-record SIZE]", NULL};

static const struct opt opts[] = {
    {'0', "null", NULL, "text records end with NUL, not newline"},
    {'K', "key-separator", "SEP", "text: key before SEP, value after it"},
    {'b', "brokers", "BROKERS", "HOST:PORT,...; else KPIPE_BROKERS"},
    {'t', "topic", "TOPIC", "read this topic; repeatable"},
    {'e', "exit-at-end", NULL, "stop where the topics ended at the start"},
    {'n', "count", "N", "stop after N records"},
    {KEY_INTERVAL, "commit-interval", "D", "a barrier every D (500ms, 5s, 1m): kcount reports"},
    {KEY_MAX_RECORD, "max-record", "SIZE", "the longest record (128M)"},
    {0}};

static const struct opt_hint hints[] = {
    {"-C", "not needed: kcat-in always reads"},
    {"-G", "not there yet: groups come with the next release"},
    {"-g", "not there yet: groups come with the next release"},
    {"-P", "to write a topic: ... | kout -t TOPIC"},
    {"-p", "not there yet: partitions come with the next release"},
    {"-c", "a number of records is -n N"},
    {"-u", "not needed: output is flushed whenever the input is idle"},
    {"-Q", "offsets by time are not there yet: kcat -Q"},
    {"-Z", "not needed: null and empty are kept apart"},
    {"-o", "not there yet: reads from the beginning"},
    {"-J", "not there yet: kcat -C -J"},
    {"-D", "not there yet: newline, or NUL with -0"},
    {"-f", "a format belongs to the far end; not there yet: kcat -C -f"},
    {"-s", "not there yet: decode behind kout"},
    {"-r", "not there yet: decode behind kout"},
    {"-T", "use tee(1) between two stages"},
    {NULL, NULL}};

static const struct opt_tool tool = {"kcat-in", usage, opts, hints, client_libraries};

struct options {
    struct lines_options text;
    struct fetch_options kafka;
    uint8_t separator[SEPARATOR_MOST];
    bool text_only, kafka_only; /* an option that only makes sense there was given */
};

static int bad(struct fault *fault, const char *option, const char *wanted)
{
    return opt_bad_argument(fault, option, optarg, wanted);
}

static bool add_topic(struct options *options, struct fault *fault)
{
    struct fetch_options *kafka = &options->kafka;
    const char **topics =
        reallocarray(kafka->topics, kafka->topic_count + 1, sizeof *kafka->topics);
    if (topics == NULL) {
        fault_memory(fault);
        return false;
    }
    kafka->topics = topics;
    kafka->topics[kafka->topic_count++] = optarg;
    return true;
}

/* One option into *options. False: the fault is set. */
static bool take(struct options *options, int key, struct fault *fault)
{
    size_t size;
    switch (key) {
    case '0':
        options->text.end = '\0';
        options->text_only = true;
        return true;
    case 'K':
        options->text_only = true;
        if (!parse_separator(optarg, options->separator, &size))
            bad(fault, "-K", "want one or more bytes, or \\n \\r \\t \\0 \\\\ \\xNN");
        options->text.separator = span_of(options->separator, size);
        break;
    case 'b':
        options->kafka.brokers = optarg;
        options->kafka_only = true;
        return true;
    case 't':
        return add_topic(options, fault);
    case 'e':
        options->kafka.exit_at_end = true;
        options->kafka_only = true;
        return true;
    case 'n':
        if (!parse_count(optarg, 1, &options->text.count))
            bad(fault, "-n", "want a number of records, 1 or more");
        break;
    case KEY_INTERVAL:
        if (!parse_duration(optarg, &options->text.interval) || options->text.interval == 0)
            bad(fault, "--commit-interval", "want a time like 500ms, 5s, 1m");
        break;
    case KEY_MAX_RECORD:
        if (!parse_size(optarg, &options->text.record_cap) || options->text.record_cap == 0 ||
            options->text.record_cap > (1 << 30) - 1024)
            bad(fault, "--max-record", "want a size like 64K or 128M, below 1G");
        break;
    }
    return fault->status == 0;
}

/* What does not go together, and what is missing. */
static void settle(struct options *options, char **operands, struct fault *fault)
{
    static char dash[] = "-", *standard_input[] = {dash, NULL};
    options->text.files = *operands == NULL ? standard_input : operands;
    options->text.broker_known = getenv("KPIPE_BROKERS") != NULL;
    options->kafka.count = options->text.count;
    options->kafka.commit_interval_ms = options->text.interval;
    options->kafka.record_cap = options->text.record_cap;
    if (options->kafka.topic_count == 0 && options->kafka_only)
        fault_set(fault, STATUS_USAGE, "which topic? -t TOPIC");
    else if (options->kafka.topic_count > 0 && options->text_only)
        fault_set(fault, STATUS_USAGE, "-t: topics have no separators: leave out -0 and -K");
    else if (options->kafka.topic_count > 0 && *operands != NULL)
        fault_set(fault, STATUS_USAGE, "%s: a topic or files, not both", *operands);
    if (fault->status == 0 && options->kafka.topic_count == 0 && *operands == NULL &&
        isatty(STDIN_FILENO))
        fault_note(fault, "reading the terminal: end with Ctrl-D");
}

static int options_read(struct options *options, int argc, char **argv, struct fault *fault)
{
    *options = (struct options){.text = {.end = '\n', .record_cap = 128 << 20}};
    int key;
    while ((key = opt_next(&tool, argc, argv, fault)) >= 0)
        if (!take(options, key, fault))
            return OPT_WRONG;
    if (key == OPT_END)
        settle(options, argv + optind, fault);
    return fault->status != 0 ? OPT_WRONG : key;
}

/* The records, and at a fault the ABORT and its line. */
static void run(const struct options *options, struct fault *fault)
{
    struct writer writer;
    if (!writer_open(&writer, STDOUT_FILENO, fault)) {
        fault_tell(fault);
        return;
    }
    if (options->kafka.topic_count > 0)
        fetch_run(&options->kafka, &writer, fault);
    else
        lines_run(&options->text, &writer, fault);
    if (fault->status != 0)
        writer_abort(&writer, fault);
    fault_tell(fault);
    writer_close(&writer);
    fault_tell(fault);
}

int main(int argc, char **argv)
{
    struct fault fault;
    struct terminal terminal = {0};
    struct options options;
    start(&fault, tool.name);
    int got = options_read(&options, argc, argv, &fault);
    if (got == OPT_DONE)
        return finish(&fault);
    if (got == OPT_WRONG) {
        opt_tell(&tool, &fault);
        stage_refuse(&fault);
        return finish(&fault);
    }

    if (terminal_start(&terminal, &fault))
        run(&options, &fault);
    fault_tell(&fault);

    terminal_finish(&terminal, &fault);
    free(options.kafka.topics);
    return finish(&fault);
}
