#include "util/start.h"

#include "util/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* 0 is filled with a descriptor that cannot be read, 1 with one that cannot be written. */
static void fill(int fd, int mode)
{
    if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
        int got = open("/dev/null", mode);
        if (got >= 0 && got != fd) {
            dup2(got, fd);
            close(got);
        }
    }
}

void start(struct fault *fault, const char *tool)
{
    *fault = (struct fault){.tool = tool};
    fill(STDIN_FILENO, O_WRONLY);
    fill(STDOUT_FILENO, O_RDONLY);
    fill(STDERR_FILENO, O_RDWR);
    fault->terminal = isatty(STDERR_FILENO);
    sig_start();
}

int finish(const struct fault *fault)
{
    sig_end();
    int signal = sig_caught() == SIGINT ? SIGINT : fault->status - 128;
    bool ours = signal == SIGPIPE || signal == SIGINT || (signal > 0 && signal == sig_caught());
    if (ours && !sig_was_ignored(signal))
        sig_die(signal);
    return fault->status;
}
