#include "kafka/message.h"

#include <stdlib.h>

static bool reserve(struct message_block *block, size_t size, struct fault *fault)
{
    if (size <= block->room)
        return true;
    uint8_t *at = realloc(block->at, size * 2);
    if (at == NULL) {
        fault_memory(fault);
        return false;
    }
    block->at = at;
    block->room = size * 2;
    return true;
}

static bool take_headers(const rd_kafka_message_t *message, struct message_block *block,
                         struct record *record, struct fault *fault)
{
    rd_kafka_headers_t *headers;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    size_t size = 0, value_size;
    const char *name;
    const void *value;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &value_size) == 0; i++) {
        struct header header = {span_str(name), span_of(value, value == NULL ? 0 : value_size)};
        if (!reserve(block, size + frame_header_size(&header), fault))
            return false;
        size = (size_t)(frame_header_put(block->at + size, &header) - block->at);
        record->header_count++;
    }
    record->headers = span_of(block->at, size);
    return true;
}

bool message_record(const rd_kafka_message_t *message, struct message_block *block,
                    struct record *record, struct fault *fault)
{
    rd_kafka_timestamp_type_t type;
    int64_t timestamp = rd_kafka_message_timestamp(message, &type);
    *record = (struct record){.offset = message->offset,
                              .key = span_of(message->key, message->key_len),
                              .value = span_of(message->payload, message->len)};
    if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && timestamp >= 0) {
        record->timestamp = timestamp;
        record->time =
            type == RD_KAFKA_TIMESTAMP_CREATE_TIME ? FRAME_CREATE_TIME : FRAME_LOG_APPEND_TIME;
    }
    return take_headers(message, block, record, fault);
}

void message_block_free(struct message_block *block)
{
    free(block->at);
    *block = (struct message_block){0};
}

rd_kafka_headers_t *message_headers(const struct frame *frame)
{
    if (frame->header_count == 0)
        return NULL;
    rd_kafka_headers_t *headers = rd_kafka_headers_new(frame->header_count);
    struct span block = frame->headers;
    struct header header;
    while (block.size > 0 && frame_header_next(&block, &header))
        rd_kafka_header_add(headers, (const char *)header.name.at, (ssize_t)header.name.size,
                            header.value.at, (ssize_t)header.value.size);
    return headers;
}

int64_t message_time(const struct frame *frame)
{
    if ((frame->flags & (FRAME_CREATE_TIME | FRAME_LOG_APPEND_TIME)) == 0)
        return 0;
    return frame->timestamp == 0 ? 1 : frame->timestamp;
}

/* Of bytes with their length before them, a zigzag varint; null's is -1. */
static size_t counted(size_t size)
{
    size_t bytes = 1;
    for (uint64_t rest = (uint64_t)size << 1; rest >= 0x80; rest >>= 7)
        bytes++;
    return bytes + size;
}

size_t message_size(const struct frame *frame)
{
    enum { FIXED = 3 }; /* attributes, both deltas: 0 */
    size_t count = frame->header_count;
    size_t size =
        FIXED + counted(frame->key.size) + counted(frame->value.size) + counted(count) - count;
    struct span block = frame->headers;
    struct header header;
    while (block.size > 0 && frame_header_next(&block, &header))
        size += counted(header.name.size) + counted(header.value.size);
    return size;
}
