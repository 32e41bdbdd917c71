#include "kcount/counting.h"

#include "util/parse.h"
#include "util/sandbox.h"

#include <getopt.h>
#include <unistd.h>

enum {
    KEY_BY = OPT_LONG,
    KEY_AS,
    KEY_STORE,
    KEY_VOLATILE,
    KEY_MAX_KEYS,
    KEY_MAX_MEMORY,
    KEY_NO_SANDBOX
};

static const char *const usage[] = {
    "[--by FIELD] [--as FORM] [--store NAME | --volatile] [--max-keys N] [--max-memory SIZE] "
    "[--no-sandbox]",
    NULL};

static const struct opt opts[] = {
    {KEY_BY, "by", "FIELD", "key, value, topic, partition, header:NAME, all; key"},
    {KEY_AS, "as", "FORM", "counts as text or be64, 8 bytes; text"},
    {KEY_STORE, "store", "NAME", "behind kcat-in -g: keep the counts, by kout -x"},
    {KEY_VOLATILE, "volatile", NULL, "behind kcat-in -g: counts that a rebalance drops"},
    {KEY_MAX_KEYS, "max-keys", "N", "end with 71 where there are more keys"},
    {KEY_MAX_MEMORY, "max-memory", "SIZE", "end with 71 where counts take more memory"},
    {KEY_NO_SANDBOX, "no-sandbox", NULL, "may open and reach what you may"},
    {0}};

static const struct opt_hint hints[] = {{"-c", "not needed: the count is the record's value"},
                                        {"-k", "to count by key: --by key"},
                                        {"-H", "to count by a header: --by header:NAME"},
                                        {"--on", "to choose what is counted: --by FIELD"},
                                        {NULL, NULL}};

const struct opt_tool counting_tool = {"kcount", usage, opts, hints, sandbox_state};

static void take(struct counting *counting, int key, struct fault *fault)
{
    switch (key) {
    case KEY_BY:
        counting->by_word = optarg;
        counting->all = strcmp(optarg, "all") == 0;
        if (!counting->all &&
            (!field_parse(optarg, &counting->by) || counting->by.kind == FIELD_ANY))
            opt_bad_argument(fault, "--by", optarg,
                             "want key, value, topic, partition, header:NAME or all");
        break;
    case KEY_AS:
        counting->be64 = strcmp(optarg, "be64") == 0;
        if (!counting->be64 && strcmp(optarg, "text") != 0)
            opt_bad_argument(fault, "--as", optarg, "want text or be64");
        break;
    case KEY_STORE:
        counting->store = optarg;
        if (!frame_store_name(span_str(optarg)))
            opt_bad_argument(fault, "--store", optarg, "want 1 to 64 of A-Z a-z 0-9 _");
        break;
    case KEY_VOLATILE:
        counting->kept_nowhere = true;
        break;
    case KEY_NO_SANDBOX:
        counting->no_sandbox = true;
        break;
    case KEY_MAX_KEYS:
        if (!parse_count(optarg, 1, &counting->max_keys))
            opt_bad_argument(fault, "--max-keys", optarg, "want a number, 1 or more");
        break;
    case KEY_MAX_MEMORY:
        if (!parse_size(optarg, &counting->max_memory) || counting->max_memory < 1 << 20)
            opt_bad_argument(fault, "--max-memory", optarg, "want a size like 64M, 1M or more");
        break;
    }
}

int counting_read(struct counting *counting, int argc, char **argv, struct fault *fault)
{
    int key;
    *counting = (struct counting){.by = {.kind = FIELD_KEY}, .by_word = "key"};
    while ((key = opt_next(&counting_tool, argc, argv, fault)) >= 0)
        take(counting, key, fault);
    if (key == OPT_DONE)
        return key;
    if (optind < argc)
        fault_set(fault, STATUS_USAGE, "%s: reads standard input: kcount < FILE", argv[optind]);
    else if (counting->store != NULL && counting->kept_nowhere)
        fault_set(fault, STATUS_USAGE, "--volatile: keeps nothing: leave it out, or --store");
    else if (isatty(STDIN_FILENO))
        fault_set(fault, STATUS_USAGE,
                  "standard input: is a terminal: records come from a pipe: kcat-in FILE | kcount");
    return fault->status != 0 ? OPT_WRONG : 0;
}
