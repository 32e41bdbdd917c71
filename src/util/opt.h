/* util/opt: the command line, from one table a tool.
 *
 * The table, the usage lines and the manual page's SYNOPSIS say the same; tests/man.bats compares
 * them. Options may follow operands, "--" ends them. Letters that another program's users will
 * type (grep's, tr's, kcat's) have a hint each, so that a mistake is answered, not just refused. */
#ifndef KPIPE_UTIL_OPT_H
#define KPIPE_UTIL_OPT_H

#include "util/fault.h"

enum { OPT_LONG = 256 }; /* keys from here on have no letter */

struct opt {
    int key;          /* the letter, or OPT_LONG + n */
    const char *name; /* the long form, without its dashes */
    const char *arg;  /* the argument's name, or NULL: takes none */
    const char *help; /* a few words for --help */
};

struct opt_hint {
    const char *word; /* "-n" or "--name" as typed */
    const char *say;  /* what to do instead */
};

struct opt_tool {
    const char *name;
    const char *const *usage;     /* synopses without the tool's name, NULL at the end */
    const struct opt *opts;       /* key 0 at the end */
    const struct opt_hint *hints; /* word NULL at the end; NULL: none */
    const char *(*libraries)(
        void); /* for --version: what is linked and how it is locked up, a line, or NULL */
};

enum opt_result {
    OPT_END = -1,  /* no more options: operands are argv[optind] up to argc */
    OPT_DONE = -2, /* --help or --version has been answered on stdout: end with fault's status */
    OPT_WRONG = -3 /* a mistake: fault is set to STATUS_USAGE */
};

/* The next option's key, its argument in optarg; or an opt_result. Permutes argv as getopt_long. */
int opt_next(const struct opt_tool *tool, int argc, char **argv, struct fault *fault);

/* Tells a usage mistake on stderr in two lines: what is wrong, and the usage. Says nothing of other
 * faults. */
void opt_tell(const struct opt_tool *tool, struct fault *fault);

/* "bad ARG": sets fault to STATUS_USAGE with the option, the word and what would be right. */
int opt_bad_argument(struct fault *fault, const char *option, const char *word, const char *wanted);

#endif
