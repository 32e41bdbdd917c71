/* text/terminal: a tool whose standard output is a terminal behaves as if `| kout -K '\t'` stood
 * after it, control bytes escaped: frames are not for eyes. */
#ifndef KPIPE_TEXT_TERMINAL_H
#define KPIPE_TEXT_TERMINAL_H

#include "text/write.h"

#include <sys/types.h>

struct terminal {
    bool unconfined; /* the caller's: the text end may open and reach what we may */
    pid_t end;       /* its process; 0: there is none */
};

/* Where standard output is a terminal: forks the text end and puts a pipe to it in the terminal's
 * place; else does nothing. The text end gives up the rest of the machine before it reads
 * (util/sandbox). What `paint` finds is in colour there; NULL: nothing is. Call before
 * anything is opened or a thread started. False: fault is set. */
bool terminal_start(struct terminal *terminal, const struct text_paint *paint, struct fault *fault);

/* After standard output was closed: waits for the text end. Where we have no fault, its status is
 * ours. */
void terminal_finish(const struct terminal *terminal, struct fault *fault);

#endif
