/* stream/hop: the running check of one hop, from one process to the next through a pipe.
 *
 * The writer counts and hashes what it writes, the reader what it reads, and BARRIER and END carry
 * the writer's figures: a frame that was cut, doubled, swapped or put in between is found at the
 * next barrier by the very next stage. The hash covers control frames whole and of a record, a
 * RESTORE and a STATE the fixed header (with FRAME_HEADERS the 8 bytes after it too), of a LINES
 * its sizes too; payload bits are not guarded.
 *
 * One step takes 8 bytes: hash = (rotate_left(hash, 5) ^ word) * HOP_K, modulo 2^64. Each step is a
 * bijection in the hash and in the word, so a single changed word always changes the result. It
 * goes on from segment start to segment end; frames and bytes count since the last barrier. */
#ifndef KPIPE_STREAM_HOP_H
#define KPIPE_STREAM_HOP_H

#include "stream/frame.h"

#define HOP_K UINT64_C(0x9e3779b97f4a7c15)

struct hop {
    struct check check; /* since the last barrier, and the hash since the segment's start */
};

static inline void hop_start(struct hop *hop)
{
    hop->check = (struct check){0, 0, HOP_K};
}

static inline uint64_t hop_word(uint64_t hash, const uint8_t *at)
{
    return (((hash << 5) | (hash >> 59)) ^ load64(at)) * HOP_K;
}

static inline uint64_t hop_words(uint64_t hash, const uint8_t *at, size_t size)
{
    for (const uint8_t *end = at + size; at < end; at += 8)
        hash = hop_word(hash, at);
    return hash;
}

static inline uint64_t hop_head(uint64_t hash, const uint8_t head[FRAME_HEAD])
{
    return hop_word(hop_word(hop_word(hop_word(hash, head), head + 8), head + 16), head + 24);
}

/* A RECORD, RESTORE or STATE of `size` bytes with padding. */
static inline void hop_record(struct hop *hop, const uint8_t *raw, size_t size)
{
    uint64_t hash = hop_head(hop->check.hash, raw);
    if ((raw[FRAME_AT_FLAGS] & FRAME_HEADERS) != 0)
        hash = hop_words(hash, raw + FRAME_HEAD, FRAME_EXTRA);
    hop->check.hash = hash;
    hop->check.frames++;
    hop->check.bytes += size;
}

/* A LINES: its fixed header and its sizes. */
static inline void hop_lines(struct hop *hop, const uint8_t *raw, size_t size)
{
    size_t head = frame_lines_head(load32(raw + FRAME_AT_KEY_SIZE));
    hop->check.hash = hop_words(hop->check.hash, raw, head);
    hop->check.frames++;
    hop->check.bytes += size;
}

/* A control frame other than BARRIER, END and ABORT. */
static inline void hop_control(struct hop *hop, const uint8_t *raw, size_t size)
{
    hop->check.hash = hop_words(hop->check.hash, raw, size);
    hop->check.frames++;
    hop->check.bytes += size;
}

/* Any frame but BARRIER, END and ABORT. */
static inline void hop_frame(struct hop *hop, const uint8_t *raw, size_t size)
{
    if (raw[FRAME_AT_KIND] == FRAME_LINES)
        hop_lines(hop, raw, size);
    else if (frame_is_data(raw[FRAME_AT_KIND]))
        hop_record(hop, raw, size);
    else
        hop_control(hop, raw, size);
}

/* BARRIER's or END's fixed header joins the hash; what results is the check that its body carries.
 * Counting starts anew. */
static inline struct check hop_close(struct hop *hop, const uint8_t head[FRAME_HEAD])
{
    hop->check.hash = hop_head(hop->check.hash, head);
    struct check check = hop->check;
    hop->check.frames = 0;
    hop->check.bytes = 0;
    return check;
}

#endif
