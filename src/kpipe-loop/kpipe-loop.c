/* kpipe-loop: runs a pipeline again while what ended it may pass. */
#include "kpipe-loop/again.h"
#include "kpipe-loop/run.h"
#include "util/opt.h"
#include "util/parse.h"
#include "util/sig.h"
#include "util/start.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>

enum { KEY_WAIT = OPT_LONG, KEY_TRIES };

static const char *const usage[] = {"[--max-wait D] [--tries N] PIPELINE", NULL};

static const struct opt opts[] = {
    {KEY_WAIT, "max-wait", "D", "the longest wait before a run (30s)"},
    {KEY_TRIES, "tries", "N", "runs without one ack that are enough (3)"},
    {0}};

static const struct opt_hint hints[] = {{"-c", "not needed: the pipeline is the operand"},
                                        {"-n", "not there: --tries N"},
                                        {NULL, NULL}};

static const struct opt_tool tool = {"kpipe-loop", usage, opts, hints, NULL};

static void take(struct again *again, int key, struct fault *fault)
{
    if (key == KEY_WAIT &&
        (!parse_duration(optarg, &again->most_wait_ms) || again->most_wait_ms == 0))
        opt_bad_argument(fault, "--max-wait", optarg, "want a time like 500ms, 5s, 1m");
    if (key == KEY_TRIES && !parse_count(optarg, 1, &again->tries))
        opt_bad_argument(fault, "--tries", optarg, "want a number, 1 or more");
}

static int options_read(struct again *again, int argc, char **argv, struct fault *fault)
{
    int key;
    while ((key = opt_next(&tool, argc, argv, fault)) >= 0 && fault->status == 0)
        take(again, key, fault);
    if (key == OPT_END && optind + 1 != argc)
        fault_set(fault, STATUS_USAGE, "%s",
                  optind == argc ? "PIPELINE: is missing: kpipe-loop 'kcat-in ... | kout ...'"
                                 : "one PIPELINE is wanted: quote it: 'kcat-in ... | kout ...'");
    return fault->status != 0 ? OPT_WRONG : key;
}

/* The pipeline has told why it ended; here is only what follows from that. */
static void tell(const struct again *again, enum again_verdict verdict, int status, uint64_t runs,
                 const struct fault *fault)
{
    if (verdict == AGAIN_RUN)
        fault_note(fault, "run %" PRIu64 ": ended with %d: again in %" PRId64 " ms", runs, status,
                   again->wait_ms);
    else if (verdict == AGAIN_FRUITLESS)
        fault_note(fault,
                   "run %" PRIu64 ": ended with %d: given up: %" PRIu64
                   " runs without one ack: see what the pipeline said",
                   runs, status, again->fruitless);
}

static void end_with(int status, struct fault *fault)
{
    if (status == 0)
        return;
    fault_set(fault, status, "the pipeline's own");
    fault->quiet = true;
}

static void loop(struct again *again, const char *pipeline, struct fault *fault)
{
    struct run run;
    enum again_verdict verdict = AGAIN_RUN;
    if (!run_open(&run, pipeline, fault))
        return;
    for (uint64_t runs = 1; verdict == AGAIN_RUN; runs++) {
        int status = run_once(&run);
        if (status < 0)
            return;
        verdict = run.asked != 0 ? AGAIN_END : again_after(again, status, run.acked, run.lasted_ms);
        tell(again, verdict, status, runs, fault);
        if (verdict != AGAIN_RUN)
            end_with(status, fault);
        else if (!run_rest(again->wait_ms))
            break;
    }
    if (sig_caught() != 0 || run.asked == SIGINT)
        fault_signal(fault, sig_caught() != 0 ? sig_caught() : SIGINT);
}

int main(int argc, char **argv)
{
    struct fault fault;
    struct again again;
    start(&fault, tool.name);
    again_open(&again, AGAIN_MOST_WAIT_MS, AGAIN_TRIES);
    int got = options_read(&again, argc, argv, &fault);

    if (got == OPT_WRONG)
        opt_tell(&tool, &fault);
    else if (got == OPT_END)
        loop(&again, argv[optind], &fault);

    fault_tell(&fault);
    return finish(&fault);
}
