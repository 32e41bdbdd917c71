/* util/start: what every program does first and last. */
#ifndef KPIPE_UTIL_START_H
#define KPIPE_UTIL_START_H

#include "util/fault.h"

/* Prepares the process: signals (util/sig), and descriptors 0, 1, 2 that were closed by the caller
 * are filled so that no file we open can land there: a read of 0, a write of 1 then fails with
 * EBADF and is told. `tool` must outlive the fault. */
void start(struct fault *fault, const char *tool);

/* Ends the process for what `fault` says: by the signal that ended us or by SIGPIPE where we lost
 * our reader, else with the status, which it returns for main() to return. SIGINT is special:
 * whoever caught it dies of it, though all its work was done, and so does a stage to whom an ABORT
 * told it, because a shell's loop only stops when a member of the pipeline died of it. */
int finish(const struct fault *fault);

#endif
