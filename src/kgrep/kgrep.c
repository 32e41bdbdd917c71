/* kgrep: select records. */
#include "kgrep/match.h"
#include "kgrep/pattern.h"
#include "stream/field.h"
#include "stream/stage.h"
#include "text/terminal.h"
#include "util/opt.h"
#include "util/parse.h"
#include "util/start.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { KEY_ON = OPT_LONG };

static const char *const usage[] = {
    "[-EF] [-ivwx] [-c | -q] [-m N] [-k | -H NAME | --on FIELD] PATTERN", NULL};

static const struct opt opts[] = {
    {'E', "extended-regexp", NULL, "PATTERN is an extended regular expression (the default)"},
    {'F', "fixed-strings", NULL, "PATTERN is plain strings"},
    {'i', "ignore-case", NULL, "A is a (ASCII)"},
    {'v', "invert-match", NULL, "select what does not match"},
    {'w', "word-regexp", NULL, "only whole words"},
    {'x', "line-regexp", NULL, "only the whole field"},
    {'c', "count", NULL, "print the number of records, as text"},
    {'q', "quiet", NULL, "print nothing; the status tells"},
    {'m', "max-count", "N", "stop after N records"},
    {'k', "key", NULL, "look at the key"},
    {'H', "header", "NAME", "look at the headers of this name"},
    {KEY_ON, "on", "FIELD", "key, value, topic, partition, header:NAME or any"},
    {0}};

static const struct opt_hint hints[] = {
    {"-e", "not there yet: several patterns are lines of one; with a - in front: kgrep -- -x"},
    {"-f", "not there yet: kgrep \"$(cat FILE)\""},
    {"-o", "not there yet: records are selected whole"},
    {"-P", "not there yet: patterns are those of grep -E"},
    {"-G", "not there yet: patterns are those of grep -E"},
    {"-A", "not there yet: context"},
    {"-B", "not there yet: context"},
    {"-C", "not there yet: context"},
    {"-n", "records are numbered behind kout: kgrep PATTERN | kout | cat -n"},
    {"--line-number", "records are numbered behind kout: kgrep PATTERN | kout | cat -n"},
    {"-l", "there are no files here: kgrep -q PATTERN tells by its status"},
    {"-L", "there are no files here: kgrep -q PATTERN tells by its status"},
    {"-r", "files are read in front: kcat-in FILE ... | kgrep PATTERN"},
    {"-R", "files are read in front: kcat-in FILE ... | kgrep PATTERN"},
    {"-z", "-0 belongs to kcat-in and kout"},
    {"--null-data", "-0 belongs to kcat-in and kout"},
    {"-h", "not needed: no file names are printed"},
    {"-s", "not needed: no files are opened"},
    {"-a", "not needed: every byte is data"},
    {"--line-buffered", "not needed: output is flushed whenever the input is idle"},
    {"--silent", "say -q"},
    {NULL, NULL}};

static const struct opt_tool tool = {"kgrep", usage, opts, hints, search_library};

struct options {
    struct pattern_rules rules;
    struct field field;
    bool field_chosen;
    int language; /* E or F where it was given */
    const char *words;
    uint64_t most;
    bool invert, count, quiet;
};

static bool *flag(struct options *options, int key)
{
    switch (key) {
    case 'i':
        return &options->rules.ignore_case;
    case 'w':
        return &options->rules.word;
    case 'x':
        return &options->rules.line;
    case 'v':
        return &options->invert;
    case 'c':
        return &options->count;
    case 'q':
        return &options->quiet;
    default:
        return NULL;
    }
}

static void choose_language(struct options *options, int key, struct fault *fault)
{
    if (options->language != 0 && options->language != key)
        fault_set(fault, STATUS_USAGE, "-E, -F: PATTERN is one or the other");
    options->language = key;
    options->rules.fixed = key == 'F';
}

static void choose(struct options *options, struct field field, struct fault *fault)
{
    if (options->field_chosen)
        fault_set(fault, STATUS_USAGE, "-k, -H, --on: one field at a time: use two kgrep");
    options->field = field;
    options->field_chosen = true;
}

static void choose_word(struct options *options, struct fault *fault)
{
    struct field field;
    if (field_parse(optarg, &field))
        choose(options, field, fault);
    else
        opt_bad_argument(fault, "--on", optarg,
                         "want key, value, topic, partition, header:NAME or any");
}

static void take(struct options *options, int key, struct fault *fault)
{
    bool *set = flag(options, key);
    if (set != NULL)
        *set = true;
    switch (key) {
    case 'E':
    case 'F':
        choose_language(options, key, fault);
        break;
    case 'm':
        if (!parse_count(optarg, 0, &options->most))
            opt_bad_argument(fault, "-m", optarg, "want a number of records");
        break;
    case 'k':
        choose(options, (struct field){.kind = FIELD_KEY}, fault);
        break;
    case 'H':
        choose(options, (struct field){FIELD_HEADER, span_str(optarg)}, fault);
        break;
    case KEY_ON:
        choose_word(options, fault);
        break;
    }
}

static int options_read(struct options *options, int argc, char **argv, struct fault *fault)
{
    *options = (struct options){.most = UINT64_MAX};
    int key;
    while ((key = opt_next(&tool, argc, argv, fault)) >= 0)
        take(options, key, fault);
    if (key != OPT_END)
        return key;
    options->words = argv[optind];
    if (options->quiet && options->most > 1)
        options->most = 1;
    if (argc == optind)
        fault_set(fault, STATUS_USAGE, "PATTERN: is missing: kgrep PATTERN");
    else if (argc > optind + 1)
        fault_set(fault, STATUS_USAGE, "%s: reads standard input: kgrep PATTERN < FILE",
                  argv[optind + 1]);
    else if (isatty(STDIN_FILENO))
        fault_set(
            fault, STATUS_USAGE,
            "standard input: is a terminal: records come from a pipe: kcat-in FILE | kgrep ...");
    return fault->status != 0 ? OPT_WRONG : key;
}

/* PATTERN as it will be matched. False: the fault is set. */
static bool ready(const struct options *options, struct pattern *pattern, struct match *match,
                  struct fault *fault)
{
    const char *why;
    switch (pattern_read(pattern, options->words, &options->rules, &why)) {
    case PATTERN_MEMORY:
        fault_memory(fault);
        return false;
    case PATTERN_WRONG:
        fault_set(fault, STATUS_USAGE, "%.200s: %s: to take it as it stands: -F", options->words,
                  why);
        return false;
    case PATTERN_OK:
        break;
    }
    if (pattern->stray != '\0')
        fault_note(fault, "%.200s: stray \\ before %c: matches %c itself", options->words,
                   pattern->stray, pattern->stray);
    return match_open(match, pattern, &options->rules, fault);
}

/* The value is taken without a walk: that is a quarter of the instructions of a plain search. */
static enum match_result look(const struct options *options, struct match *match,
                              const struct stage *stage, const struct frame *frame)
{
    struct field_walk walk;
    struct span bytes;
    if (options->field.kind == FIELD_VALUE)
        return frame->value.at == NULL ? MATCH_NO : match_find(match, frame->value);
    field_start(&walk, frame);
    while (field_next(&options->field, &stage->reader, frame, &walk, &bytes)) {
        enum match_result got = match_find(match, bytes);
        if (got != MATCH_NO)
            return got;
    }
    return MATCH_NO;
}

/* Whether a record is selected; false too where that cannot be known: the fault is set. */
static bool selects(const struct options *options, struct match *match, const struct stage *stage,
                    const struct frame *frame)
{
    char place[PLACE_MOST];
    switch (look(options, match, stage, frame)) {
    case MATCH_NO:
        return options->invert;
    case MATCH_YES:
        return !options->invert;
    case MATCH_GAVE_UP:
        fault_set(stage->fault, STATUS_DATA, "%s: cannot be decided: %s: simplify PATTERN",
                  reader_place(&stage->reader, frame, place), search_why(match->search));
    }
    return false;
}

/* Returns how many records were selected. A committing stream is read to its end: what is left out
 * is done with too, and the far end must see the barriers behind it. */
static uint64_t run(const struct options *options, struct match *match, struct stage *stage)
{
    struct frame frame;
    uint64_t count = 0;
    enum stage_result got;
    while ((got = stage_next(stage, &frame)) != STAGE_DONE) {
        if (got != STAGE_RECORD)
            continue;
        if (count < options->most && selects(options, match, stage, &frame)) {
            count++;
            if (!stage->mute)
                writer_pass(&stage->writer, &frame);
        }
        if (stage->fault->status != 0)
            break;
        if (count == options->most && !stage->reader.committing) {
            stage_cut(stage);
            break;
        }
    }
    return count;
}

static void print_count(struct stage *stage, uint64_t count)
{
    char line[24];
    int size = snprintf(line, sizeof line, "%" PRIu64 "\n", count);
    out_put(&stage->writer.out, line, (size_t)size);
}

/* From standard input to standard output. Returns whether the status tells "nothing selected": in a
 * committing stream that is no failure of the line. */
static bool filter(const struct options *options, struct match *match, struct fault *fault)
{
    struct stage stage;
    uint64_t count = 0;
    if (stage_open(&stage, options->count || options->quiet, fault))
        count = run(options, match, &stage);
    if (options->count && !options->quiet && fault->status == 0)
        print_count(&stage, count);
    stage_close(&stage);
    return count == 0 && !stage.reader.committing;
}

int main(int argc, char **argv)
{
    struct fault fault;
    struct terminal terminal = {0};
    struct options options;
    struct pattern pattern = {0};
    struct match match = {0};
    bool none = true;
    start(&fault, tool.name);
    int got = options_read(&options, argc, argv, &fault);
    if (got == OPT_DONE)
        return finish(&fault);

    bool frames = !options.count && !options.quiet;
    if (got == OPT_END && ready(&options, &pattern, &match, &fault) &&
        (!frames || terminal_start(&terminal, &fault))) {
        none = filter(&options, &match, &fault);
        terminal_finish(&terminal, &fault);
    } else {
        opt_tell(&tool, &fault);
        if (frames)
            stage_refuse(&fault);
        fault_tell(&fault);
    }

    match_close(&match);
    pattern_free(&pattern);
    int status = finish(&fault);
    return status == STATUS_OK && none ? STATUS_NONE : status;
}
