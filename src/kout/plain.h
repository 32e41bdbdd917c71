/* kout/plain: records as text, to standard output or to a file. */
#ifndef KPIPE_KOUT_PLAIN_H
#define KPIPE_KOUT_PLAIN_H

#include "text/write.h"

/* Standard input's records to standard output. Behind kcat-in -g a regular file must be open for
 * appending (>>): else what was acknowledged could be truncated by the next run (64). The fault
 * tells. `replay`: a saved stream, whose source is gone: nothing is acknowledged. */
void plain_output(struct text *text, bool replay, struct fault *fault);

/* Standard input's records to the file at `path`: without a group whole or not at all (kout/file);
 * behind kcat-in -g appended, a torn last record cut first, synced before each acknowledgement. */
void plain_file(struct text *text, const char *path, bool replay, struct fault *fault);

#endif
