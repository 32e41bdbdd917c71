/* kgrep/selecting: kgrep's command line. */
#ifndef KPIPE_KGREP_SELECTING_H
#define KPIPE_KGREP_SELECTING_H

#include "kgrep/given.h"
#include "kgrep/pattern.h"
#include "stream/field.h"
#include "util/opt.h"

struct selecting {
    struct pattern_rules rules;
    struct given words;
    struct field field, into; /* what is looked at; where -o puts what matched */
    uint64_t most;            /* -m; UINT64_MAX: all */
    uint64_t before, after;   /* -A -B -C */
    bool paints;              /* standard output is a terminal, and what matched is in colour */
    bool invert, count, quiet, only;
    bool skip; /* --on-error skip: a record that cannot be decided is told and left out */
    bool no_sandbox;

    bool field_chosen, into_chosen, language_chosen;
    enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color;
};

extern const struct opt_tool selecting_tool;

/* Reads the command line, -f's files too: OPT_END, OPT_DONE or OPT_WRONG, as opt_next(). Whatever
 * comes, given_close(&options->words) is due. */
int selecting_read(struct selecting *options, int argc, char **argv, struct fault *fault);

/* Whether frames are written, not text. */
static inline bool selecting_frames(const struct selecting *options)
{
    return !options->count && !options->quiet;
}

#endif
