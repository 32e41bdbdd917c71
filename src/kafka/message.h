/* kafka/message: a message of the client library as a record of the stream, and back.
 *
 * Null and empty, the order of headers, repeated names and null values are kept. Two things the
 * library cannot carry: a NUL inside of a header's name (it keeps names as C strings: the name ends
 * there), and the timestamp 0 of a message to be sent (0 is "now": message_time() makes it 1). */
#ifndef KPIPE_KAFKA_MESSAGE_H
#define KPIPE_KAFKA_MESSAGE_H

#include "stream/writer.h"

#include <librdkafka/rdkafka.h>

/* A header block's bytes, kept from one record to the next. Zero at the start. */
struct message_block {
    uint8_t *at; /* owned */
    size_t room;
};

/* The message as a record whose spans point into it and into *block: both must stay as they are
 * until the record is written. The source's number is left to the caller. False: no memory, fault
 * is set. */
bool message_record(const rd_kafka_message_t *message, struct message_block *block,
                    struct record *record, struct fault *fault);

void message_block_free(struct message_block *block);

/* A record's headers for the library, which owns them once it has taken the message; NULL: none. */
rd_kafka_headers_t *message_headers(const struct frame *frame);

/* A record's timestamp for the library; 0: it has none. */
int64_t message_time(const struct frame *frame);

/* How many bytes the record takes alone in a batch on the wire (v2), without the batch's own head
 * and the record's length: of two records the broker takes the larger one only where it takes the
 * other. */
size_t message_size(const struct frame *frame);

/* Bytes that the library takes as void * and only reads. */
static inline void *message_bytes(struct span span)
{
    return (void *)(uintptr_t)span.at;
}

#endif
