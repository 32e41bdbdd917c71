/* kout/command: each barrier's records to a command's standard input. */
#ifndef KPIPE_KOUT_COMMAND_H
#define KPIPE_KOUT_COMMAND_H

#include "text/write.h"

/* For each barrier that has records, starts argv[0] with argv and gives it them as text; the
 * barrier is acknowledged when it ended with 0. It need not read them all: its status decides.
 * Another status is told and ends us with 75 (the records come again); 64 where it cannot be
 * started. SIGINT is ignored in it, so that Ctrl-C does not tear what is being handled; a second
 * signal sends it SIGTERM. */
void command_run(const struct text *text, char *const *argv, bool replay, struct fault *fault);

#endif
