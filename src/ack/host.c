#include "ack/host.h"

#include "ack/place.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SEND_MS = 1000 };

bool host_open(struct host *host, const uint8_t run_id[WIRE_RUN_ID], int sinks, struct fault *fault)
{
    struct sockaddr_un address;
    *host = (struct host){.fault = fault, .fd = -1, .want = sinks};
    memcpy(host->run_id, run_id, WIRE_RUN_ID);
    if (!place_of(run_id, true, &address, fault))
        return false;
    memcpy(host->path, address.sun_path, sizeof host->path);
    host->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (host->fd < 0 || bind(host->fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(host->fd, HOST_SINKS) != 0) {
        fault_set(fault, STATUS_OS, "%s: cannot listen: %s", host->path, strerror(errno));
        return false;
    }
    return true;
}

size_t host_fds(const struct host *host, struct pollfd *fds)
{
    size_t n = 0;
    if (host->fd >= 0)
        fds[n++] = (struct pollfd){.fd = host->fd, .events = POLLIN};
    for (int i = 0; i < host->count; i++)
        if (host->sinks[i].fd >= 0)
            fds[n++] = (struct pollfd){.fd = host->sinks[i].fd, .events = POLLIN};
    return n;
}

static enum host_event foreign(struct host *host, const char *what)
{
    fault_set(host->fault, STATUS_STREAM, "%s: %s: not a sink of this run", host->path, what);
    return HOST_FOREIGN;
}

static enum host_event welcome_ready(struct host *host, struct sink *sink,
                                     const struct message *message)
{
    sink->ready = true;
    sink->command = (message->flags & WIRE_COMMAND) != 0;
    sink->once = (message->flags & WIRE_ONCE) != 0;
    if (message->spool > 0 && (host->spool == 0 || message->spool < host->spool))
        host->spool = message->spool;
    if (message->number > 0 && (host->rate == 0 || message->number < host->rate))
        host->rate = message->number;
    if (message->piece.size > 0) {
        memcpy(host->store, message->piece.at, message->piece.size);
        host->store[message->piece.size] = '\0';
    }
    if (!sink->once || host->want == 1)
        return HOST_NEWS;
    fault_set(host->fault, STATUS_USAGE,
              "--sinks %d: exactly once has one sink: leave --sinks, or kout's -x, out",
              host->want);
    return HOST_SURPLUS;
}

static enum host_event take(struct host *host, struct sink *sink, struct span packet, int *status)
{
    struct message message;
    if (!wire_take(packet, &message) || (message.kind != WIRE_HERE && !sink->here))
        return foreign(host, "a message that makes no sense");
    switch (message.kind) {
    case WIRE_HERE:
        if (memcmp(message.run_id, host->run_id, WIRE_RUN_ID) != 0 || sink->here)
            return foreign(host, "another run's HERE");
        sink->here = true;
        return HOST_NEWS;
    case WIRE_READY:
        return welcome_ready(host, sink, &message);
    case WIRE_ACK:
        if (message.number < sink->acked)
            return foreign(host, "an ACK that goes back");
        sink->acked = message.number;
        return HOST_NEWS;
    case WIRE_BYE:
        sink->bye = true;
        if (message.number > sink->acked)
            sink->acked = message.number;
        *status = message.status;
        return HOST_BYE;
    case WIRE_STOP:
        return HOST_STOP;
    case WIRE_PREPARE:
        if (!sink->once || message.number <= sink->acked)
            return foreign(host, "a PREPARE out of place");
        host->asked = message.number;
        return HOST_PREPARE;
    default:
        return foreign(host, "a message that only a source sends");
    }
}

static enum host_event hear(struct host *host, struct sink *sink, int *status)
{
    uint8_t packet[WIRE_MOST + 1];
    ssize_t size = recv(sink->fd, packet, sizeof packet, MSG_DONTWAIT);
    if (size > 0)
        return take(host, sink, span_of(packet, (size_t)size), status);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return HOST_NOTHING;
    close(sink->fd);
    sink->fd = -1;
    return sink->here && !sink->bye ? HOST_LOST : HOST_NOTHING;
}

static enum host_event welcome(struct host *host)
{
    if (host->fd < 0)
        return HOST_NOTHING;
    int fd = accept4(host->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return HOST_NOTHING;
    if (!place_peer_is_ours(fd)) {
        close(fd);
        return HOST_NOTHING;
    }
    host->sinks[host->count++] = (struct sink){.fd = fd};
    if (host->count <= host->want)
        return HOST_NEWS;
    fault_set(host->fault, STATUS_USAGE,
              "more sinks than expected: with tee and %d kouts: --sinks %d", host->count,
              host->count);
    return HOST_SURPLUS;
}

enum host_event host_next(struct host *host, int *status)
{
    enum host_event event = host->count <= host->want ? welcome(host) : HOST_NOTHING;
    for (int i = 0; i < host->count && event == HOST_NOTHING; i++)
        if (host->sinks[i].fd >= 0)
            event = hear(host, &host->sinks[i], status);
    return event;
}

int host_here(const struct host *host)
{
    int here = 0;
    for (int i = 0; i < host->count; i++)
        here += host->sinks[i].here;
    return here;
}

bool host_command(const struct host *host)
{
    for (int i = 0; i < host->count; i++)
        if (host->sinks[i].command)
            return true;
    return false;
}

bool host_once(const struct host *host)
{
    return host->count > 0 && host->sinks[0].once;
}

int host_ready(const struct host *host)
{
    int ready = 0;
    for (int i = 0; i < host->count; i++)
        ready += host->sinks[i].ready;
    return ready;
}

int64_t host_acked(const struct host *host)
{
    int64_t acked = host->count < host->want ? 0 : INT64_MAX;
    for (int i = 0; i < host->count; i++)
        if (host->sinks[i].acked < acked)
            acked = host->sinks[i].acked;
    return acked;
}

/* False: not taken in time, or nobody is there. */
static bool tell(struct host *host, const struct message *message)
{
    uint8_t packet[WIRE_MOST];
    size_t size = wire_put(packet, message);
    int fd = host->sinks[0].fd;
    while (fd >= 0 && send(fd, packet, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        struct pollfd room = {.fd = fd, .events = POLLOUT};
        if (errno != EINTR && (errno != EAGAIN || poll(&room, 1, SEND_MS) <= 0))
            return false;
    }
    return fd >= 0;
}

void host_grant(struct host *host, struct span grant)
{
    bool told = true;
    for (size_t at = 0; at < grant.size && told; at += WIRE_PIECE) {
        size_t left = grant.size - at, size = left < WIRE_PIECE ? left : WIRE_PIECE;
        struct message message = {.kind = WIRE_GRANT,
                                  .flags = left > size ? WIRE_MORE : 0,
                                  .number = host->asked,
                                  .piece = span_of(grant.at + at, size)};
        told = tell(host, &message);
    }
}

void host_refuse(struct host *host, bool empty)
{
    tell(host, &(struct message){.kind = empty ? WIRE_EMPTY : WIRE_DENY, .number = host->asked});
}

void host_done(struct host *host, int status)
{
    uint8_t packet[WIRE_MOST];
    struct message message = {.kind = WIRE_DONE, .status = (uint16_t)status};
    size_t size = wire_put(packet, &message);
    for (int i = 0; i < host->count; i++)
        if (host->sinks[i].fd >= 0)
            (void)send(host->sinks[i].fd, packet, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void host_close(struct host *host)
{
    for (int i = 0; i < host->count; i++)
        if (host->sinks[i].fd >= 0)
            close(host->sinks[i].fd);
    host->count = 0;
    if (host->fd >= 0) {
        close(host->fd);
        unlink(host->path);
    }
    host->fd = -1;
}
