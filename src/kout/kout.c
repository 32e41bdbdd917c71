/* kout: records to text, a file or a topic. */
#include "kafka/client.h"
#include "kout/command.h"
#include "kout/exactly.h"
#include "kout/plain.h"
#include "kout/produce.h"
#include "kout/slot.h"
#include "text/format.h"
#include "util/opt.h"
#include "util/parse.h"
#include "util/start.h"
#include "json/write.h"

#include <getopt.h>
#include <unistd.h>

enum { SPOOL_USUAL = 32 << 20, SPOOL_LEAST = 64 << 10, SPOOL_MOST = 1 << 30 };
enum {
    KEY_REPLAY = OPT_LONG,
    KEY_GROUP,
    KEY_INSTANCE,
    KEY_SPOOL,
    KEY_CREATE,
    KEY_NOW,
    KEY_RATE,
    KEY_ON_ERROR
};

static const char topic_usage[] =
    "[-b BROKERS] [-F PROFILE] [-X K=V ...] [-p PARTITION] "
    "[-z CODEC] [--create SPEC] [--now] [--rate N] [--on-error HOW] [--replay] -t TOPIC";
static const char once_usage[] =
    "[-b BROKERS] [-F PROFILE] [-X K=V ...] [-p PARTITION] "
    "[-z CODEC] [--create SPEC] [--now] [--rate N] [--on-error HOW] [--group GROUP] [--instance "
    "NAME] [--spool SIZE] -x -t TOPIC";
static const char *const usage[] = {
    "[-0] [-D DELIM] [-K SEP] [-J | -f FORMAT] [--replay] [-o FILE]",
    "[-0] [-D DELIM] [-K SEP] [-J | -f FORMAT] [--replay] -- COMMAND [ARG ...]", topic_usage,
    once_usage, NULL};

static const struct opt opts[] = {
    {'0', "null", NULL, "text records end with NUL, not newline"},
    {'D', "delimiter", "DELIM", "text records end with DELIM, one or more bytes"},
    {'K', "key-separator", "SEP", "text: KEY SEP VALUE"},
    {'J', "json", NULL, "a record is a line of JSON, whatever is in it: kjson(5)"},
    {'f', "format", "FORMAT", "text: as FORMAT says, with %k %s and the like"},
    {'o', "output", "FILE", "write FILE, whole or not at all; behind -g append"},
    {'b', "brokers", "BROKERS", "HOST:PORT,...; else KPIPE_BROKERS or a profile's"},
    {'F', "profile", "PROFILE", "by name, or FILE with '/': kpipe.conf(5)"},
    {'X', "set", "K=V", "a property of librdkafka; secrets as K=@FILE"},
    {'t', "topic", "TOPIC", "write to this topic"},
    {'p', "partition", "PARTITION", "key (as Java, the default), same (its own), or a number"},
    {'z', "compress", "CODEC", "none, gzip, snappy, lz4 or zstd"},
    {KEY_CREATE, "create", "SPEC", "PARTITIONS[,K=V...]: make the topic where it is missing"},
    {KEY_NOW, "now", NULL, "the time of writing, not the records' own"},
    {KEY_RATE, "rate", "N", "write N records a second and no more"},
    {KEY_ON_ERROR, "on-error", "HOW", "refused records: fail, skip or dlq:TOPIC"},
    {'x', "exactly-once", NULL, "one transaction a barrier, the group's offsets in it"},
    {KEY_GROUP, "group", "GROUP", "-x: the only group to commit for"},
    {KEY_INSTANCE, "instance", "NAME", "-x: in the transactional.id, in place of a lock"},
    {KEY_SPOOL, "spool", "SIZE", "-x: bytes to hold until their barrier; 32M"},
    {KEY_REPLAY, "replay", NULL, "a saved stream of a group: commit nothing"},
    {0}};

static const struct opt_hint hints[] = {
    {"-P", "not needed: kout always writes"},
    {"-C", "to read a topic: kcat-in -t TOPIC"},
    {"-g", "a group belongs to kcat-in: kcat-in -g GROUP"},
    {"-l", "lines come from kcat-in FILE"},
    {"-k", "a key comes from kcat-in -K SEP"},
    {"-H", "headers are kept as they came; more: kcat-in --header N=V"},
    {"-T", "use tee(1) between two stages"},
    {NULL, NULL}};

static const struct opt_tool tool = {"kout", usage, opts, hints, client_libraries};

struct options {
    struct text text;
    struct format format; /* owned: what text.format points to */
    struct conf conf;
    struct writing writing;
    struct produce_options kafka;
    struct exactly_options exactly;
    bool once;
    uint8_t separator[SEPARATOR_MOST], end[SEPARATOR_MOST];
    bool cut, json; /* -0, -D or -K was given; -J was */
    const char *file;
    char **command;                        /* after "--"; NULL: none */
    bool text_only, topic_only, once_only; /* an option that only this end has was given */
};

static void take_once(struct options *options, int key, struct fault *fault)
{
    switch (key) {
    case 'x':
        options->once = true;
        options->topic_only = true;
        return;
    case KEY_GROUP:
        options->exactly.group = optarg;
        break;
    case KEY_INSTANCE:
        options->exactly.instance = optarg;
        if (*optarg == '\0' || strlen(optarg) > SLOT_PLACE || strchr(optarg, '/') != NULL)
            opt_bad_argument(fault, "--instance", optarg, "want 1 to 32 bytes, without /");
        break;
    case KEY_SPOOL:
        if (!parse_size(optarg, &options->exactly.spool) || options->exactly.spool < SPOOL_LEAST ||
            options->exactly.spool > SPOOL_MOST)
            opt_bad_argument(fault, "--spool", optarg, "want 64K to 1G");
        break;
    }
    options->once_only = true;
}

static struct span take_bytes(const char *option, uint8_t bytes[SEPARATOR_MOST],
                              struct fault *fault)
{
    size_t size = 0;
    if (!parse_separator(optarg, bytes, &size))
        opt_bad_argument(fault, option, optarg,
                         "want one or more bytes, or \\n \\r \\t \\0 \\\\ \\xNN");
    return span_of(bytes, size);
}

/* What text looks like. */
static void take_text(struct options *options, int key, struct fault *fault)
{
    struct text *text = &options->text;
    options->text_only = true;
    options->cut |= key != 'f' && key != 'J';
    switch (key) {
    case '0':
        options->end[0] = '\0';
        text->end = span_of(options->end, 1);
        break;
    case 'D':
        text->end = take_bytes("-D", options->end, fault);
        break;
    case 'K':
        text->separator = take_bytes("-K", options->separator, fault);
        break;
    case 'f':
        format_free(&options->format);
        format_read(&options->format, optarg, fault);
        text->format = &options->format;
        text->put = format_put;
        break;
    case 'J':
        text->put = json_put;
        options->json = true;
        break;
    }
}

/* How it goes to a topic. */
static void take_writing(struct options *options, int key, struct fault *fault)
{
    struct writing *writing = &options->writing;
    options->topic_only = true;
    switch (key) {
    case 'p':
        if (!writing_partition(writing, optarg))
            opt_bad_argument(fault, "-p", optarg, "want key, same or a partition's number");
        break;
    case 'z':
        if (!writing_codec(writing, optarg))
            opt_bad_argument(fault, "-z", optarg, "want none, gzip, snappy, lz4 or zstd");
        break;
    case KEY_CREATE:
        writing_create(writing, optarg, fault);
        break;
    case KEY_ON_ERROR:
        if (!writing_on_error(writing, optarg))
            opt_bad_argument(fault, "--on-error", optarg, "want fail, skip or dlq:TOPIC");
        break;
    case KEY_RATE:
        if (!parse_count(optarg, 1, &writing->rate))
            opt_bad_argument(fault, "--rate", optarg, "want records a second, 1 or more");
        break;
    case KEY_NOW:
        writing->now = true;
        break;
    }
}

static void take(struct options *options, int key, struct fault *fault)
{
    switch (key) {
    case '0':
    case 'D':
    case 'K':
    case 'f':
    case 'J':
        take_text(options, key, fault);
        break;
    case KEY_REPLAY:
        options->kafka.replay = true;
        break;
    case 'o':
        options->file = optarg;
        options->text_only = true;
        if (strcmp(optarg, "-") == 0 || strcmp(optarg, "/dev/stdout") == 0)
            opt_bad_argument(fault, "-o", optarg, "kout writes there anyway: leave -o out");
        if (*optarg == '\0' || optarg[strlen(optarg) - 1] == '/')
            opt_bad_argument(fault, "-o", optarg, "want the name of a file");
        break;
    case 'b':
        options->conf.brokers = optarg;
        options->topic_only = true;
        break;
    case 'F':
        options->conf.profile = optarg;
        options->topic_only = true;
        break;
    case 'X':
        conf_set(&options->conf, optarg, fault);
        options->topic_only = true;
        break;
    case 't':
        options->kafka.topic = optarg;
        break;
    case 'p':
    case 'z':
    case KEY_CREATE:
    case KEY_NOW:
    case KEY_RATE:
    case KEY_ON_ERROR:
        take_writing(options, key, fault);
        break;
    default:
        take_once(options, key, fault);
    }
}

static int options_read(struct options *options, int argc, char **argv, struct fault *fault)
{
    *options = (struct options){.end = {'\n'}, .exactly = {.spool = SPOOL_USUAL}};
    options->text.end = span_of(options->end, 1);
    int key;
    while ((key = opt_next(&tool, argc, argv, fault)) >= 0 && fault->status == 0)
        take(options, key, fault);
    if (key == OPT_DONE)
        return key;
    if (optind < argc && strcmp(argv[optind - 1], "--") == 0)
        options->command = argv + optind;
    if (options->kafka.topic == NULL && options->topic_only)
        fault_set(fault, STATUS_USAGE, "which topic? -t TOPIC");
    else if (options->command != NULL && (options->kafka.topic != NULL || options->file != NULL))
        fault_set(fault, STATUS_USAGE, "%s: a command, a topic or a file: one of them",
                  options->command[0]);
    else if (options->command == NULL && optind < argc)
        fault_set(fault, STATUS_USAGE, "%s: reads standard input: kout < FILE", argv[optind]);
    else if (options->kafka.topic != NULL && options->text_only)
        fault_set(fault, STATUS_USAGE,
                  "-t: a topic keeps records as they are: no -0, -D, -K, -f, -J, -o");
    else if (options->kafka.topic != NULL && options->writing.dead != NULL &&
             strcmp(options->writing.dead, options->kafka.topic) == 0)
        fault_set(fault, STATUS_USAGE,
                  "--on-error dlq:%s: that is the topic which refused them: want another one",
                  options->writing.dead);
    else if (options->cut && options->text.put != NULL)
        fault_set(fault, STATUS_USAGE,
                  "-f, -J: say themselves how records end and what parts them: no -0, -D, -K");
    else if (options->json && options->text.format != NULL)
        fault_set(fault, STATUS_USAGE, "-f: with -J a record is JSON: one of them");
    else if (options->once_only && !options->once)
        fault_set(fault, STATUS_USAGE, "--group, --instance, --spool: belong to -x");
    else if (options->once && options->kafka.replay)
        fault_set(fault, STATUS_USAGE,
                  "--replay: a saved stream has no source to ask: exactly once is not to be had");
    else if (isatty(STDIN_FILENO))
        fault_set(fault, STATUS_USAGE,
                  "standard input: is a terminal: records come from a pipe: kcat-in FILE | kout");
    if (options->text.put == format_put)
        options->text.end = format_tail(&options->format);
    options->kafka.conf = options->exactly.conf = &options->conf;
    options->exactly.topic = options->kafka.topic;
    options->kafka.writing = options->exactly.writing = &options->writing;
    if (fault->status == 0 && options->kafka.topic != NULL)
        conf_read(&options->conf, false, fault);
    return fault->status != 0 ? OPT_WRONG : key;
}

static void run_topic(const struct options *options, struct fault *fault)
{
    struct reader reader;
    if (!reader_open(&reader, STDIN_FILENO, NULL, fault))
        return;
    if (options->once)
        exactly_run(&options->exactly, &reader, fault);
    else
        produce_run(&options->kafka, &reader, fault);
    reader_close(&reader);
}

int main(int argc, char **argv)
{
    struct fault fault;
    struct options options;
    start(&fault, tool.name);
    int got = options_read(&options, argc, argv, &fault);
    if (got == OPT_WRONG)
        opt_tell(&tool, &fault);
    else if (got == OPT_DONE)
        fault_tell(&fault);
    else if (options.kafka.topic != NULL)
        run_topic(&options, &fault);
    else if (options.file != NULL)
        plain_file(&options.text, options.file, options.kafka.replay, &fault);
    else if (options.command != NULL)
        command_run(&options.text, options.command, options.kafka.replay, &fault);
    else
        plain_output(&options.text, options.kafka.replay, &fault);
    conf_close(&options.conf);
    writing_close(&options.writing);
    format_free(&options.format);

    fault_tell(&fault);
    return finish(&fault);
}
