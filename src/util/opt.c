#include "util/opt.h"

#include "util/sig.h"
#include "util/version.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { KEY_HELP = 1, KEY_VERSION = 2, OPTS_MOST = 64 };

static size_t table(const struct opt_tool *tool, char *letters, struct option *longs)
{
    size_t n = 0;
    *letters++ = ':';
    for (const struct opt *o = tool->opts; o->key != 0; o++) {
        if (o->key < OPT_LONG) {
            *letters++ = (char)o->key;
            if (o->arg != NULL)
                *letters++ = ':';
        }
        if (n == 0 || strcmp(longs[n - 1].name, o->name) != 0) /* -c and -C may share one */
            longs[n++] = (struct option){o->name, o->arg != NULL, NULL, o->key};
    }
    longs[n++] = (struct option){"help", 0, NULL, KEY_HELP};
    longs[n++] = (struct option){"version", 0, NULL, KEY_VERSION};
    longs[n] = (struct option){0};
    *letters = '\0';
    return n;
}

static void print_usage(const struct opt_tool *tool, FILE *to)
{
    for (size_t i = 0; tool->usage[i] != NULL; i++)
        fprintf(to, "%s %s %s\n", i == 0 ? "usage:" : "      ", tool->name, tool->usage[i]);
}

static void print_help(const struct opt_tool *tool)
{
    print_usage(tool, stdout);
    for (const struct opt *o = tool->opts; o->key != 0; o++) {
        char left[64];
        int n = o->key < OPT_LONG ? snprintf(left, sizeof left, "-%c, ", o->key)
                                  : snprintf(left, sizeof left, "    ");
        snprintf(left + n, sizeof left - (size_t)n, "--%s%s%s", o->name, o->arg ? " " : "",
                 o->arg ? o->arg : "");
        printf("  %-28s %s\n", left, o->help);
    }
    printf("  %-28s %s\n  %-28s %s\nmore: man %s, man 7 kpipe\n", "    --help", "this text",
           "    --version", "the version and what is linked", tool->name);
}

static int answer(const struct opt_tool *tool, int key, struct fault *fault)
{
    if (key == KEY_HELP)
        print_help(tool);
    else
        printf("%s (kpipe) %s%s%s\n", tool->name, KPIPE_VERSION, tool->libraries ? "; " : "",
               tool->libraries ? tool->libraries() : "");
    if (fflush(stdout) != 0) {
        if (errno == EPIPE && !sig_was_ignored(SIGPIPE))
            fault_signal(fault, SIGPIPE);
        fault_set(fault, STATUS_IO, "standard output: cannot write: %s", strerror(errno));
    }
    fault_tell(fault);
    return OPT_DONE;
}

static const char *hint(const struct opt_tool *tool, const char *word)
{
    for (const struct opt_hint *h = tool->hints; h != NULL && h->word != NULL; h++)
        if (strcmp(h->word, word) == 0)
            return h->say;
    return NULL;
}

static int unknown(const struct opt_tool *tool, const char *typed, struct fault *fault)
{
    char word[64];
    if (optopt != 0 && optopt < OPT_LONG && strncmp(typed, "--", 2) != 0)
        snprintf(word, sizeof word, "-%c", optopt);
    else
        snprintf(word, sizeof word, "%.*s", (int)strcspn(typed, "="), typed);
    for (const struct opt *o = tool->opts; o->key != 0; o++)
        if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, o->name) == 0) {
            fault_set(fault, STATUS_USAGE, "%s: takes no argument", word);
            return OPT_WRONG;
        }
    const char *say = hint(tool, word);
    fault_set(fault, STATUS_USAGE, "%s: unknown option: %s", word, say ? say : "see --help");
    return OPT_WRONG;
}

int opt_next(const struct opt_tool *tool, int argc, char **argv, struct fault *fault)
{
    char letters[2 * OPTS_MOST + 2];
    struct option longs[OPTS_MOST + 3];
    table(tool, letters, longs);
    opterr = 0;
    int before = optind;
    int key = getopt_long(argc, argv, letters, longs, NULL);
    switch (key) {
    case -1:
        return OPT_END;
    case KEY_HELP:
    case KEY_VERSION:
        return answer(tool, key, fault);
    case '?':
        return unknown(tool, argv[optind > before ? optind - 1 : optind], fault);
    case ':':
        fault_set(fault, STATUS_USAGE, "%s: wants an argument", argv[optind - 1]);
        return OPT_WRONG;
    default:
        return key;
    }
}

void opt_tell(const struct opt_tool *tool, struct fault *fault)
{
    if (fault->status != STATUS_USAGE || fault->quiet)
        return;
    fault_tell(fault);
    int line = (int)strcspn(tool->usage[0], "\n");
    fprintf(stderr, "usage: %s %.*s%s\n", tool->name, line, tool->usage[0],
            tool->usage[0][line] == '\0' ? "" : " ...");
}

int opt_bad_argument(struct fault *fault, const char *option, const char *word, const char *wanted)
{
    return fault_set(fault, STATUS_USAGE, "%s %s: %s", option, word, wanted);
}
