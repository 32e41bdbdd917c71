/* kout: records to text, a file or a topic. */
#include "kafka/client.h"
#include "kout/command.h"
#include "kout/plain.h"
#include "kout/produce.h"
#include "util/opt.h"
#include "util/parse.h"
#include "util/start.h"

#include <getopt.h>
#include <unistd.h>

enum { KEY_REPLAY = OPT_LONG };

static const char *const usage[] = {
    "[-0] [-K SEP] [--replay] [-o FILE]", "[-0] [-K SEP] [--replay] -- COMMAND [ARG ...]",
    "[-b BROKERS] [-F PROFILE] [-X K=V ...] [--replay] -t TOPIC", NULL};

static const struct opt opts[] = {
    {'0', "null", NULL, "text records end with NUL, not newline"},
    {'K', "key-separator", "SEP", "text: KEY SEP VALUE"},
    {'o', "output", "FILE", "write FILE, whole or not at all; behind -g append"},
    {'b', "brokers", "BROKERS", "HOST:PORT,...; else KPIPE_BROKERS or a profile's"},
    {'F', "profile", "PROFILE", "by name, or FILE with '/': kpipe.conf(5)"},
    {'X', "set", "K=V", "a property of librdkafka; secrets as K=@FILE"},
    {'t', "topic", "TOPIC", "write to this topic"},
    {KEY_REPLAY, "replay", NULL, "a saved stream of a group: commit nothing"},
    {0}};

static const struct opt_hint hints[] = {
    {"-P", "not needed: kout always writes"},
    {"-C", "to read a topic: kcat-in -t TOPIC"},
    {"-x", "not there yet: exactly once comes with a later release"},
    {"-g", "a group belongs to kcat-in: kcat-in -g GROUP"},
    {"-p", "not there yet: by key as Java, without one anywhere"},
    {"-z", "not there yet: set compression.type on the topic"},
    {"-J", "not there yet: kout -K '\\t'"},
    {"-f", "not there yet: kout -K '\\t'"},
    {"-D", "not there yet: newline, or NUL with -0"},
    {"-l", "lines come from kcat-in FILE"},
    {"-k", "a key comes from kcat-in -K SEP"},
    {"-H", "not there yet: headers are kept as they came"},
    {"-T", "use tee(1) between two stages"},
    {NULL, NULL}};

static const struct opt_tool tool = {"kout", usage, opts, hints, client_libraries};

struct options {
    struct text text;
    struct conf conf;
    struct produce_options kafka;
    uint8_t separator[SEPARATOR_MOST];
    const char *file;
    char **command;             /* after "--"; NULL: none */
    bool text_only, topic_only; /* an option that only this end has was given */
};

static void take(struct options *options, int key, struct fault *fault)
{
    size_t size;
    switch (key) {
    case '0':
        options->text.end = '\0';
        options->text_only = true;
        break;
    case 'K':
        options->text_only = true;
        if (!parse_separator(optarg, options->separator, &size))
            opt_bad_argument(fault, "-K", optarg,
                             "want one or more bytes, or \\n \\r \\t \\0 \\\\ \\xNN");
        options->text.separator = span_of(options->separator, size);
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
    }
}

static int options_read(struct options *options, int argc, char **argv, struct fault *fault)
{
    *options = (struct options){.text = {.end = '\n'}};
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
        fault_set(fault, STATUS_USAGE, "-t: a topic keeps records as they are: no -0, -K, -o");
    else if (isatty(STDIN_FILENO))
        fault_set(fault, STATUS_USAGE,
                  "standard input: is a terminal: records come from a pipe: kcat-in FILE | kout");
    options->kafka.conf = &options->conf;
    if (fault->status == 0 && options->kafka.topic != NULL)
        conf_read(&options->conf, false, fault);
    return fault->status != 0 ? OPT_WRONG : key;
}

static void run_topic(const struct options *options, struct fault *fault)
{
    struct reader reader;
    if (!reader_open(&reader, STDIN_FILENO, NULL, fault))
        return;
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

    fault_tell(&fault);
    return finish(&fault);
}
