#include "kout/produce.h"

#include "ack/delivery.h"
#include "kout/rate.h"
#include "kout/send.h"
#include "util/clock.h"
#include "util/sig.h"

struct produce {
    struct fault *fault;
    struct reader *reader;
    struct send send;
    struct delivery delivery;
    struct rate rate;
};

/* Reports name the sources of this segment. */
static void settle(struct produce *produce)
{
    send_now(&produce->send);
    send_settle(&produce->send);
}

/* A barrier: acknowledged when every report of what came before it was good. */
static void reach(struct produce *produce, int64_t barrier)
{
    settle(produce);
    if (produce->fault->status == 0)
        delivery_ack(&produce->delivery, barrier);
}

/* Until this record's turn has come. What came before it is on its way by then. */
static void await_turn(struct produce *produce)
{
    struct client *client = &produce->send.client;
    struct pollfd fd = {.fd = client->wake, .events = POLLIN};
    int wait = rate_wait(&produce->rate, clock_ms());
    if (wait > 0)
        send_now(&produce->send);
    while (wait > 0 && produce->fault->status == 0 && in_heed(&produce->reader->in)) {
        sig_poll(&fd, 1, wait);
        client_woken(client);
        send_serve(&produce->send, 0);
        wait = rate_wait(&produce->rate, clock_ms());
    }
    rate_take(&produce->rate, clock_ms());
}

static void take(struct produce *produce, const struct frame *frame)
{
    if (frame->kind != FRAME_RECORD) {
        delivery_take(&produce->delivery, produce->reader, frame);
        if (frame->kind == FRAME_BARRIER && produce->delivery.committing)
            reach(produce, frame->offset);
        else if (frame->kind == FRAME_END)
            settle(produce);
        return;
    }
    if (produce->rate.share > 0)
        await_turn(produce);
    send_put(&produce->send, frame);
}

/* Nothing to read now, or the buffer is about to be filled anew: delivery reports are served until
 * there is something. */
static void rest(struct produce *produce)
{
    struct pollfd fds[2] = {{.fd = produce->reader->in.fd, .events = POLLIN},
                            {.fd = produce->send.client.wake, .events = POLLIN}};
    client_woken(&produce->send.client);
    send_serve(&produce->send, 0);
    if (produce->fault->status == 0)
        sig_poll(fds, 2, -1); /* a signal is the reader's to tell */
}

static void read_all(struct produce *produce)
{
    struct frame frame;
    while (produce->fault->status == 0) {
        enum reader_result got = reader_next(produce->reader, &frame, 0);
        if (got == READER_FRAME) {
            take(produce, &frame);
            continue;
        }
        send_now(&produce->send);
        if (got != READER_WAIT)
            break;
        rest(produce);
    }
}

bool produce_run(const struct produce_options *options, struct reader *reader, struct fault *fault)
{
    struct produce produce = {.fault = fault, .reader = reader};
    const struct send_options send = {.conf = options->conf,
                                      .topic = options->topic,
                                      .writing = options->writing,
                                      .grace_ms = PRODUCE_GRACE_MS};
    reader->in.hold = true;
    delivery_open(&produce.delivery, options->replay, fault);
    delivery_spare(&produce.delivery, reader);
    produce.delivery.ready.rate = (int64_t)options->writing->rate;
    rate_open(&produce.rate, options->writing->rate);
    if (send_open(&produce.send, &send, reader, fault)) {
        read_all(&produce);
        send_settle(&produce.send);
    }
    delivery_finish(&produce.delivery);
    send_tell(&produce.send);
    send_close(&produce.send);
    return fault->status == 0;
}
