#include "stream/in.h"

#include "util/sig.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

bool in_open(struct in *in, int fd, const char *name, struct out *out, struct fault *fault)
{
    *in = (struct in){.fd = fd, .name = name, .fault = fault, .out = out, .room = IN_BUFFER};
    in->buffer = aligned_alloc(4096, IN_BUFFER);
    if (in->buffer == NULL)
        fault_memory(fault);
    return in->buffer != NULL;
}

void in_switch(struct in *in, int fd, const char *name)
{
    in->fd = fd;
    in->name = name;
    in->at = in->have = 0;
}

static bool resize(struct in *in, size_t room)
{
    uint8_t *buffer = realloc(in->buffer, room);
    if (buffer == NULL) {
        fault_memory(in->fault);
        return false;
    }
    in->buffer = buffer;
    in->room = room;
    return true;
}

/* The unused bytes to the front, and room behind them: doubled when a piece does not fit, back to
 * normal when what is left does. */
static bool make_room(struct in *in, size_t need)
{
    size_t left = in->have - in->at;
    if (in->at > 0 && left > 0)
        memmove(in->buffer, in->buffer + in->at, left);
    in->at = 0;
    in->have = left;
    if (left == in->room)
        return resize(in, in->room * 2);
    if (in->room > IN_BUFFER && need <= IN_BUFFER && left < IN_BUFFER)
        return resize(in, IN_BUFFER);
    return true;
}

/* A signal that was latched. The first one of a committing pipe is its source's affair: true, go
 * on. Else the fault is set. */
static bool spare(struct in *in)
{
    if (in->spare && in->spared == 0) {
        in->spared = sig_take();
        if (in->on_spared != NULL)
            in->on_spared(in->spared_arg);
        return true;
    }
    fault_signal(in->fault, sig_caught());
    return false;
}

static void answer(const struct in *in)
{
    if (in->on_asked != NULL && sig_asked())
        in->on_asked(in->asked_arg);
}

/* Waits until something can be read, after flushing; looks at the output's reader too. */
static enum in_result wait_ready(struct in *in, int wait_ms)
{
    int out_fd = in->out == NULL ? -1 : in->out->fd;
    struct pollfd fds[2] = {{.fd = in->fd, .events = POLLIN}, {.fd = out_fd, .events = 0}};
    int ready;
    do {
        answer(in);
        ready = poll(fds, 1, 0);
        if (ready == 0 && wait_ms != 0 && in->out != NULL) {
            out_flush(in->out);
            if (in->out->failed)
                return IN_FAULT;
            ready = sig_poll(fds, 2, wait_ms);
        }
    } while (ready < 0 && errno == EINTR && (sig_caught() == 0 || spare(in)));
    if (ready == 0)
        return IN_WAIT;
    if (ready < 0)
        return in->fault->status != 0 ? IN_FAULT : IN_OK; /* read(2) will say what is wrong */
    if ((fds[1].revents & (POLLERR | POLLHUP)) != 0 && fds[0].revents == 0) {
        out_lost(in->out);
        return IN_FAULT;
    }
    return IN_OK;
}

bool in_heed(struct in *in)
{
    return sig_caught() == 0 || spare(in);
}

enum in_result in_fill(struct in *in, size_t need, int wait_ms)
{
    if (in->out != NULL)
        out_commit(in->out);
    if (!in_heed(in))
        return IN_FAULT;
    if (in->out != NULL && in->out->failed)
        return IN_FAULT;
    if (in->hold && !in->held) {
        in->held = true;
        return IN_WAIT;
    }
    if (!make_room(in, need))
        return IN_FAULT;
    for (;;) {
        enum in_result ready = wait_ready(in, wait_ms);
        if (ready != IN_OK)
            return ready;
        ssize_t got = read(in->fd, in->buffer + in->have, in->room - in->have);
        if (got > 0) {
            in->have += (size_t)got;
            in->total += (size_t)got;
            in->held = false;
            return IN_OK;
        }
        if (got == 0)
            return IN_EOF;
        if (errno == EINTR && sig_caught() != 0 && !spare(in))
            return IN_FAULT;
        if (errno != EINTR && errno != EAGAIN) {
            fault_set(in->fault, STATUS_IO, "%s: cannot read: %s", in->name, strerror(errno));
            return IN_FAULT;
        }
    }
}

void in_close(struct in *in)
{
    free(in->buffer);
    in->buffer = NULL;
}
