#include "kgrep/take.h"

#include <stdlib.h>

static bool reserve(struct take *take, size_t size)
{
    if (size <= take->room)
        return true;
    uint8_t *block = realloc(take->block, 2 * size);
    if (block == NULL)
        return false;
    take->block = block;
    take->room = 2 * size;
    return true;
}

static bool into_header(struct take *take, struct record *record, struct span bytes)
{
    const struct header made = {take->into.name, bytes};
    if (!reserve(take, record->headers.size + frame_header_size(&made)))
        return false;
    uint8_t *to = take->block;
    struct span block = record->headers;
    struct header header;
    record->header_count = 1;
    while (frame_header_next(&block, &header))
        if (!span_equal(header.name, take->into.name)) {
            to = frame_header_put(to, &header);
            record->header_count++;
        }
    to = frame_header_put(to, &made);
    record->headers = span_of(take->block, (size_t)(to - take->block));
    return true;
}

bool take_into(struct take *take, struct record *record, struct span bytes)
{
    switch (take->into.kind) {
    case FIELD_KEY:
        record->key = bytes;
        return true;
    case FIELD_HEADER:
        return into_header(take, record, bytes);
    default:
        record->value = bytes;
        return true;
    }
}

void take_close(struct take *take)
{
    free(take->block);
    take->block = NULL;
}
