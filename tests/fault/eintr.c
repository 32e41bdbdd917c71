/* A preloaded storm: read, write, writev, poll and ppoll are interrupted, do only a part, or find
 * nothing ready yet, as a seed wills (FAULT_SEED; none or 0: fair weather; 1: no interruption, one
 * byte at a time). All that it does a kernel may do; a program's output must be the same.
 * At the end the number of disturbed calls is written to descriptor FAULT_REPORT, if that is set.
 */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ONE_BYTE = 1 };

static uint64_t seed, state;
static unsigned long disturbed;
static bool started;

static uint64_t dice(void) /* splitmix64 */
{
    if (!started) {
        const char *word = getenv("FAULT_SEED");
        seed = state = word == NULL ? 0 : strtoull(word, NULL, 10);
        started = word != NULL; /* an allocator reads before the run has its seed */
    }
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static bool interrupted(void)
{
    bool now = dice() % 2 == 0 && seed > ONE_BYTE;
    if (now) {
        errno = EINTR;
        disturbed++;
    }
    return now;
}

/* How many of `size` bytes are granted: at least one. */
static size_t part(size_t size)
{
    uint64_t roll = dice();
    if (seed == 0 || size < 2)
        return size;
    disturbed++;
    if (seed == ONE_BYTE)
        return 1;
    return 1 + (size_t)(roll >> 8) % (roll % 2 == 0 && size > 8 ? 8 : size);
}

ssize_t read(int fd, void *at, size_t size)
{
    return interrupted() ? -1 : syscall(SYS_read, fd, at, part(size));
}

ssize_t write(int fd, const void *at, size_t size)
{
    return interrupted() ? -1 : syscall(SYS_write, fd, at, part(size));
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    size_t first = count > 0 ? pieces[0].iov_len : 0;
    if (interrupted())
        return -1;
    if (seed != 0 && first > 0)
        return syscall(SYS_write, fd, pieces[0].iov_base, part(first));
    return syscall(SYS_writev, fd, pieces, count);
}

/* A look that does not wait may come too early. */
int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    if (interrupted())
        return -1;
    if (timeout == 0 && seed > ONE_BYTE && dice() % 2 == 0) {
        disturbed++;
        return 0;
    }
    struct timespec wait = {timeout / 1000, timeout % 1000 * 1000000L};
    return (int)syscall(SYS_ppoll, fds, count, timeout < 0 ? NULL : &wait, NULL, 0);
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    static int (*real)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "ppoll");
    return interrupted() ? -1 : real(fds, count, timeout, mask);
}

/* A filter closes what it does not need: FAULT_REPORT is needed. */
int close_range(unsigned first, unsigned last, int flags)
{
    (void)first, (void)last, (void)flags;
    return 0;
}

__attribute__((destructor)) static void report(void)
{
    const char *fd = getenv("FAULT_REPORT");
    char line[32];
    if (fd == NULL)
        return;
    int size = snprintf(line, sizeof line, "%lu\n", disturbed);
    syscall(SYS_write, atoi(fd), line, (size_t)size);
}
