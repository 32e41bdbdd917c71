#include "ack/grant.h"

#include <endian.h>
#include <stdlib.h>

enum { NO_TEXT = 0xffff, AT_COUNT = 4 };

static void add(struct grant_bytes *bytes, const void *at, size_t size)
{
    if (size > bytes->room - bytes->size) {
        size_t room = 2 * (bytes->size + size);
        uint8_t *more = bytes->failed ? NULL : realloc(bytes->at, room);
        bytes->failed |= more == NULL;
        if (more == NULL)
            return;
        bytes->at = more;
        bytes->room = room;
    }
    if (size > 0)
        memcpy(bytes->at + bytes->size, at, size);
    bytes->size += size;
}

static void add32(struct grant_bytes *bytes, uint32_t value)
{
    value = htole32(value);
    add(bytes, &value, sizeof value);
}

static void add_text(struct grant_bytes *bytes, struct span text)
{
    bytes->failed |= text.size >= NO_TEXT;
    uint16_t size = htole16(text.at == NULL ? NO_TEXT : (uint16_t)text.size);
    add(bytes, &size, sizeof size);
    add(bytes, text.at, text.size);
}

void grant_start(struct grant_bytes *bytes, const struct grant *grant)
{
    bytes->size = 0;
    add32(bytes, (uint32_t)grant->generation);
    add32(bytes, 0);
    add_text(bytes, grant->group);
    add_text(bytes, grant->member);
    add_text(bytes, grant->instance);
}

void grant_add(struct grant_bytes *bytes, const struct grant_offset *offset)
{
    uint32_t count;
    uint64_t value = htole64((uint64_t)offset->offset);
    add_text(bytes, offset->topic);
    add32(bytes, (uint32_t)offset->partition);
    add(bytes, &value, sizeof value);
    add_text(bytes, offset->note.at == NULL ? span_str("") : offset->note);
    if (bytes->failed)
        return;
    memcpy(&count, bytes->at + AT_COUNT, sizeof count);
    count = htole32(le32toh(count) + 1);
    memcpy(bytes->at + AT_COUNT, &count, sizeof count);
}

void grant_free(struct grant_bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct grant_bytes){0};
}

static bool take(struct span *from, void *to, size_t size)
{
    if (from->size < size)
        return false;
    memcpy(to, from->at, size);
    *from = span_of(from->at + size, from->size - size);
    return true;
}

static bool take32(struct span *from, uint32_t *value)
{
    bool taken = take(from, value, sizeof *value);
    *value = taken ? le32toh(*value) : 0;
    return taken;
}

static bool take_text(struct span *from, struct span *text)
{
    uint16_t size;
    if (!take(from, &size, sizeof size))
        return false;
    size = le16toh(size);
    *text = span_of(size == NO_TEXT ? NULL : from->at, size == NO_TEXT ? 0 : size);
    if (text->size > from->size)
        return false;
    *from = span_of(from->at + text->size, from->size - text->size);
    return true;
}

bool grant_next(struct grant *grant, struct grant_offset *offset)
{
    uint32_t partition;
    uint64_t value;
    if (grant->rest.size == 0 || !take_text(&grant->rest, &offset->topic) ||
        !take32(&grant->rest, &partition) || !take(&grant->rest, &value, sizeof value) ||
        !take_text(&grant->rest, &offset->note) || offset->note.at == NULL)
        return false;
    if (offset->topic.size == 0)
        offset->topic = grant->topic;
    grant->topic = offset->topic;
    offset->partition = (int32_t)partition;
    offset->offset = (int64_t)le64toh(value);
    return offset->topic.size > 0 && offset->partition >= 0 && offset->offset >= 0;
}

bool grant_read(struct grant *grant, struct span bytes)
{
    struct grant_offset offset;
    uint32_t generation, seen = 0;
    *grant = (struct grant){.rest = bytes};
    if (!take32(&grant->rest, &generation) || !take32(&grant->rest, &grant->count) ||
        !take_text(&grant->rest, &grant->group) || !take_text(&grant->rest, &grant->member) ||
        !take_text(&grant->rest, &grant->instance))
        return false;
    grant->generation = (int32_t)generation;
    struct grant all = *grant;
    while (grant_next(&all, &offset))
        seen++;
    return all.rest.size == 0 && seen == grant->count && grant->group.size > 0 &&
           grant->member.size > 0;
}
