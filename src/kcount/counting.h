/* kcount/counting: what is counted, and how: its command line. */
#ifndef KPIPE_KCOUNT_COUNTING_H
#define KPIPE_KCOUNT_COUNTING_H

#include "stream/field.h"
#include "util/opt.h"

extern const struct opt_tool counting_tool;

struct counting {
    struct field by;
    const char *by_word; /* as it was typed */
    const char *store;   /* or NULL */
    bool all, be64, kept_nowhere, no_sandbox;
    uint64_t max_keys, max_memory; /* 0: no limit */
};

/* Reads the command line. 0: *counting is ready; else OPT_DONE or OPT_WRONG (the fault is set). */
int counting_read(struct counting *counting, int argc, char **argv, struct fault *fault);

#endif
