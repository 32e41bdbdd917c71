/* ack/grant: what a sink needs to commit a group's offsets in its own transaction. Pure.
 *
 * The source makes one at each PREPARE, from what its client knows at that moment: the group, its
 * generation and our membership, by which the broker fences a member that has been replaced
 * (KIP-447), and the offsets of all partitions that are ours. Nothing of it ever comes from the
 * record stream. On the wire, little-endian:
 *   generation i32 | offsets u32 | group text | member text | instance text (size 0xffff: none)
 *   and each offset: topic text (size 0: the one before) | partition i32 | offset i64 | note text
 * where a text is size u16 and bytes. */
#ifndef KPIPE_ACK_GRANT_H
#define KPIPE_ACK_GRANT_H

#include "util/span.h"

#include <stdbool.h>

struct grant_offset {
    struct span topic;
    int32_t partition;
    int64_t offset;
    struct span note; /* the committed offset's metadata; empty: none */
};

struct grant {
    int32_t generation;
    struct span group, member;
    struct span instance; /* the static member's name; at NULL: none */
    uint32_t count;       /* of the offsets */
    struct span rest;     /* those not taken yet */
    struct span topic;    /* of the last one taken */
};

/* A grant's bytes while they are made. Zero at the start. */
struct grant_bytes {
    uint8_t *at; /* owned */
    size_t size, room;
    bool failed; /* no memory, or a text over 65,534 bytes */
};

/* Starts anew with all but the offsets; each is then added. Memory is kept from one to the next. */
void grant_start(struct grant_bytes *bytes, const struct grant *grant);
void grant_add(struct grant_bytes *bytes, const struct grant_offset *offset);
void grant_free(struct grant_bytes *bytes);

/* Reads a whole one, every offset of it; spans point into `bytes`. False: it is not one. */
bool grant_read(struct grant *grant, struct span bytes);

/* The next offset of a grant that was read. False: no more. */
bool grant_next(struct grant *grant, struct grant_offset *offset);

#endif
