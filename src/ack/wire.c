#include "ack/wire.h"

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
    if (message->kind != WIRE_HERE)
        return WIRE_SIZE;
    memcpy(at + WIRE_SIZE, message->run_id, WIRE_RUN_ID);
    return WIRE_MOST;
}

bool wire_take(struct span packet, struct message *message)
{
    const uint8_t *at = packet.at;
    *message = (struct message){0};
    if (packet.size < WIRE_SIZE || at[0] < WIRE_HERE || at[0] > WIRE_DONE)
        return false;
    if (packet.size != (at[0] == WIRE_HERE ? (size_t)WIRE_MOST : (size_t)WIRE_SIZE))
        return false;
    message->kind = at[0];
    message->flags = at[1];
    message->status = (uint16_t)(at[2] | at[3] << 8);
    message->number = (int64_t)take64(at + 8);
    message->spool = take64(at + 16);
    if (message->kind == WIRE_HERE)
        memcpy(message->run_id, at + WIRE_SIZE, WIRE_RUN_ID);
    uint8_t known = message->kind == WIRE_READY ? WIRE_COMMAND : 0;
    static const uint8_t zeros[4];
    return (message->flags & ~known) == 0 && memcmp(at + 4, zeros, sizeof zeros) == 0 &&
           message->number >= 0;
}
