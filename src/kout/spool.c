#include "kout/spool.h"

#include <stdlib.h>

enum { FIRST = 65536 };

void spool_open(struct spool *spool, size_t limit)
{
    *spool = (struct spool){.limit = limit};
}

static bool grow(struct spool *spool, size_t need)
{
    size_t room = spool->room == 0 ? FIRST : spool->room;
    while (room < need)
        room *= 2;
    uint8_t *more = realloc(spool->at, room);
    if (more == NULL)
        return false;
    spool->at = more;
    spool->room = room;
    return true;
}

bool spool_put(struct spool *spool, const struct frame *frame)
{
    size_t need = spool->size + frame->size;
    if (need > spool->room && !grow(spool, need))
        return false;
    memcpy(spool->at + spool->size, frame->raw, frame->size);
    spool->size = need;
    return true;
}

void spool_rewind(struct spool *spool)
{
    spool->next = 0;
}

bool spool_next(struct spool *spool, struct frame *frame)
{
    size_t need, left = spool->size - spool->next;
    const char *why;
    uint8_t *at;
    if (left == 0)
        return false; /* maybe before the first record: there is no memory yet */
    at = spool->at + spool->next;
    if (!frame_usual(at, left, left, frame) &&
        frame_decode(at, left, left, frame, &need, &why) != FRAME_OK)
        return false; /* it was decoded before: does not happen */
    spool->next += frame->size;
    return true;
}

void spool_empty(struct spool *spool)
{
    spool->size = spool->next = 0;
    if (spool->room > 2 * spool->limit) {
        free(spool->at);
        spool->at = NULL;
        spool->room = 0;
    }
}

void spool_close(struct spool *spool)
{
    free(spool->at);
    *spool = (struct spool){0};
}
