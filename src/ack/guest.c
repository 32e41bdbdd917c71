#include "ack/guest.h"

#include "ack/place.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

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
        fault_set(fault, STATUS_STREAM,
                  "standard input: its source is gone: a saved stream: kout --replay");
        guest_close(guest);
        return false;
    }
    struct message here = {.kind = WIRE_HERE};
    memcpy(here.run_id, run_id, WIRE_RUN_ID);
    say(guest, &here);
    return true;
}

void guest_ready(struct guest *guest, bool command, uint64_t spool)
{
    say(guest,
        &(struct message){.kind = WIRE_READY, .flags = command ? WIRE_COMMAND : 0, .spool = spool});
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
        if (size > 0 && wire_take(span_of(packet, (size_t)size), &message) &&
            message.kind == WIRE_DONE) {
            guest->done = true;
            guest->status = message.status;
            continue;
        }
        guest_close(guest); /* gone, or not our source */
    }
    return false;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool guest_wait_done(struct guest *guest, int wait_ms)
{
    int64_t end = now_ms() + wait_ms;
    while (guest_hear(guest) && !guest->done) {
        int64_t left = end - now_ms();
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
}
