#include "kout/once.h"

#include "util/clock.h"
#include "util/sig.h"

enum { SLICE_MS = 5 }; /* what a call of the library may take while there is something to read */

bool once_open(struct once *once)
{
    const struct instance_options options = {.conf = once->options->conf,
                                             .topic = once->options->topic,
                                             .writing = once->options->writing,
                                             .reader = once->reader,
                                             .guest = &once->delivery.guest};
    if (!instance_open(&once->instance, &options, once->fault))
        return false;
    once->instance.txnio.changelog = &once->changelog;
    return changelog_ready(&once->changelog, &once->instance.send, once->partitions);
}

void once_serve(struct once *once)
{
    struct client *client = &once->instance.send.client;
    if (client->handle == NULL)
        return;
    client_woken(client);
    send_serve(&once->instance.send, 0);
}

void once_sleep(const struct once *once, int source)
{
    const struct client *client = &once->instance.send.client;
    struct pollfd fds[3] = {{.fd = intake_may(once) ? once->reader->in.fd : -1, .events = POLLIN},
                            {.fd = client->handle != NULL ? client->wake : -1, .events = POLLIN},
                            {.fd = source, .events = POLLIN}};
    if (intake_may(once) && once->next.kind == 0)
        sig_poll(fds, 3, source >= 0 ? -1 : ONCE_IDLE_MS); /* a signal is the reader's to tell */
    else if (!intake_may(once))
        poll(fds, 3, ONCE_IDLE_MS);
    else if (in_heed(&once->reader->in))
        sig_poll(fds + 1, 2, rate_wait(&once->rate, clock_ms()));
}

void once_rest(struct once *once)
{
    once_serve(once);
    if (once->fault->status == 0)
        once_sleep(once, once->delivery.guest.fd);
}

bool once_forsaken(struct once *once)
{
    struct delivery *delivery = &once->delivery;
    bool there = !delivery->committing || guest_hear(&delivery->guest);
    if (there && !delivery->guest.done)
        return false;
    once->forsaken = true;
    txn_fail(&once->txn);
    return true;
}

int once_slice(const struct once *once)
{
    return intake_may(once) ? SLICE_MS : ONCE_IDLE_MS;
}
