#include "kgrep/selecting.h"

#include "kgrep/search.h"
#include "util/parse.h"
#include "util/sandbox.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEY_ON = OPT_LONG, KEY_INTO, KEY_COLOR, KEY_ON_ERROR, KEY_NO_SANDBOX };

static const char *const usage[] = {
    "[-EFGP] [-ivwx] [-c | -q | -o] [--into FIELD] [-m N] [-A N] [-B N] [-C N] "
    "[-k | -H NAME | --on FIELD] [--color WHEN] [--on-error WHAT] [--no-sandbox] PATTERN",
    "[OPTION ...] -e PATTERN | -f FILE ...", NULL};

static const struct opt opts[] = {
    {'E', "extended-regexp", NULL, "PATTERN is an extended regular expression (the default)"},
    {'F', "fixed-strings", NULL, "PATTERN is plain strings"},
    {'G', "basic-regexp", NULL, "PATTERN is a basic regular expression"},
    {'P', "perl-regexp", NULL, "PATTERN is one of Perl's regular expressions"},
    {'e', "regexp", "PATTERN", "one more pattern"},
    {'f', "file", "FILE", "the lines of FILE are patterns"},
    {'i', "ignore-case", NULL, "A is a (ASCII)"},
    {'v', "invert-match", NULL, "select what does not match"},
    {'w', "word-regexp", NULL, "only whole words"},
    {'x', "line-regexp", NULL, "only the whole field"},
    {'c', "count", NULL, "print the number of records, as text"},
    {'q', "quiet", NULL, "print nothing; the status tells"},
    {'o', "only-matching", NULL, "the value becomes what matched"},
    {KEY_INTO, "into", "FIELD", "-o: not the value but the key, or header:NAME"},
    {'m', "max-count", "N", "stop after N records"},
    {'A', "after-context", "N", "and the N records behind each, of its partition"},
    {'B', "before-context", "N", "and the N records in front of each, of its partition"},
    {'C', "context", "N", "-A N -B N"},
    {'k', "key", NULL, "look at the key"},
    {'H', "header", "NAME", "look at the headers of this name"},
    {KEY_ON, "on", "FIELD", "key, value, topic, partition, header:NAME or any"},
    {KEY_COLOR, "color", "WHEN", "what matched, on a terminal: auto, always or never"},
    {KEY_ON_ERROR, "on-error", "WHAT", "a search without an answer: fail, or skip the record"},
    {KEY_NO_SANDBOX, "no-sandbox", NULL, "may open and reach what you may"},
    {0}};

static const struct opt_hint hints[] = {
    {"-n", "records are numbered behind kout: kgrep PATTERN | kout | cat -n"},
    {"--line-number", "records are numbered behind kout: kgrep PATTERN | kout | cat -n"},
    {"-b", "a record has an offset: kcat-in and kout know it"},
    {"-l", "there are no files here: kgrep -q PATTERN tells by its status"},
    {"-L", "there are no files here: kgrep -q PATTERN tells by its status"},
    {"-r", "files are read in front: kcat-in FILE ... | kgrep PATTERN"},
    {"-R", "files are read in front: kcat-in FILE ... | kgrep PATTERN"},
    {"-z", "-0 belongs to kcat-in and kout"},
    {"--null-data", "-0 belongs to kcat-in and kout"},
    {"-h", "not needed: no file names are printed"},
    {"-s", "not needed: no files are opened"},
    {"-a", "not needed: every byte is data"},
    {"-y", "say -i"},
    {"--line-buffered", "not needed: output is flushed whenever the input is idle"},
    {"--silent", "say -q"},
    {"--colour", "say --color"},
    {NULL, NULL}};

static const char *version(void)
{
    static char text[192];
    snprintf(text, sizeof text, "%s; %s", search_library(), sandbox_state());
    return text;
}

const struct opt_tool selecting_tool = {"kgrep", usage, opts, hints, version};

static bool *flag(struct selecting *options, int key)
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
    case 'o':
        return &options->only;
    case KEY_NO_SANDBOX:
        return &options->no_sandbox;
    default:
        return NULL;
    }
}

static void choose_language(struct selecting *options, enum pattern_language language,
                            struct fault *fault)
{
    if (options->language_chosen && options->rules.language != language)
        fault_set(fault, STATUS_USAGE, "-E, -F, -G, -P: PATTERN is one of them");
    options->rules.language = language;
    options->language_chosen = true;
}

static void choose(struct selecting *options, struct field field, struct fault *fault)
{
    if (options->field_chosen)
        fault_set(fault, STATUS_USAGE, "-k, -H, --on: one field at a time: use two kgrep");
    options->field = field;
    options->field_chosen = true;
}

static void choose_word(struct selecting *options, struct fault *fault)
{
    struct field field;
    if (field_parse(optarg, &field))
        choose(options, field, fault);
    else
        opt_bad_argument(fault, "--on", optarg,
                         "want key, value, topic, partition, header:NAME or any");
}

static void choose_into(struct selecting *options, struct fault *fault)
{
    struct field *into = &options->into;
    if (!field_parse(optarg, into) ||
        (into->kind != FIELD_KEY && into->kind != FIELD_VALUE && into->kind != FIELD_HEADER))
        opt_bad_argument(fault, "--into", optarg, "want key, value or header:NAME");
    options->into_chosen = true;
}

static void choose_color(struct selecting *options, struct fault *fault)
{
    if (strcmp(optarg, "auto") == 0)
        options->color = COLOR_AUTO;
    else if (strcmp(optarg, "always") == 0)
        options->color = COLOR_ALWAYS;
    else if (strcmp(optarg, "never") == 0)
        options->color = COLOR_NEVER;
    else
        opt_bad_argument(fault, "--color", optarg, "want auto, always or never");
}

static void choose_on_error(struct selecting *options, struct fault *fault)
{
    options->skip = strcmp(optarg, "skip") == 0;
    if (!options->skip && strcmp(optarg, "fail") != 0)
        opt_bad_argument(fault, "--on-error", optarg, "want fail or skip");
}

static void read_number(const char *option, uint64_t *number, struct fault *fault)
{
    if (!parse_count(optarg, 0, number))
        opt_bad_argument(fault, option, optarg, "want a number of records");
}

/* What has an argument. */
static void take_word(struct selecting *options, int key, struct fault *fault)
{
    switch (key) {
    case 'e':
        given_add(&options->words, optarg);
        options->words.any = true;
        break;
    case 'f':
        if (fault->status == 0)
            given_read(&options->words, optarg, fault);
        options->words.any = true;
        break;
    case 'H':
        choose(options, (struct field){FIELD_HEADER, span_str(optarg)}, fault);
        break;
    case KEY_ON:
        choose_word(options, fault);
        break;
    case KEY_INTO:
        choose_into(options, fault);
        break;
    case KEY_COLOR:
        choose_color(options, fault);
        break;
    case KEY_ON_ERROR:
        choose_on_error(options, fault);
        break;
    }
}

static void take(struct selecting *options, int key, uint64_t *both, struct fault *fault)
{
    bool *set = flag(options, key);
    if (set != NULL)
        *set = true;
    switch (key) {
    case 'E':
        choose_language(options, PATTERN_EXTENDED, fault);
        break;
    case 'F':
        choose_language(options, PATTERN_FIXED, fault);
        break;
    case 'G':
        choose_language(options, PATTERN_BASIC, fault);
        break;
    case 'P':
        choose_language(options, PATTERN_PERL, fault);
        break;
    case 'm':
        read_number("-m", &options->most, fault);
        break;
    case 'A':
        read_number("-A", &options->after, fault);
        break;
    case 'B':
        read_number("-B", &options->before, fault);
        break;
    case 'C':
        read_number("-C", both, fault);
        break;
    case 'k':
        choose(options, (struct field){.kind = FIELD_KEY}, fault);
        break;
    default:
        take_word(options, key, fault);
    }
}

static bool paints(const struct selecting *options)
{
    const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
    bool automatic = options->color == COLOR_AUTO && (no == NULL || *no == '\0') &&
                     (term == NULL || strcmp(term, "dumb") != 0);
    return (automatic || options->color == COLOR_ALWAYS) && !options->invert &&
           isatty(STDOUT_FILENO);
}

/* What does not go together. */
static void check(const struct selecting *options, struct fault *fault)
{
    bool context = options->before > 0 || options->after > 0;
    if (options->into_chosen && !options->only)
        fault_set(fault, STATUS_USAGE,
                  "--into: says where -o puts what matched: kgrep -o --into ...");
    else if (options->only && options->invert)
        fault_set(fault, STATUS_USAGE, "-o, -v: where nothing matches there is nothing to keep");
    else if (options->only && context)
        fault_set(fault, STATUS_USAGE,
                  "-o, -A, -B, -C: where nothing matches there is nothing to keep");
}

static void take_operands(struct selecting *options, int count, char **operands,
                          struct fault *fault)
{
    int patterns = options->words.any ? 0 : 1;
    if (count < patterns)
        fault_set(fault, STATUS_USAGE, "PATTERN: is missing: kgrep PATTERN");
    else if (count > patterns)
        fault_set(fault, STATUS_USAGE, "%s: reads standard input: kgrep PATTERN < FILE",
                  operands[patterns]);
    else if (patterns == 1)
        given_add(&options->words, operands[0]);
    if (options->words.all.failed)
        fault_memory(fault);
}

int selecting_read(struct selecting *options, int argc, char **argv, struct fault *fault)
{
    uint64_t both = 0, unset = UINT64_MAX;
    *options = (struct selecting){.most = UINT64_MAX, .before = unset, .after = unset};
    int key;
    while ((key = opt_next(&selecting_tool, argc, argv, fault)) >= 0)
        take(options, key, &both, fault);
    if (key != OPT_END)
        return key;
    options->before = options->before == unset ? both : options->before;
    options->after = options->after == unset ? both : options->after;
    if (options->quiet && options->most > 1)
        options->most = 1;
    if (!selecting_frames(options))
        options->before = options->after = 0;
    options->paints = paints(options);
    options->rules.places = options->only || options->paints;
    check(options, fault);
    take_operands(options, argc - optind, argv + optind, fault);
    if (isatty(STDIN_FILENO))
        fault_set(
            fault, STATUS_USAGE,
            "standard input: is a terminal: records come from a pipe: kcat-in FILE | kgrep ...");
    return fault->status != 0 ? OPT_WRONG : key;
}
