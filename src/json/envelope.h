/* json/envelope: a line of JSON back to the record that json/write made it of, or kcat -J. Pure.
 *
 * The library (jansson) reads; this room says what the members must be. Members it does not know
 * are kcat's own and are not looked at. */
#ifndef KPIPE_JSON_ENVELOPE_H
#define KPIPE_JSON_ENVELOPE_H

#include "stream/writer.h"

enum { ENVELOPE_TOPIC = FRAME_CONTROL - FRAME_HEAD, ENVELOPE_WHY = 256 };

struct envelope {
    struct span topic;    /* at NULL: none, and the record has no source */
    int64_t partition;    /* -1: a file */
    struct record record; /* its source is left to the caller */
    void *tree;           /* owned: the library's, what most spans point into */
    uint8_t *bytes;       /* owned: what was base64, and the header block */
    size_t used, room;
    char why[ENVELOPE_WHY]; /* what is wrong, where reading failed */
};

enum envelope_result {
    ENVELOPE_OK,
    ENVELOPE_WRONG, /* envelope->why: no JSON, too deep, too large a number, no envelope */
    ENVELOPE_MEMORY
};

/* Zero at the start. Reads one line; what was read before is dead. */
enum envelope_result envelope_read(struct envelope *envelope, struct span line);

void envelope_free(struct envelope *envelope);

#endif
