#include "util/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
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

/* Handlers for those that were not ignored when we started; each is there for one signal. */
static void arm(void)
{
    struct sigaction act = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&act.sa_mask);
    for (int i = 0; i < LATCHED; i++)
        if (sigismember(&ignored, latched[i]) == 0)
            sigaction(latched[i], &act, NULL);
}

void sig_start(void)
{
    struct sigaction old;
    sigemptyset(&ignored);
    for (int i = 0; i < LATCHED; i++)
        if (sigaction(latched[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
            sigaddset(&ignored, latched[i]);
    arm();
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

int sig_take(void)
{
    int signal = latch;
    latch = 0;
    if (signal != 0)
        arm();
    return signal;
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

static bool is_fifo(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
}

/* Never asleep in open(2), where a signal of a moment before would be slept over: with O_NONBLOCK a
 * fifo's reader is there at once and waits in sig_poll(); its writer gets ENXIO until there is one.
 */
int sig_open(const char *path, int flags)
{
    int fd;
    do
        fd = latch != 0 ? -1 : open(path, flags | O_NONBLOCK);
    while (fd < 0 && latch == 0 &&
           (errno == EINTR || (errno == ENXIO && is_fifo(path) && sig_poll(NULL, 0, 20) <= 0)));
    if (fd < 0 && latch != 0)
        errno = EINTR;
    if (fd >= 0)
        (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
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
