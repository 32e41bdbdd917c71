#include "ack/guest.h"

#include "ack/place.h"
#include "util/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GRANT_MOST = 16 << 20 };

static void say(struct guest *guest, const struct message *message)
{
    uint8_t packet[WIRE_MOST];
    size_t size = wire_put(packet, message);
    while (guest->fd >= 0 && send(guest->fd, packet, size, MSG_NOSIGNAL) < 0 && errno == EINTR)
        ;
}

bool guest_open(struct guest *guest, const uint8_t run_id[WIRE_RUN_ID], struct fault *fault)
{
    struct sockaddr_un address;
    *guest = (struct guest){.fault = fault, .fd = -1};
    if (!place_of(run_id, false, &address, fault))
        return false;
    guest->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (guest->fd < 0 || connect(guest->fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        !place_peer_is_ours(guest->fd)) {
        guest_close(guest);
        return false;
    }
    struct message here = {.kind = WIRE_HERE};
    memcpy(here.run_id, run_id, WIRE_RUN_ID);
    say(guest, &here);
    return true;
}

void guest_ready(struct guest *guest, const struct guest_ready *ready)
{
    say(guest, &(struct message){.kind = WIRE_READY,
                                 .flags = ready->flags,
                                 .spool = ready->spool,
                                 .number = ready->rate,
                                 .piece = ready->store});
}

void guest_ack(struct guest *guest, int64_t barrier)
{
    say(guest, &(struct message){.kind = WIRE_ACK, .number = barrier});
}

void guest_bye(struct guest *guest, int status, int64_t barrier)
{
    say(guest, &(struct message){.kind = WIRE_BYE, .status = (uint16_t)status, .number = barrier});
}

void guest_stop(struct guest *guest)
{
    say(guest, &(struct message){.kind = WIRE_STOP});
}

void guest_prepare(struct guest *guest, int64_t barrier)
{
    guest->answer = 0;
    guest->asked = barrier;
    guest->grant_size = 0;
    say(guest, &(struct message){.kind = WIRE_PREPARE, .number = barrier});
}

static bool gather(struct guest *guest, const struct message *message)
{
    size_t size = guest->grant_size + message->piece.size;
    if (size > GRANT_MOST)
        return false;
    if (size > guest->grant_room) {
        uint8_t *more = realloc(guest->grant, 2 * size);
        if (more == NULL)
            return false;
        guest->grant = more;
        guest->grant_room = 2 * size;
    }
    memcpy(guest->grant + guest->grant_size, message->piece.at, message->piece.size);
    guest->grant_size = size;
    if ((message->flags & WIRE_MORE) == 0)
        guest->answer = WIRE_GRANT;
    return true;
}

/* False: it makes no sense. */
static bool take(struct guest *guest, const struct message *message)
{
    if (message->kind == WIRE_DONE) {
        guest->done = true;
        guest->status = message->status;
        return true;
    }
    if (message->number != guest->asked || guest->answer != 0)
        return false;
    if (message->kind == WIRE_GRANT)
        return gather(guest, message);
    if (message->kind != WIRE_DENY && message->kind != WIRE_EMPTY)
        return false;
    guest->answer = message->kind;
    return true;
}

bool guest_hear(struct guest *guest)
{
    uint8_t packet[WIRE_MOST + 1];
    struct message message;
    while (guest->fd >= 0) {
        ssize_t size = recv(guest->fd, packet, sizeof packet, MSG_DONTWAIT);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno == EAGAIN)
            return true;
        if (size <= 0 || !wire_take(span_of(packet, (size_t)size), &message) ||
            !take(guest, &message))
            guest_close(guest); /* gone, or not our source */
    }
    return false;
}

bool guest_wait_done(struct guest *guest, int wait_ms)
{
    int64_t end = clock_ms() + wait_ms;
    while (guest_hear(guest) && !guest->done) {
        int64_t left = end - clock_ms();
        struct pollfd fd = {.fd = guest->fd, .events = POLLIN};
        if (left <= 0 || (poll(&fd, 1, (int)left) < 0 && errno != EINTR))
            return false;
    }
    return guest->done;
}

void guest_close(struct guest *guest)
{
    if (guest->fd >= 0)
        close(guest->fd);
    guest->fd = -1;
    free(guest->grant);
    guest->grant = NULL;
    guest->grant_size = guest->grant_room = 0;
}
