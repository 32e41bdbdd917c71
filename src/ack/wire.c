#include "ack/wire.h"

#include "stream/frame.h"

#include <endian.h>

static void put64(uint8_t *at, uint64_t value)
{
    value = htole64(value);
    memcpy(at, &value, sizeof value);
}

static uint64_t take64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return le64toh(value);
}

size_t wire_put(uint8_t *at, const struct message *message)
{
    memset(at, 0, WIRE_SIZE);
    at[0] = message->kind;
    at[1] = message->flags;
    at[2] = (uint8_t)(message->status & 255);
    at[3] = (uint8_t)(message->status >> 8);
    put64(at + 8, (uint64_t)message->number);
    put64(at + 16, message->spool);
    struct span more = span_of(NULL, 0);
    if (message->kind == WIRE_HERE)
        more = span_of(message->run_id, WIRE_RUN_ID);
    else if (message->kind == WIRE_GRANT || message->kind == WIRE_READY)
        more = message->piece;
    if (more.size > 0)
        memcpy(at + WIRE_SIZE, more.at, more.size);
    return WIRE_SIZE + more.size;
}

/* Whether this may follow the fixed bytes. */
static bool fits(uint8_t kind, struct span more)
{
    if (kind == WIRE_GRANT)
        return more.size > 0 && more.size <= WIRE_PIECE;
    if (kind == WIRE_READY)
        return more.size == 0 || frame_store_name(more);
    return more.size == (kind == WIRE_HERE ? WIRE_RUN_ID : 0);
}

static uint8_t known_flags(uint8_t kind)
{
    if (kind == WIRE_READY)
        return WIRE_COMMAND | WIRE_ONCE;
    return kind == WIRE_GRANT ? WIRE_MORE : 0;
}

bool wire_take(struct span packet, struct message *message)
{
    const uint8_t *at = packet.at;
    *message = (struct message){0};
    if (packet.size < WIRE_SIZE || at[0] < WIRE_HERE || at[0] > WIRE_EMPTY)
        return false;
    struct span more = span_of(at + WIRE_SIZE, packet.size - WIRE_SIZE);
    if (!fits(at[0], more))
        return false;
    message->kind = at[0];
    message->flags = at[1];
    message->status = (uint16_t)(at[2] | at[3] << 8);
    message->number = (int64_t)take64(at + 8);
    message->spool = take64(at + 16);
    if (message->kind == WIRE_HERE)
        memcpy(message->run_id, more.at, WIRE_RUN_ID);
    else if (more.size > 0)
        message->piece = more;
    static const uint8_t zeros[4];
    return (message->flags & ~known_flags(message->kind)) == 0 &&
           memcmp(at + 4, zeros, sizeof zeros) == 0 && message->number >= 0;
}
