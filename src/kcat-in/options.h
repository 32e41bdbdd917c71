/* kcat-in/options: its command line. */
#ifndef KPIPE_KCAT_IN_OPTIONS_H
#define KPIPE_KCAT_IN_OPTIONS_H

#include "kafka/conf.h"
#include "kcat-in/fetch.h"
#include "kcat-in/group.h"
#include "kcat-in/wanted.h"
#include "kcat-in/words.h"
#include "util/opt.h"

extern const struct opt_tool options_tool;

enum options_mode { OPTIONS_TEXT, OPTIONS_TOPICS, OPTIONS_GROUP };

struct options {
    enum options_mode mode;
    bool checksum;    /* records get a checksum */
    bool summary;     /* at the end, good or bad, what was put is told */
    struct conf conf; /* what topics.conf and group.conf point to */
    struct lines_options text;
    struct fetch_options topics;
    struct group_options group;
    struct words words;   /* what text's spans point to */
    struct wanted wanted; /* what topics.parts.wanted and group.wanted point to */
    /* An option that only one mode has was given: its name for a message, else NULL. */
    const char *topics_only, *group_only;
};

/* Reads the command line. 0: *options is ready; else OPT_DONE or OPT_WRONG (the fault is set). */
int options_read(struct options *options, int argc, char **argv, struct fault *fault);

void options_close(struct options *options);

#endif
