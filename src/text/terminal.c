#include "text/terminal.h"

#include "text/write.h"
#include "util/sandbox.h"
#include "util/sig.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child: records from the pipe, text to the terminal. It leaves signals to the tool in front,
 * whose ABORT or end it sees. */
static _Noreturn void text_end(int from, bool unconfined, const struct text_paint *paint,
                               struct fault *fault)
{
    const struct text text = {.separator = {(const uint8_t *)"\t", 1},
                              .end = {(const uint8_t *)"\n", 1},
                              .escape = true,
                              .paint = paint};
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    struct out out;
    struct reader reader;
    struct delivery delivery;
    dup2(from, STDIN_FILENO); /* the sandbox closes what is above 2 */
    if (out_open(&out, STDOUT_FILENO, "standard output", fault) &&
        reader_open(&reader, STDIN_FILENO, &out, fault)) {
        if (!unconfined)
            sandbox_enter();
        delivery_open(&delivery, false, fault);
        text_run(&reader, &out, &text, &delivery);
        delivery_finish(&delivery);
    }
    fault_tell(fault);
    _exit(fault->status);
}

static bool text_end_started(struct terminal *terminal, int ends[2], const struct text_paint *paint,
                             struct fault *fault)
{
    terminal->end = fork();
    if (terminal->end == 0) {
        close(ends[1]);
        text_end(ends[0], terminal->unconfined, paint, fault);
    }
    close(ends[0]);
    bool moved = terminal->end > 0 && dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO;
    close(ends[1]);
    return moved;
}

bool terminal_start(struct terminal *terminal, const struct text_paint *paint, struct fault *fault)
{
    int ends[2];
    terminal->end = 0;
    if (!isatty(STDOUT_FILENO))
        return true;
    if (pipe(ends) == 0 && text_end_started(terminal, ends, paint, fault))
        return true;
    fault_set(fault, STATUS_OS, "standard output: cannot start the terminal's text end: %s",
              strerror(errno));
    return false;
}

void terminal_finish(const struct terminal *terminal, struct fault *fault)
{
    int how = 0;
    if (terminal->end <= 0)
        return;
    while (waitpid(terminal->end, &how, 0) < 0 && errno == EINTR)
        ;
    if (fault->status != 0)
        return;
    if (WIFSIGNALED(how))
        fault_signal(fault, WTERMSIG(how));
    else if (WEXITSTATUS(how) != 0)
        fault_inherit(fault, WEXITSTATUS(how), NULL, 0, NULL, 0);
}
