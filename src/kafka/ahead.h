/* kafka/ahead: takes messages from where all of a client's partitions send theirs, and keeps the
 * client fetching ahead of it.
 *
 * The library's thread of a broker fetches no more while that queue is full (queued.min.messages,
 * queued.max.messages.kbytes) and then, until 2.2, sleeps until it is woken, up to 1 s, however
 * soon the queue is empty: 2 M records/s come in gulps. What wakes the threads of all brokers and
 * sends nothing is rd_kafka_sasl_set_credentials(), with those that are set anyway. Since 2.2
 * fetch.queue.backoff.ms bounds that sleep, and nothing of this is done.
 * (rd_kafka_broker_consumer_serve() of 2.0.2; measured by tests/bench.) */
#ifndef KPIPE_KAFKA_AHEAD_H
#define KPIPE_KAFKA_AHEAD_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

/* Zero: only takes. */
struct ahead {
    rd_kafka_t *handle;       /* the client's */
    uint64_t messages, bytes; /* from which the queue is half full; 0: nobody has to be woken */
    bool full;                /* it was, and nobody was woken since */
    char *user, *password;    /* owned */
};

/* Reads what the client does by itself. Without memory it is left to sleep. */
void ahead_open(struct ahead *ahead, rd_kafka_t *handle);

/* Up to `most` messages of `queue`, for which it waits wait_ms at most; -1: rd_kafka_last_error().
 * The caller gives each back with rd_kafka_message_destroy(). */
ssize_t ahead_take(struct ahead *ahead, rd_kafka_queue_t *queue, int wait_ms,
                   rd_kafka_message_t **batch, size_t most);

void ahead_close(struct ahead *ahead);

#endif
