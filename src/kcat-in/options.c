#include "kcat-in/options.h"

#include "kafka/client.h"
#include "util/clock.h"
#include "util/parse.h"

#include <getopt.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum {
    KEY_UNTIL = OPT_LONG,
    KEY_EACH,
    KEY_IDLE,
    KEY_INTERVAL,
    KEY_COUNT,
    KEY_COMMIT,
    KEY_SINKS,
    KEY_READY,
    KEY_TIMEOUT,
    KEY_RESET,
    KEY_RESTORE,
    KEY_MAX_RECORD,
    KEY_CHECKSUM,
    KEY_SUMMARY,
    KEY_NO_PROGRESS
};

static const char *const usage[] = {
    "[-0] [-D DELIM] [-K SEP] [--whole] [--key K] [--header N=V ...] [--null-empty]\n"
    "               [-n N] [--commit-interval D] [--max-record SIZE] [--checksum] [--summary]\n    "
    "           [FILE ...]",
    "-J [-n N] [--commit-interval D] [--max-record SIZE] [--checksum] [--summary]\n               "
    "[FILE ...]",
    "[-b BROKERS] [-F PROFILE] [-X K=V ...] -t TOPIC ... [-o FROM] [--until TO]\n"
    "               [-e] [-n N] [--per-partition N] [--idle D]\n"
    "               [--commit-interval D] [--max-record SIZE] [--checksum] [--summary]\n"
    "               [--no-progress]",
    "[-b BROKERS] [-F PROFILE] [-X K=V ...] -t TOPIC ... -g GROUP [-o FROM]\n"
    "               [-e] [-n N] [--per-partition N] [--idle D]\n"
    "               [--commit-interval D] [--commit-count N] [--commit written]\n"
    "               [--sinks N] [--ready-timeout D] [--timeout D]\n"
    "               [--on-reset WHAT] [--restore-timeout D] [--max-record SIZE]\n"
    "               [--checksum] [--summary] [--no-progress]",
    NULL};

static const struct opt opts[] = {
    {'0', "null", NULL, "text records end with NUL, not newline"},
    {'D', "delimiter", "DELIM", "text records end with DELIM, one or more bytes"},
    {'K', "key-separator", "SEP", "text: key before SEP, value after it"},
    {'J', "json", NULL, "a line is a JSON envelope: kjson(5), kcat -J"},
    {WORDS_WHOLE, "whole", NULL, "text: a file is a record"},
    {WORDS_KEY, "key", "K", "text: the key of records that have none"},
    {WORDS_HEADER, "header", "N=V", "text: a header for all, in this order; N: null"},
    {WORDS_NULL_EMPTY, "null-empty", NULL, "text: an empty key or value is null"},
    {'b', "brokers", "BROKERS", "HOST:PORT,...; else KPIPE_BROKERS or a profile's"},
    {'F', "profile", "PROFILE", "by name, or FILE with '/': kpipe.conf(5)"},
    {'X', "set", "K=V", "a property of librdkafka; secrets as K=@FILE"},
    {'t', "topic", "TOPIC", "this topic, TOPIC:0,2-5, or all that match ^REGEX"},
    {'g', "group", "GROUP", "as a member; commit what the far end has"},
    {'o', "offset", "FROM", "beginning (default), end, N, -N (last N), @TIME"},
    {KEY_UNTIL, "until", "TO", "stop at: end (as at the start), N, @TIME"},
    {'e', "exit-at-end", NULL, "--until end"},
    {'n', "count", "N", "stop after N records"},
    {KEY_EACH, "per-partition", "N", "stop after N records of each partition"},
    {KEY_IDLE, "idle", "D", "stop when nothing has come for D"},
    {KEY_INTERVAL, "commit-interval", "D", "a barrier every D (500ms, 5s, 1m)"},
    {KEY_COUNT, "commit-count", "N", "a barrier every N records"},
    {KEY_COMMIT, "commit", "written", "-g: commit what was written; no kout answers"},
    {KEY_SINKS, "sinks", "N", "-g: how many kouts there are (tee); 1"},
    {KEY_READY, "ready-timeout", "D", "-g: how long they may take to be ready; 30s"},
    {KEY_TIMEOUT, "timeout", "D", "-g -e: how long to wait for other members; 5m"},
    {KEY_RESET, "on-reset", "WHAT", "-g, offset gone: error, earliest or latest"},
    {KEY_RESTORE, "restore-timeout", "D", "-g: how long a task's state may take to come; 5m"},
    {KEY_MAX_RECORD, "max-record", "SIZE", "the longest record (128M)"},
    {KEY_CHECKSUM, "checksum", NULL, "a checksum in every record, for saved streams"},
    {KEY_SUMMARY, "summary", NULL, "records, bytes and time on standard error at the end"},
    {KEY_NO_PROGRESS, "no-progress", NULL, "a terminal is not told how far a bounded run is"},
    {0}};

static const struct opt_hint hints[] = {
    {"-C", "not needed: kcat-in always reads"},
    {"-G", "a consumer group is -g GROUP"},
    {"-P", "to write a topic: ... | kout -t TOPIC"},
    {"-p", "partitions are -t TOPIC:0,2-5"},
    {"-c", "a number of records is -n N"},
    {"-u", "not needed: output is flushed whenever the input is idle"},
    {"-Q", "to read from a time on: -o @TIME"},
    {"-Z", "null for empty is --null-empty; from topics they are kept apart"},
    {"-k", "a key for all is --key K"},
    {"-H", "a header for all is --header N=V"},
    {"-f", "a format belongs to the far end: ... | kout -f FORMAT"},
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

static void take_from(struct options *options, struct fault *fault)
{
    if (!range_parse(optarg, clock_wall_ms(), &options->group.from))
        bad(fault, "-o",
            "want beginning, end, N, -N (the last N) or @TIME (@-1h, @2026-11-22, @1700000000)");
    options->topics.parts.from = options->group.from;
}

static void take_until(struct options *options, struct fault *fault)
{
    struct range until;
    bool good = range_parse(optarg, clock_wall_ms(), &until);
    if (good && until.kind == RANGE_OFFSET)
        options->topics.parts.end = until.value;
    else if (good && until.kind == RANGE_TIME)
        options->topics.before = until.value;
    else if (!good || until.kind != RANGE_END)
        bad(fault, "--until", "want end, N or @TIME (@-1h, @2026-11-22, @1700000000)");
    if (until.kind != RANGE_OFFSET)
        options->topics.parts.bounded = true;
}

/* What only topics have. */
static void take_topics(struct options *options, int key, struct fault *fault)
{
    static const char *const names[] = {"--until", "--per-partition", "--idle"};
    static const char *const letters[] = {"-e", "-o"};
    options->topics_only = key >= OPT_LONG ? names[key - KEY_UNTIL] : letters[key == 'o'];
    switch (key) {
    case 'e':
        options->topics.parts.bounded = true;
        break;
    case 'o':
        take_from(options, fault);
        break;
    case KEY_UNTIL:
        take_until(options, fault);
        break;
    case KEY_EACH:
        take_count(&options->topics.parts.most, "--per-partition", fault);
        break;
    case KEY_IDLE:
        take_duration(&options->topics.idle_ms, "--idle", fault);
        break;
    }
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
    case KEY_RESTORE:
        take_duration(&group->restore_ms, "--restore-timeout", fault);
        break;
    }
}

static void take(struct options *options, int key, struct fault *fault)
{
    if (words_take(&options->words, key, fault))
        return;
    switch (key) {
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
        wanted_add(&options->wanted, optarg, fault);
        break;
    case 'e':
    case 'o':
    case KEY_UNTIL:
    case KEY_EACH:
    case KEY_IDLE:
        take_topics(options, key, fault);
        break;
    case 'n':
        take_count(&options->text.count, "-n", fault);
        break;
    case KEY_INTERVAL:
        take_duration(&options->text.interval, "--commit-interval", fault);
        break;
    case KEY_SUMMARY:
        options->summary = true;
        break;
    case KEY_NO_PROGRESS:
        options->topics.progress = false;
        options->topics_only = "--no-progress";
        break;
    case KEY_CHECKSUM:
        options->checksum = true;
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
    bool topics = options->wanted.count > 0, group = options->group.group != NULL;
    if (!topics && (options->topics_only != NULL || group))
        fault_set(fault, STATUS_USAGE, "which topic? -t TOPIC");
    else if (topics && options->words.first != NULL)
        fault_set(fault, STATUS_USAGE, "%s: is for text, and -t reads topics: leave it out",
                  options->words.first);
    else if (topics && operand != NULL)
        fault_set(fault, STATUS_USAGE, "%s: a topic or files, not both", operand);
    else if (options->group_only != NULL && !group)
        fault_set(fault, STATUS_USAGE, "%s: which group? -g GROUP", options->group_only);
    else if (group && wanted_some(&options->wanted))
        fault_set(fault, STATUS_USAGE,
                  "-t TOPIC:PARTITIONS: a group shares out all of them: leave them out, or -g");
    else if (group && (options->topics.before < INT64_MAX || options->topics.parts.end < INT64_MAX))
        fault_set(fault, STATUS_USAGE,
                  "--until: what a group leaves out it never reads: --until end, or without -g");
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
    options->topics.parts.wanted = group->wanted = &options->wanted;
    options->topics.count = group->count = options->text.count;
    options->topics.commit_interval_ms = options->text.interval;
    options->topics.record_cap = group->record_cap = options->text.record_cap;
    options->topics.conf = group->conf = &options->conf;
    group->exit_at_end = options->topics.parts.bounded;
    group->most = options->topics.parts.most;
    group->idle_ms = options->topics.idle_ms;
    group->interval_ms = options->text.interval;
    group->progress = options->topics.progress;
    options->mode = group->group != NULL        ? OPTIONS_GROUP
                    : options->wanted.count > 0 ? OPTIONS_TOPICS
                                                : OPTIONS_TEXT;
}

int options_read(struct options *options, int argc, char **argv, struct fault *fault)
{
    *options = (struct options){
        .text = {.record_cap = 128 << 20},
        .topics = {.parts = {.end = INT64_MAX}, .before = INT64_MAX, .progress = true},
        .group = {.sinks = 1, .ready_ms = 30000, .timeout_ms = 300000, .restore_ms = 300000}};
    words_open(&options->words, &options->text);
    int key;
    while ((key = opt_next(&options_tool, argc, argv, fault)) >= 0 && fault->status == 0)
        take(options, key, fault);
    if (key == OPT_DONE)
        return OPT_DONE;
    if (key == OPT_END && fault->status == 0) {
        settle(options, argv + optind);
        words_check(&options->words, fault);
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
    words_close(&options->words);
    wanted_close(&options->wanted);
}
