/* kout: records to text, a file or a topic. */
#include "kafka/client.h"
#include "kout/file.h"
#include "kout/produce.h"
#include "text/write.h"
#include "util/opt.h"
#include "util/parse.h"
#include "util/start.h"

#include <getopt.h>
#include <unistd.h>

static const char *const usage[] = {"[-0] [-K SEP] [-o FILE]", "[-b BROKERS] -t TOPIC", NULL};

static const struct opt opts[] = {
    {'0', "null", NULL, "text records end with NUL, not newline"},
    {'K', "key-separator", "SEP", "text: KEY SEP VALUE"},
    {'o', "output", "FILE", "write to FILE, which is whole or not there"},
    {'b', "brokers", "BROKERS", "HOST:PORT,...; else KPIPE_BROKERS"},
    {'t', "topic", "TOPIC", "write to this topic"},
    {0}};

static const struct opt_hint hints[] = {
    {"-P", "not needed: kout always writes"},
    {"-C", "to read a topic: kcat-in -t TOPIC"},
    {"-x", "not there yet: exactly once comes with a later release"},
    {"-g", "a group belongs to kcat-in; not there yet"},
    {"-p", "not there yet: by key as Java, without one anywhere"},
    {"-z", "not there yet: set compression.type on the topic"},
    {"-J", "not there yet: kout -K '\\t'"},
    {"-f", "not there yet: kout -K '\\t'"},
    {"-D", "not there yet: newline, or NUL with -0"},
    {"-X", "not there yet: comes with the next release"},
    {"-F", "not there yet: comes with the next release"},
    {"-l", "lines come from kcat-in FILE"},
    {"-k", "a key comes from kcat-in -K SEP"},
    {"-H", "not there yet: headers are kept as they came"},
    {"-T", "use tee(1) between two stages"},
    {NULL, NULL}};

static const struct opt_tool tool = {"kout", usage, opts, hints, client_libraries};

struct options {
    struct text text;
    struct produce_options kafka;
    uint8_t separator[SEPARATOR_MOST];
    const char *file;
    bool text_only;
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
    case 'o':
        options->file = optarg;
        options->text_only = true;
        if (strcmp(optarg, "-") == 0 || strcmp(optarg, "/dev/stdout") == 0)
            opt_bad_argument(fault, "-o", optarg, "kout writes there anyway: leave -o out");
        if (*optarg == '\0' || optarg[strlen(optarg) - 1] == '/')
            opt_bad_argument(fault, "-o", optarg, "want the name of a file");
        break;
    case 'b':
        options->kafka.brokers = optarg;
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
    while ((key = opt_next(&tool, argc, argv, fault)) >= 0)
        take(options, key, fault);
    if (key == OPT_DONE)
        return key;
    if (optind < argc)
        fault_set(fault, STATUS_USAGE, "%s: reads standard input: kout < FILE", argv[optind]);
    else if (options->kafka.topic == NULL && options->kafka.brokers != NULL)
        fault_set(fault, STATUS_USAGE, "which topic? -t TOPIC");
    else if (options->kafka.topic != NULL && options->text_only)
        fault_set(fault, STATUS_USAGE, "-t: a topic keeps records as they are: no -0, -K, -o");
    else if (isatty(STDIN_FILENO))
        fault_set(fault, STATUS_USAGE,
                  "standard input: is a terminal: records come from a pipe: kcat-in FILE | kout");
    return fault->status != 0 ? OPT_WRONG : key;
}

static void run_file(struct options *options, struct fault *fault)
{
    struct file file;
    struct out out;
    struct reader reader;
    if (file_open(&file, options->file, fault) && out_open(&out, file.fd, file.target, fault)) {
        options->text.escape = isatty(file.fd);
        if (reader_open(&reader, STDIN_FILENO, &out, fault)) {
            if (text_run(&reader, &out, &options->text))
                file_commit(&file);
            reader_close(&reader);
        }
        out_close(&out);
    }
    file_close(&file);
}

static void run_text(struct options *options, struct fault *fault)
{
    struct out out;
    struct reader reader;
    options->text.escape = isatty(STDOUT_FILENO);
    if (!out_open(&out, STDOUT_FILENO, "standard output", fault))
        return;
    if (reader_open(&reader, STDIN_FILENO, &out, fault)) {
        text_run(&reader, &out, &options->text);
        reader_close(&reader);
    }
    out_close(&out);
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
    if (got == OPT_DONE)
        return finish(&fault);

    if (got == OPT_WRONG)
        opt_tell(&tool, &fault);
    else if (options.kafka.topic != NULL)
        run_topic(&options, &fault);
    else if (options.file != NULL)
        run_file(&options, &fault);
    else
        run_text(&options, &fault);

    fault_tell(&fault);
    return finish(&fault);
}
