/* kafka/kcatconf: kcat's configuration file, lines of PROPERTY=VALUE, said in YAML. Pure. */
#ifndef KPIPE_KAFKA_KCATCONF_H
#define KPIPE_KAFKA_KCATCONF_H

#include "util/fault.h"
#include "util/span.h"

#include <stdio.h>

/* Whether the first line that says something has this form, which no kpipe.conf(5) has. */
bool kcatconf_is(struct span text);

/* Writes the kpipe.conf(5) that says the same, with one profile, kcat. A secret becomes the name of
 * a file to put it in; what kpipe does not take becomes a comment that says why. False: no memory,
 * the fault is set. */
bool kcatconf_show(FILE *to, struct span text, struct fault *fault);

#endif
