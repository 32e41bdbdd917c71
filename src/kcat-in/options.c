#include "kcat-in/options.h"

#include "kafka/client.h"
#include "util/parse.h"

#include <getopt.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

_Static_assert(sizeof((struct options *)0)->separator == SEPARATOR_MOST, "a whole separator");

enum {
    KEY_INTERVAL = OPT_LONG,
    KEY_COUNT,
    KEY_COMMIT,
    KEY_SINKS,
    KEY_READY,
    KEY_TIMEOUT,
    KEY_RESET,
    KEY_MAX_RECORD
};

static const char *const usage[] = {
    "[-0] [-K SEP] [-n N] [--commit-interval D] [--max-record SIZE] [FILE ...]",
    "[-b BROKERS] [-F PROFILE] [-X K=V ...] -t TOPIC ... [-e] [-n N]\n"
    "               [--commit-interval D] [--max-record SIZE]",
    "[-b BROKERS] [-F PROFILE] [-X K=V ...] -t TOPIC ... -g GROUP [-e] [-o FROM]\n"
    "               [-n N] [--commit-interval D] [--commit-count N] [--commit written]\n"
    "               [--sinks N] [--ready-timeout D] [--timeout D]\n"
    "               [--on-reset WHAT] [--max-record SIZE]",
    NULL};

static const struct opt opts[] = {
    {'0', "null", NULL, "text records end with NUL, not newline"},
    {'K', "key-separator", "SEP", "text: key before SEP, value after it"},
    {'b', "brokers", "BROKERS", "HOST:PORT,...; else KPIPE_BROKERS or a profile's"},
    {'F', "profile", "PROFILE", "by name, or FILE with '/': kpipe.conf(5)"},
    {'X', "set", "K=V", "a property of librdkafka; secrets as K=@FILE"},
    {'t', "topic", "TOPIC", "read this topic; repeatable; with -g ^REGEX too"},
    {'g', "group", "GROUP", "as a member; commit what the far end has"},
    {'e', "exit-at-end", NULL, "stop where the topics ended at the start"},
    {'o', "offset", "FROM", "-g, nothing stored: beginning (default) or end"},
    {'n', "count", "N", "stop after N records"},
    {KEY_INTERVAL, "commit-interval", "D", "a barrier every D (500ms, 5s, 1m)"},
    {KEY_COUNT, "commit-count", "N", "a barrier every N records"},
    {KEY_COMMIT, "commit", "written", "-g: commit what was written; no kout answers"},
    {KEY_SINKS, "sinks", "N", "-g: how many kouts there are (tee); 1"},
    {KEY_READY, "ready-timeout", "D", "-g: how long they may take to be ready; 30s"},
    {KEY_TIMEOUT, "timeout", "D", "-g -e: how long to wait for other members; 5m"},
    {KEY_RESET, "on-reset", "WHAT", "-g, offset gone: error, earliest or latest"},
    {KEY_MAX_RECORD, "max-record", "SIZE", "the longest record (128M)"},
    {0}};

static const struct opt_hint hints[] = {
    {"-C", "not needed: kcat-in always reads"},
    {"-G", "a consumer group is -g GROUP"},
    {"-P", "to write a topic: ... | kout -t TOPIC"},
    {"-p", "not there yet: all partitions are read"},
    {"-c", "a number of records is -n N"},
    {"-u", "not needed: output is flushed whenever the input is idle"},
    {"-Q", "offsets by time are not there yet: kcat -Q"},
    {"-Z", "not needed: null and empty are kept apart"},
    {"-J", "not there yet: kcat -C -J"},
    {"-D", "not there yet: newline, or NUL with -0"},
    {"-f", "a format belongs to the far end; not there yet: kcat -C -f"},
    {"-s", "not there yet: decode behind kout"},
    {"-r", "not there yet: decode behind kout"},
    {"-T", "use tee(1) between two stages"},
    {NULL, NULL}};

const struct opt_tool options_tool = {"kcat-in", usage, opts, hints, client_libraries};

static void bad(struct fault *fault, const char *option, const char *wanted)
{
    opt_bad_argument(fault, option, optarg, wanted);
}

static void take_duration(int64_t *ms, const char *option, struct fault *fault)
{
    if (!parse_duration(optarg, ms) || *ms == 0)
        bad(fault, option, "want a time like 500ms, 5s, 1m");
}

static void take_count(uint64_t *count, const char *option, struct fault *fault)
{
    if (!parse_count(optarg, 1, count))
        bad(fault, option, "want a number, 1 or more");
}

static void take_topic(struct options *options, struct fault *fault)
{
    const char **names =
        reallocarray(options->names, options->name_count + 1, sizeof *options->names);
    if (names == NULL) {
        fault_memory(fault);
        return;
    }
    options->names = names;
    options->names[options->name_count++] = optarg;
}

static void take_text(struct options *options, int key, struct fault *fault)
{
    size_t size;
    if (key == '0') {
        options->text.end = '\0';
        options->text_only = "-0";
        return;
    }
    options->text_only = "-K";
    if (!parse_separator(optarg, options->separator, &size))
        bad(fault, "-K", "want one or more bytes, or \\n \\r \\t \\0 \\\\ \\xNN");
    options->text.separator = span_of(options->separator, size);
}

static void take_reset(struct group_options *group, struct fault *fault)
{
    static const char *const words[] = {"error", "earliest", "latest"};
    for (int i = 0; i < 3; i++)
        if (strcmp(optarg, words[i]) == 0) {
            group->reset = (enum group_reset)i;
            return;
        }
    bad(fault, "--on-reset", "want error, earliest or latest");
}

/* An option that only a group has. */
static void take_group(struct group_options *group, int key, struct fault *fault)
{
    uint64_t sinks = 1;
    switch (key) {
    case 'g':
        group->group = optarg;
        if (*optarg == '\0')
            bad(fault, "-g", "want the group's name");
        break;
    case 'o':
        group->from_end = strcmp(optarg, "end") == 0;
        if (!group->from_end && strcmp(optarg, "beginning") != 0)
            bad(fault, "-o", "want beginning or end");
        break;
    case KEY_COUNT:
        take_count(&group->barrier_count, "--commit-count", fault);
        break;
    case KEY_COMMIT:
        group->written = true;
        if (strcmp(optarg, "written") != 0)
            bad(fault, "--commit", "want written");
        break;
    case KEY_SINKS:
        if (!parse_count(optarg, 1, &sinks) || sinks > 16)
            bad(fault, "--sinks", "want a number from 1 to 16");
        group->sinks = (int)sinks;
        break;
    case KEY_READY:
        take_duration(&group->ready_ms, "--ready-timeout", fault);
        break;
    case KEY_TIMEOUT:
        take_duration(&group->timeout_ms, "--timeout", fault);
        break;
    case KEY_RESET:
        take_reset(group, fault);
        break;
    }
}

static void take(struct options *options, int key, struct fault *fault)
{
    switch (key) {
    case '0':
    case 'K':
        take_text(options, key, fault);
        break;
    case 'b':
        options->conf.brokers = optarg;
        options->topics_only = "-b";
        break;
    case 'F':
        options->conf.profile = optarg;
        options->topics_only = "-F";
        break;
    case 'X':
        conf_set(&options->conf, optarg, fault);
        options->topics_only = "-X";
        break;
    case 't':
        take_topic(options, fault);
        break;
    case 'e':
        options->topics.exit_at_end = true;
        options->topics_only = "-e";
        break;
    case 'n':
        take_count(&options->text.count, "-n", fault);
        break;
    case KEY_INTERVAL:
        take_duration(&options->text.interval, "--commit-interval", fault);
        break;
    case KEY_MAX_RECORD:
        if (!parse_size(optarg, &options->text.record_cap) || options->text.record_cap == 0 ||
            options->text.record_cap > (1 << 30) - 1024)
            bad(fault, "--max-record", "want a size like 64K or 128M, below 1G");
        break;
    default:
        take_group(&options->group, key, fault);
        if (key != 'g')
            options->group_only = "an option of groups";
    }
}

/* What does not go together, and what is missing. */
static void check(const struct options *options, const char *operand, struct fault *fault)
{
    bool topics = options->name_count > 0, group = options->group.group != NULL;
    if (!topics && (options->topics_only != NULL || group))
        fault_set(fault, STATUS_USAGE, "which topic? -t TOPIC");
    else if (topics && options->text_only != NULL)
        fault_set(fault, STATUS_USAGE, "%s: topics have no separators: leave it out",
                  options->text_only);
    else if (topics && operand != NULL)
        fault_set(fault, STATUS_USAGE, "%s: a topic or files, not both", operand);
    else if (options->group_only != NULL && !group)
        fault_set(fault, STATUS_USAGE, "%s: which group? -g GROUP", options->group_only);
    for (size_t i = 0; i < options->name_count; i++)
        if (!group && options->names[i][0] == '^')
            fault_set(fault, STATUS_USAGE, "-t %s: a pattern needs a group: -g GROUP",
                      options->names[i]);
}

/* A file or /dev/null never says what it has got. */
static void check_output(const struct options *options, struct fault *fault)
{
    struct stat status;
    if (options->mode != OPTIONS_GROUP || options->group.written ||
        fstat(STDOUT_FILENO, &status) != 0)
        return;
    if (S_ISREG(status.st_mode) || (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)))
        fault_set(
            fault, STATUS_USAGE,
            "-g: standard output is a file, which never says what it has: ... | kout -o FILE, "
            "or say --commit written");
}

/* What the three modes share, and their defaults. */
static void settle(struct options *options, char **operands)
{
    static char dash[] = "-", *standard_input[] = {dash, NULL};
    struct group_options *group = &options->group;
    options->text.files = *operands == NULL ? standard_input : operands;
    options->text.broker_known = conf_known();
    options->topics.topics = group->topics = options->names;
    options->topics.topic_count = group->topic_count = options->name_count;
    options->topics.count = group->count = options->text.count;
    options->topics.commit_interval_ms = options->text.interval;
    options->topics.record_cap = group->record_cap = options->text.record_cap;
    options->topics.conf = group->conf = &options->conf;
    group->exit_at_end = options->topics.exit_at_end;
    group->interval_ms = options->text.interval;
    options->mode = group->group != NULL      ? OPTIONS_GROUP
                    : options->name_count > 0 ? OPTIONS_TOPICS
                                              : OPTIONS_TEXT;
}

int options_read(struct options *options, int argc, char **argv, struct fault *fault)
{
    *options = (struct options){.text = {.end = '\n', .record_cap = 128 << 20},
                                .group = {.sinks = 1, .ready_ms = 30000, .timeout_ms = 300000}};
    int key;
    while ((key = opt_next(&options_tool, argc, argv, fault)) >= 0 && fault->status == 0)
        take(options, key, fault);
    if (key == OPT_DONE)
        return OPT_DONE;
    if (key == OPT_END && fault->status == 0) {
        settle(options, argv + optind);
        check(options, argv[optind], fault);
        check_output(options, fault);
        if (fault->status == 0 && options->mode != OPTIONS_TEXT)
            conf_read(&options->conf, options->mode == OPTIONS_GROUP, fault);
    }
    if (fault->status == 0 && options->mode == OPTIONS_TEXT && argv[optind] == NULL &&
        isatty(STDIN_FILENO))
        fault_note(fault, "reading the terminal: end with Ctrl-D");
    return fault->status != 0 ? OPT_WRONG : 0;
}

void options_close(struct options *options)
{
    conf_close(&options->conf);
    free(options->names);
    options->names = NULL;
}
