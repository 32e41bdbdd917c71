#include "util/sig.h"

#include "util/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AGAIN_MS = 100 };

static volatile sig_atomic_t latch, asked;
static sigset_t ignored; /* at the start */

static const int latched[] = {SIGINT, SIGTERM, SIGHUP};
enum { LATCHED = sizeof latched / sizeof latched[0] };

static const int errors[] = {SIGPIPE, SIGXFSZ}; /* that show as a call's error instead */
enum { ERRORS = sizeof errors / sizeof errors[0] };

/* Of each kind; the handler's own, but where the signals are blocked. */
static struct {
    bool seen;
    int64_t when; /* the last one; ms */
} kinds[LATCHED];

/* Has the signal's default action done, where it is not blocked. */
static void raise_default(int signal)
{
    struct sigaction act = {.sa_handler = SIG_DFL};
    sigemptyset(&act.sa_mask);
    sigaction(signal, &act, NULL);
    raise(signal);
}

static void on_signal(int signal)
{
    int kind = 0, error = errno;
    while (kind < LATCHED - 1 && latched[kind] != signal)
        kind++;
    int64_t now = clock_ms(), since = now - kinds[kind].when;
    bool again = kinds[kind].when != 0 && since < AGAIN_MS;
    if (!again)
        kinds[kind].when = now;
    if (!again && kinds[kind].seen)
        raise_default(signal); /* it is blocked in here: it kills on return */
    kinds[kind].seen = true;
    if (!again && latch == 0)
        latch = signal;
    errno = error;
}

static void block(sigset_t *before)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < LATCHED; i++)
        sigaddset(&set, latched[i]);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, before);
}

void sig_start(void)
{
    struct sigaction old;
    sigemptyset(&ignored);
    for (int i = 0; i < LATCHED; i++)
        if (sigaction(latched[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
            sigaddset(&ignored, latched[i]);
    struct sigaction act = {.sa_handler = on_signal};
    sigemptyset(&act.sa_mask);
    for (int i = 0; i < LATCHED; i++)
        sigaddset(&act.sa_mask, latched[i]);
    for (int i = 0; i < LATCHED; i++)
        if (sigismember(&ignored, latched[i]) == 0)
            sigaction(latched[i], &act, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    for (int i = 0; i < ERRORS; i++)
        if (sigaction(errors[i], &ignore, &old) == 0 && old.sa_handler == SIG_IGN)
            sigaddset(&ignored, errors[i]);
}

void sig_child(void)
{
    for (int i = 0; i < ERRORS; i++)
        signal(errors[i], sig_was_ignored(errors[i]) ? SIG_IGN : SIG_DFL);
}

int sig_caught(void)
{
    return latch;
}

int sig_take(void)
{
    sigset_t before;
    if (latch == 0)
        return 0;
    block(&before);
    int signal = latch;
    latch = 0;
    for (int i = 0; i < LATCHED; i++)
        kinds[i].seen = false;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return signal;
}

static void on_usr1(int signal)
{
    (void)signal;
    asked = 1;
}

void sig_answer(void)
{
    struct sigaction act = {.sa_handler = on_usr1};
    sigemptyset(&act.sa_mask);
    sigaction(SIGUSR1, &act, NULL);
}

bool sig_asked(void)
{
    bool was = asked != 0;
    if (was)
        asked = 0;
    return was;
}

bool sig_was_ignored(int signal)
{
    return sigismember(&ignored, signal) == 1;
}

int sig_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct timespec timeout = {timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000};
    sigset_t before;
    block(&before);
    int ready = -1;
    errno = EINTR;
    if (latch == 0 && asked == 0)
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
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    raise_default(signal);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    _exit(128 + signal);
}
