/* kpipe-adm: looks at topics, groups and stores, and moves what a group has committed or kept. */
#include "kpipe-adm/adm.h"
#include "stream/frame.h"
#include "util/clock.h"
#include "util/opt.h"
#include "util/sig.h"
#include "util/start.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_JSON = OPT_LONG, KEY_NAMES, KEY_YES, KEY_STORE, KEY_DIFF, KEY_FROM };

#define EDGE "[-b BROKERS] [-F PROFILE] [-X K=V ...]"
static const char *const usage[] = {EDGE " [--json | --names] topics [TOPIC ...]",
                                    EDGE " [--json | --names] groups",
                                    EDGE " [--json] -g GROUP lag [TOPIC ...]",
                                    EDGE " [--json] [-t TOPIC ...] [--yes] -g GROUP\n"
                                         "                 reset TO",
                                    EDGE " [--json] [--diff OTHER] -g GROUP\n"
                                         "                 --store NAME state",
                                    EDGE " [--json] [--yes] -g GROUP\n"
                                         "                 --store NAME --from OTHER state",
                                    NULL};

static const struct opt opts[] = {
    {'b', "brokers", "BROKERS", "HOST:PORT,...; else KPIPE_BROKERS or a profile's"},
    {'F', "profile", "PROFILE", "by name, or FILE with '/': kpipe.conf(5)"},
    {'X', "set", "K=V", "a property of librdkafka; secrets as K=@FILE"},
    {'g', "group", "GROUP", "the consumer group"},
    {'t', "topic", "TOPIC", "reset: of this topic only; repeatable"},
    {KEY_JSON, "json", NULL, "an object a line, not a table"},
    {KEY_NAMES, "names", NULL, "the names alone, one a line"},
    {KEY_YES, "yes", NULL, "reset, state: do it, do not only show it"},
    {KEY_STORE, "store", "NAME", "state: the store, as kcount has it"},
    {KEY_DIFF, "diff", "OTHER", "state: what GROUP[:STORE] has not the same"},
    {KEY_FROM, "from", "OTHER", "state: begin where GROUP[:STORE] is"},
    {0}};

#define LAST "the last N: kpipe-adm ... reset -- -N"
static const struct opt_hint hints[] = {{"-L", "not needed: kpipe-adm topics"},
                                        {"-Q", "not there: kpipe-adm topics has the ends"},
                                        {"-o", "reset takes it as its operand"},
                                        {"-1", LAST},
                                        {"-2", LAST},
                                        {"-3", LAST},
                                        {"-4", LAST},
                                        {"-5", LAST},
                                        {"-6", LAST},
                                        {"-7", LAST},
                                        {"-8", LAST},
                                        {"-9", LAST},
                                        {NULL, NULL}};

static const struct opt_tool tool = {"kpipe-adm", usage, opts, hints, client_libraries};

struct command {
    const char *name;
    bool (*run)(struct adm *);
    const char *isolation; /* which end of a partition is meant: KIP-98 */
    bool group;            /* wants -g */
    bool names;            /* knows --names */
    bool reset;            /* knows -t, --yes, and wants TO */
    bool state;            /* knows --store, which it wants, --diff and --from */
    size_t operands;       /* at most */
};

/* A reset goes at most where a read_committed reader may begin without missing a record that an
 * open transaction holds back; what is told is what Kafka's own tools tell. */
static const struct command commands[] = {
    {"topics", adm_topics, "read_uncommitted", .names = true, .operands = SIZE_MAX},
    {"groups", adm_groups, "read_uncommitted", .names = true},
    {"lag", adm_lag, "read_uncommitted", .group = true, .operands = SIZE_MAX},
    {"reset", adm_reset, "read_committed", .group = true, .reset = true, .operands = 1},
    {"state", adm_state, "read_uncommitted", .group = true, .state = true},
    {0}};

/* GROUP or GROUP:STORE. */
static char *store_word(struct adm *adm, const char *option)
{
    const char *colon = strrchr(optarg, ':');
    if (*optarg == '\0' || colon == optarg ||
        (colon != NULL && !frame_store_name(span_str(colon + 1))))
        opt_bad_argument(adm->fault, option, optarg, "want GROUP or GROUP:STORE");
    return optarg;
}

static void take(struct adm *adm, int key)
{
    switch (key) {
    case 'b':
        adm->conf.brokers = optarg;
        break;
    case 'F':
        adm->conf.profile = optarg;
        break;
    case 'X':
        conf_set(&adm->conf, optarg, adm->fault);
        break;
    case 'g':
        adm->group = optarg;
        if (*optarg == '\0')
            opt_bad_argument(adm->fault, "-g", optarg, "want the group's name");
        break;
    case 't':
        adm->names[adm->name_count++] = optarg;
        break;
    case KEY_JSON:
        adm->json = true;
        break;
    case KEY_NAMES:
        adm->only_names = true;
        break;
    case KEY_YES:
        adm->yes = true;
        break;
    case KEY_STORE:
        adm->store = optarg;
        if (!frame_store_name(span_str(optarg)))
            opt_bad_argument(adm->fault, "--store", optarg, "want 1 to 64 of A-Z a-z 0-9 _");
        break;
    case KEY_DIFF:
        adm->diff = store_word(adm, "--diff");
        break;
    case KEY_FROM:
        adm->from = store_word(adm, "--from");
        break;
    }
}

static const struct command *find_command(const char *word, struct fault *fault)
{
    for (const struct command *command = commands; command->name != NULL; command++)
        if (word != NULL && strcmp(word, command->name) == 0)
            return command;
    if (word == NULL)
        fault_set(fault, STATUS_USAGE, "which command? topics, groups, lag, reset or state");
    else
        fault_set(fault, STATUS_USAGE, "%s: no such command: topics, groups, lag, reset or state",
                  word);
    return NULL;
}

/* The command and its operands. */
static void take_operands(struct adm *adm, const struct command *command, char **words,
                          size_t count)
{
    struct fault *fault = adm->fault;
    if (command->group && adm->group == NULL)
        fault_set(fault, STATUS_USAGE, "%s: which group? -g GROUP", command->name);
    else if (!command->group && adm->group != NULL)
        fault_set(fault, STATUS_USAGE, "-g: is for lag, reset and state: leave it out");
    else if (!command->names && adm->only_names)
        fault_set(fault, STATUS_USAGE, "--names: is for topics and groups: leave it out");
    else if (!command->reset && adm->name_count > 0)
        fault_set(fault, STATUS_USAGE, "-t: is for reset: leave it out");
    else if (!command->state && (adm->store != NULL || adm->diff != NULL || adm->from != NULL))
        fault_set(fault, STATUS_USAGE, "--store, --diff, --from: are for state: leave them out");
    else if (adm->yes && !command->reset && adm->from == NULL)
        fault_set(fault, STATUS_USAGE, "--yes: is for reset and state --from: leave it out");
    else if (command->state && adm->store == NULL)
        fault_set(fault, STATUS_USAGE, "state: which store? --store NAME");
    else if (adm->diff != NULL && adm->from != NULL)
        fault_set(fault, STATUS_USAGE, "--diff: compares, --from: writes: leave one out");
    else if (command->reset && count == 0)
        fault_set(fault, STATUS_USAGE, "reset: where to? beginning, end, N, -- -N or @TIME");
    else if (count > command->operands)
        fault_set(fault, STATUS_USAGE, "%s: is one word too many", words[command->operands]);
    else if (command->reset && !range_parse(words[0], clock_wall_ms(), &adm->to))
        opt_bad_argument(fault, "reset", words[0], "want beginning, end, N, -N or @TIME");
    for (size_t i = 0; i < count && !command->reset; i++)
        adm->names[adm->name_count++] = words[i];
}

static int options_read(struct adm *adm, const struct command **command, int argc, char **argv)
{
    int key;
    adm->names = calloc((size_t)argc, sizeof *adm->names);
    if (adm->names == NULL) {
        fault_memory(adm->fault);
        return OPT_WRONG;
    }
    while ((key = opt_next(&tool, argc, argv, adm->fault)) >= 0 && adm->fault->status == 0)
        take(adm, key);
    if (key == OPT_DONE)
        return key;
    if (adm->fault->status == 0)
        *command = find_command(argv[optind], adm->fault);
    if (*command != NULL)
        take_operands(adm, *command, argv + optind + 1, (size_t)(argc - optind - 1));
    if (adm->fault->status == 0)
        conf_read(&adm->conf, false, adm->fault);
    return adm->fault->status != 0 ? OPT_WRONG : OPT_END;
}

static bool open_client(struct adm *adm, const struct command *command)
{
    const struct client_property properties[] = {
        {"isolation.level", command->isolation, CLIENT_PROMISE},
        {"enable.auto.commit", "false", CLIENT_PROMISE},
        {"group.id", adm->group == NULL ? "kpipe-adm" : adm->group, CLIENT_PROMISE},
        {NULL, NULL, CLIENT_DEFAULT}};
    const struct client_options client = {
        .conf = &adm->conf, .type = RD_KAFKA_CONSUMER, .properties = properties};
    return client_open(&adm->client, &client, adm->fault);
}

static void print(const struct adm *adm)
{
    if (adm->listing.failed)
        fault_memory(adm->fault);
    else if (adm->only_names)
        listing_names(&adm->listing, stdout);
    else if (adm->json)
        listing_json(&adm->listing, stdout);
    else
        listing_print(&adm->listing, stdout);
    if (fflush(stdout) == 0)
        return;
    if (errno == EPIPE && !sig_was_ignored(SIGPIPE))
        fault_signal(adm->fault, SIGPIPE);
    fault_set(adm->fault, STATUS_IO, "standard output: cannot write: %s", strerror(errno));
}

static void run(struct adm *adm, const struct command *command)
{
    if (!open_client(adm, command))
        return;
    if (command->run(adm))
        print(adm);
    client_close(&adm->client);
}

int main(int argc, char **argv)
{
    struct fault fault;
    struct adm adm = {.fault = &fault};
    const struct command *command = NULL;
    start(&fault, tool.name);
    int got = options_read(&adm, &command, argc, argv);

    if (got == OPT_WRONG)
        opt_tell(&tool, &fault);
    else if (got == OPT_DONE)
        fault_tell(&fault);
    else if (command != NULL)
        run(&adm, command);

    listing_close(&adm.listing);
    conf_close(&adm.conf);
    free(adm.names);
    fault_tell(&fault);
    int status = finish(&fault);
    return status == STATUS_OK && adm.differs ? STATUS_NONE : status;
}
