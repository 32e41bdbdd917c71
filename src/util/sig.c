#include "util/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t latch;
static sigset_t ignored; /* at the start */

static const int latched[] = {SIGINT, SIGTERM, SIGHUP};
enum { LATCHED = sizeof latched / sizeof latched[0] };

static void on_signal(int signal)
{
    if (latch == 0)
        latch = signal;
}

void sig_start(void)
{
    struct sigaction old;
    sigemptyset(&ignored);
    for (int i = 0; i < LATCHED; i++) {
        struct sigaction act = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
        sigemptyset(&act.sa_mask);
        if (sigaction(latched[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
            sigaddset(&ignored, latched[i]);
        else
            sigaction(latched[i], &act, NULL);
    }
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, &old);
    if (old.sa_handler == SIG_IGN)
        sigaddset(&ignored, SIGPIPE);
}

int sig_caught(void)
{
    return latch;
}

bool sig_was_ignored(int signal)
{
    return sigismember(&ignored, signal) == 1;
}

int sig_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct timespec timeout = {timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000};
    sigset_t block, before;
    sigemptyset(&block);
    for (int i = 0; i < LATCHED; i++)
        sigaddset(&block, latched[i]);
    sigprocmask(SIG_BLOCK, &block, &before);
    int ready = -1;
    errno = EINTR;
    if (latch == 0)
        ready = ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, &before);
    int error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return ready;
}

int sig_open(const char *path, int flags)
{
    int fd;
    do
        fd = open(path, flags);
    while (fd < 0 && errno == EINTR && latch == 0);
    return fd;
}

void sig_end(void)
{
    struct sigaction act = {.sa_handler = SIG_DFL};
    sigemptyset(&act.sa_mask);
    for (int i = 0; i < LATCHED; i++)
        if (!sig_was_ignored(latched[i]))
            sigaction(latched[i], &act, NULL);
}

void sig_die(int signal)
{
    struct sigaction act = {.sa_handler = SIG_DFL};
    sigemptyset(&act.sa_mask);
    sigaction(signal, &act, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(signal);
    _exit(128 + signal);
}
