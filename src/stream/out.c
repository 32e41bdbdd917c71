#include "stream/out.h"

#include "util/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PIPE_SIZE = 262144 };

/* Larger pipes mean fewer switches between stages. Not more than 256 KiB: past 64 MiB a user's
 * later pipes, of any program, shrink to 4 KiB (pipe-user-pages-soft, pipe(7)). */
static void widen_pipe(int fd)
{
    int size = fcntl(fd, F_GETPIPE_SZ);
    if (size > 0 && size < PIPE_SIZE)
        (void)fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
}

bool out_open(struct out *out, int fd, const char *name, struct fault *fault)
{
    *out = (struct out){.fd = fd, .name = name, .fault = fault, .room = OUT_BUFFER};
    out->buffer = aligned_alloc(4096, OUT_BUFFER);
    if (out->buffer == NULL)
        fault_memory(fault);
    else
        widen_pipe(fd);
    out->failed = out->buffer == NULL;
    return !out->failed;
}

void out_lost(struct out *out)
{
    out->failed = true;
    if (sig_was_ignored(SIGPIPE))
        fault_set(out->fault, STATUS_IO, "%s: nobody reads it any more", out->name);
    else
        fault_signal(out->fault, SIGPIPE);
}

static void fail(struct out *out, int error)
{
    out->failed = true;
    if (error == EPIPE)
        out_lost(out);
    else
        fault_set(out->fault, STATUS_IO, "%s: cannot write: %s", out->name, strerror(error));
}

/* The other side of a terminal or a socket may have set O_NONBLOCK on our descriptor: wait then. */
static bool again(struct out *out)
{
    if (errno == EINTR)
        return true;
    if (errno != EAGAIN)
        return false;
    struct pollfd fd = {.fd = out->fd, .events = POLLOUT};
    return poll(&fd, 1, -1) >= 0 || errno == EINTR;
}

/* Writes both pieces, all of them. */
static void write_all(struct out *out, struct span first, struct span second)
{
    while (first.size + second.size > 0) {
        struct iovec pieces[2] = {{(void *)(uintptr_t)first.at, first.size},
                                  {(void *)(uintptr_t)second.at, second.size}};
        ssize_t written = first.size == 0 ? write(out->fd, second.at, second.size)
                                          : writev(out->fd, pieces, second.size == 0 ? 1 : 2);
        if (written < 0) {
            if (again(out))
                continue;
            fail(out, errno);
            return;
        }
        out->total += (size_t)written;
        size_t done = (size_t)written, from_first = done < first.size ? done : first.size;
        first = span_of(first.at + from_first, first.size - from_first);
        done -= from_first;
        second = span_of(second.size == 0 ? NULL : second.at + done, second.size - done);
    }
}

/* The buffer's bytes, then `tail`, to the descriptor; the buffer is empty afterwards. */
static void empty(struct out *out, struct span tail)
{
    struct span head = span_of(out->buffer, out->have);
    out->have = 0;
    if (!out->failed)
        write_all(out, head, tail);
}

/* A queue's buffer grows to hold `size` more. */
static bool grow(struct out *out, size_t size)
{
    size_t room = out->room;
    while (room - out->have < size)
        room *= 2;
    uint8_t *buffer = room == out->room ? out->buffer : realloc(out->buffer, room);
    if (buffer == NULL) {
        fault_memory(out->fault);
        out->failed = true;
        out->have = 0;
        return size <= out->room;
    }
    out->buffer = buffer;
    out->room = room;
    return true;
}

void out_put(struct out *out, const void *at, size_t size)
{
    if (out->run.size > 0)
        out_commit(out);
    if (out->queue && !grow(out, size))
        return;
    if (!out->queue && size > OUT_BUFFER - out->have) {
        if (size >= OUT_BUFFER / 2) {
            empty(out, span_of(at, size));
            return;
        }
        empty(out, span_of(NULL, 0));
    }
    if (size > 0)
        memcpy(out->buffer + out->have, at, size);
    out->have += size;
}

void out_make_room(struct out *out, size_t size)
{
    out_commit(out);
    if (out->queue)
        grow(out,
             size); /* at most OUT_BUFFER: without memory there is room after all was dropped */
    else if (size > OUT_BUFFER - out->have)
        empty(out, span_of(NULL, 0));
}

void out_number(struct out *out, int64_t number)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        *--at = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (number < 0)
        *--at = '-';
    out_put(out, at, (size_t)(digits + sizeof digits - at));
}

void out_commit(struct out *out)
{
    struct span run = out->run;
    out->run = span_of(NULL, 0);
    if (run.size > 0)
        out_put(out, run.at, run.size);
}

void out_flush(struct out *out)
{
    struct span run = out->run;
    out->run = span_of(NULL, 0);
    if (out->have + run.size > 0)
        empty(out, run);
}

/* The other side takes what is in the pipe, or goes. */
static void wait_read(struct out *out)
{
    int left = 0;
    while (!out->failed && ioctl(out->fd, FIONREAD, &left) == 0 && left > 0) {
        struct pollfd fd = {.fd = out->fd};
        if (sig_poll(&fd, 1, 2) > 0 && (fd.revents & POLLERR) != 0)
            out_lost(out);
    }
}

void out_sync(struct out *out)
{
    struct stat status;
    out_flush(out);
    if (out->failed || fstat(out->fd, &status) != 0)
        return;
    if (S_ISREG(status.st_mode) && fdatasync(out->fd) != 0)
        fail(out, errno);
    else if (S_ISFIFO(status.st_mode))
        wait_read(out);
}

/* A pipe is opened once more, for a description of our own that does not block. */
bool out_queue(struct out *out)
{
    char path[32];
    struct stat status;
    out->queue = true;
    if (fstat(out->fd, &status) != 0 || !S_ISFIFO(status.st_mode))
        return true;
    snprintf(path, sizeof path, "/proc/self/fd/%d", out->fd);
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    out->slow = fd < 0;
    if (fd >= 0 && dup2(fd, out->fd) < 0)
        out->slow = true;
    if (fd >= 0)
        close(fd);
    return true;
}

/* poll(2) says writable where a pipe takes PIPE_BUF bytes (pipe(7)). */
static bool takes_some(const struct out *out)
{
    struct pollfd fd = {.fd = out->fd, .events = POLLOUT};
    return poll(&fd, 1, 0) > 0 && (fd.revents & POLLOUT) != 0;
}

bool out_drain(struct out *out)
{
    size_t done = 0;
    while (done < out->have && !out->failed) {
        size_t size = out->have - done;
        if (out->slow && !takes_some(out))
            break;
        if (out->slow && size > PIPE_BUF)
            size = PIPE_BUF;
        ssize_t written = write(out->fd, out->buffer + done, size);
        if (written >= 0)
            done += (size_t)written;
        else if (errno == EAGAIN)
            break;
        else if (errno != EINTR)
            fail(out, errno);
    }
    out->total += done;
    if (out->failed)
        done = out->have;
    out->have -= done;
    if (out->have > 0 && done > 0)
        memmove(out->buffer, out->buffer + done, out->have);
    return out->have == 0;
}

void out_close(struct out *out)
{
    out_flush(out);
    if (close(out->fd) != 0 && !out->failed && errno != EINTR)
        fail(out, errno);
    out->fd = -1;
    free(out->buffer);
    out->buffer = NULL;
}
