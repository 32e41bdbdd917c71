/* kcat-in/options: its command line. */
#ifndef KPIPE_KCAT_IN_OPTIONS_H
#define KPIPE_KCAT_IN_OPTIONS_H

#include "kafka/conf.h"
#include "kcat-in/fetch.h"
#include "kcat-in/group.h"
#include "kcat-in/lines.h"
#include "util/opt.h"

extern const struct opt_tool options_tool;

enum options_mode { OPTIONS_TEXT, OPTIONS_TOPICS, OPTIONS_GROUP };

struct options {
    enum options_mode mode;
    struct conf conf; /* what topics.conf and group.conf point to */
    struct lines_options text;
    struct fetch_options topics;
    struct group_options group;
    uint8_t separator[64]; /* what text.separator points to */
    const char **names;    /* owned: what topics.topics and group.topics point to */
    size_t name_count;
    /* An option that only one mode has was given: its name for a message, else NULL. */
    const char *text_only, *topics_only, *group_only;
};

/* Reads the command line. 0: *options is ready; else OPT_DONE or OPT_WRONG (the fault is set). */
int options_read(struct options *options, int argc, char **argv, struct fault *fault);

void options_close(struct options *options);

#endif
