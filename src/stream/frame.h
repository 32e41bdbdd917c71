/* stream/frame: the record stream's bytes as pure functions; kframe(5) is the same in prose.
 *
 * A segment is 32 bytes of text (the magic), then frames: HELLO first, END or ABORT last. A frame
 * is a fixed header of 32 bytes, a body, and zeros up to a multiple of 8; numbers are
 * little-endian. No function here reads, writes or allocates: a struct frame is a borrowed view of
 * the bytes it was decoded from and dies with them. */
#ifndef KPIPE_STREAM_FRAME_H
#define KPIPE_STREAM_FRAME_H

#include "util/span.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>

#define FRAME_MAGIC "kpipe/1 records; read with kout\n"

enum {
    FRAME_MAGIC_SIZE = 32,
    FRAME_HEAD = 32,       /* the fixed header */
    FRAME_EXTRA = 8,       /* follows it with FRAME_HEADERS: header block's bytes u32, count u32 */
    FRAME_CHECK = 24,      /* BARRIER's and END's body: frames u64, bytes u64, hash u64 */
    FRAME_HELLO = 64,      /* HELLO up to its two strings */
    FRAME_CONTROL = 65536, /* a control frame is no longer */
    FRAME_SLACK = 128,     /* a frame is no longer than the record cap and this */
    FRAME_GAP_MOST = 255,  /* bytes behind a value in a LINES at most */
    FRAME_STORE_NAME = 64, /* a store's name is no longer */
    FRAME_GUARD = 0x706b,  /* what the guard of length 0 would be */
    FRAME_VERSION = 1
};

/* The fixed header: byte offset of each field. In control frames source, key size, offset and
 * timestamp mean what the kind says, 0 where it says nothing. */
enum {
    FRAME_AT_LENGTH = 0,    /* u32: header and body without the padding, below 2^30 */
    FRAME_AT_KIND = 4,      /* u8 */
    FRAME_AT_FLAGS = 5,     /* u8 */
    FRAME_AT_GUARD = 6,     /* u16: follows from the length, see frame_word() */
    FRAME_AT_SOURCE = 8,    /* u32: SOURCE's number; 0 none */
    FRAME_AT_KEY_SIZE = 12, /* u32 */
    FRAME_AT_OFFSET = 16,   /* i64 */
    FRAME_AT_TIMESTAMP = 24 /* i64: milliseconds since 1970 */
};

enum frame_kind {
    FRAME_HELLO_KIND = 1,
    FRAME_SOURCE_KIND = 2,
    FRAME_RECORD = 3,
    FRAME_BARRIER = 4,
    FRAME_END = 5,
    FRAME_ABORT = 6,
    FRAME_OPEN = 7,
    FRAME_STORE = 8,      /* a filter's: it keeps state under this name */
    FRAME_TASK = 9,       /* the source's: a task comes or goes; a task is a partition number */
    FRAME_RESTORE = 10,   /* the source's: what a task's state was */
    FRAME_STATE = 11,     /* a filter's: what it is now, to be kept */
    FRAME_LINES = 12,     /* many records of a file, values alone */
    FRAME_OPTIONAL = 0x80 /* from here on a reader that does not know the kind passes it on */
};

enum frame_flag {
    FRAME_NULL_KEY = 1, /* RECORD */
    FRAME_NULL_VALUE = 2,
    FRAME_HEADERS = 4,
    FRAME_CREATE_TIME = 8,      /* the timestamp is the producer's ... */
    FRAME_LOG_APPEND_TIME = 16, /* ... or the broker's; neither: there is none */
    FRAME_RECORD_FLAGS = 23,    /* the highest sum: both times at once cannot be */
    FRAME_SUMMED = 32,          /* RECORD: the last 4 bytes are the CRC-32C of those before */
    FRAME_FINAL = 1,            /* BARRIER: nothing but END follows */
    FRAME_NO_HANDSHAKE = 1,     /* HELLO: a group is named, but no acks are awaited */
    FRAME_SUMS = 2,             /* HELLO: who writes a record writes its sum */
    FRAME_PROGRESS = 4,         /* HELLO: who writes to the terminal clears the line first */
    FRAME_HELLO_FLAGS = 7,      /* all of HELLO's */
    FRAME_NEW = 1,              /* TASK, assigned: nothing is kept of it yet */
    FRAME_STATE_FLAGS = 24      /* STATE: FRAME_CREATE_TIME or FRAME_LOG_APPEND_TIME, not both */
};

enum frame_task {
    FRAME_ASSIGNED = 1, /* all of its RESTOREs have come: from here on its records may */
    FRAME_REVOKED = 2,  /* others have it from here on */
    FRAME_LOST = 3      /* others have had it for a while */
};

enum { FRAME_COUNTS = 1 }; /* STORE: what kind of state; a value is 8 bytes, big-endian */

struct frame {
    uint8_t *raw;        /* its first byte */
    size_t size;         /* with padding; 0: a record of a LINES, which has no frame of its own */
    size_t length;       /* without; of a record without its sum, too */
    uint8_t kind, flags; /* a record's without FRAME_SUMMED, which stands in raw alone */
    uint32_t source;
    int64_t offset, timestamp;
    struct span key;     /* RECORD: at NULL when null; SOURCE: the topic; STORE: its name;
                            RESTORE, STATE: the key; ABORT: the tool; LINES: the sizes */
    struct span value;   /* RECORD: at NULL when null; other kinds: the body after the key */
    struct span headers; /* RECORD: the header block, size 0 where there is none */
    uint32_t header_count;
};

/* What a LINES holds: records of a source whose offsets follow each other, with values alone. */
struct lines_view {
    const uint8_t *sizes; /* u32 each: of a value and the gap behind it */
    uint8_t *values;      /* one behind the other, to the frame's end */
    uint32_t count, gap;  /* gap: how many bytes behind each value are none's, at most its size */
};

struct header {
    struct span name;
    struct span value; /* at NULL when null */
};

struct hello {
    uint32_t version;
    uint8_t flags;
    uint64_t record_cap; /* key, value and header block of a record together, in bytes */
    uint8_t run_id[16];  /* random, one a run */
    struct span cluster; /* Kafka's cluster id; empty: not from Kafka */
    struct span group;   /* the consumer group; empty: nothing is committed */
};

/* What RESTORE and STATE say beside task (the frame's source) and key. */
struct state {
    struct span store, value;
};

/* A hop check as it stands in BARRIER and END; stream/hop makes it. */
struct check {
    uint64_t frames, bytes, hash;
};

enum frame_result {
    FRAME_OK,
    FRAME_MORE,  /* more bytes are needed */
    FRAME_BROKEN /* *why says what is wrong */
};

static inline uint16_t load16(const uint8_t *at)
{
    uint16_t v;
    memcpy(&v, at, sizeof v);
    return le16toh(v);
}

static inline uint32_t load32(const uint8_t *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return le32toh(v);
}

static inline uint64_t load64(const uint8_t *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return le64toh(v);
}

static inline void store16(uint8_t *at, uint16_t v)
{
    v = htole16(v);
    memcpy(at, &v, sizeof v);
}

static inline void store32(uint8_t *at, uint32_t v)
{
    v = htole32(v);
    memcpy(at, &v, sizeof v);
}

static inline void store64(uint8_t *at, uint64_t v)
{
    v = htole64(v);
    memcpy(at, &v, sizeof v);
}

/* The first 8 bytes of a frame as a number. The guard makes a length that was changed known at
 * once: a reader that believed it would wait for bytes which never come, while the source waits for
 * the ack of what stands in them. */
static inline uint64_t frame_word(size_t length, uint8_t kind, uint8_t flags)
{
    uint64_t fixed = (uint64_t)FRAME_GUARD << 48 | (uint64_t)kind << 32;
    return length ^ (length ^ length >> 16) << 48 ^ fixed ^ (uint64_t)flags << 40;
}

static inline size_t frame_padded(size_t length)
{
    return (length + 7) & ~(size_t)7;
}

enum { FRAME_SUM = 4 };

/* Makes the sum of a record in the caller's own buffer right, after its bytes were changed. */
void frame_sum(const struct frame *frame);

/* Decodes the frame at `at`, of which `have` bytes are there; `most` is the longest length allowed.
 * FRAME_OK: *frame is the view, whole. FRAME_MORE: *need (at least have + 1) bytes are wanted
 * before it can be. FRAME_BROKEN: *why. Checks what a single frame can show: lengths that add up,
 * flags and zeros, a header block that parses to its exact length, a record's sum. Kinds below
 * FRAME_OPTIONAL that this version does not know are FRAME_BROKEN. */
enum frame_result frame_decode(uint8_t *at, size_t have, size_t most, struct frame *frame,
                               size_t *need, const char **why);

/* frame_decode() of the usual RECORD, in place of a call: all of it is there, its value is not
 * null, it has no headers, and its time is the producer's or none. False: frame_decode() says what
 * it is.
 */
static inline bool frame_usual(uint8_t *at, size_t have, size_t most, struct frame *frame)
{
    const uint64_t may = (uint64_t)(FRAME_NULL_KEY | FRAME_CREATE_TIME) << 40;
    if (have < FRAME_HEAD)
        return false;
    uint64_t first = load64(at), second = load64(at + FRAME_AT_SOURCE);
    size_t length = (uint32_t)first, size = frame_padded(length), key_size = second >> 32;
    bool null_key = (first >> 40 & FRAME_NULL_KEY) != 0;
    if ((first & ~may) != frame_word(length, FRAME_RECORD, 0) || length > most || size > have ||
        length < FRAME_HEAD + key_size || (null_key && key_size > 0))
        return false;
    const uint8_t *key = at + FRAME_HEAD;
    frame->raw = at;
    frame->size = size;
    frame->length = length;
    frame->kind = FRAME_RECORD;
    frame->flags = (uint8_t)(first >> 40);
    frame->source = (uint32_t)second;
    frame->offset = (int64_t)load64(at + FRAME_AT_OFFSET);
    frame->timestamp = (int64_t)load64(at + FRAME_AT_TIMESTAMP);
    frame->key = span_of(null_key ? NULL : key, key_size);
    frame->value = span_of(key + key_size, length - FRAME_HEAD - key_size);
    frame->headers = span_of(NULL, 0);
    frame->header_count = 0;
    return true;
}

/* The HELLO in a frame of that kind. False, *why: cut or of a newer version. Spans point into the
 * frame. */
bool frame_hello(const struct frame *frame, struct hello *hello, const char **why);

/* Whether `name` may be a store's: letters, digits and _, at most FRAME_STORE_NAME of them. Not all
 * that a topic's name may hold, so that GROUP-NAME-changelog is another topic for each pair of
 * them. */
bool frame_store_name(struct span name);

/* What a frame of kind RESTORE or STATE holds: views into it. */
struct state frame_state(const struct frame *frame);

/* The bytes of a LINES that a hop check covers: the fixed header and the sizes. Zeros, up to 7, may
 * follow; then the values. */
static inline size_t frame_lines_head(size_t count)
{
    return FRAME_HEAD + frame_padded(4 * count);
}

/* What a frame of kind LINES holds. False: its sizes do not add up, or a value is longer than
 * `most`. */
bool frame_lines(const struct frame *frame, uint64_t most, struct lines_view *lines);

/* A record as a frame of its own at `at`, of frame_room() bytes: a copy, and of a record of a LINES
 * what it would be. */
void frame_copy(uint8_t *at, const struct frame *frame);

static inline size_t frame_room(const struct frame *frame)
{
    return frame->size > 0 ? frame->size : frame_padded(FRAME_HEAD + frame->value.size);
}

/* Whether a kind is data: of data the hop check does not cover the payload, of all others every
 * byte, and only data may be as long as the record cap allows. */
static inline bool frame_is_data(uint8_t kind)
{
    return kind == FRAME_RECORD || kind == FRAME_STATE || kind == FRAME_RESTORE ||
           kind == FRAME_LINES;
}

/* The hop check in a BARRIER's or END's frame. */
static inline struct check frame_check(const struct frame *frame)
{
    const uint8_t *at = frame->raw + FRAME_HEAD;
    return (struct check){load64(at), load64(at + 8), load64(at + 16)};
}

/* The next header of a block that frame_decode accepted; takes it off *block. False at the end. */
bool frame_header_next(struct span *block, struct header *header);

/* How many bytes a header takes in a block, and writing it there: name size u32, value size u32
 * (0xffffffff: null), name, value; no padding. Returns the byte after it. */
size_t frame_header_size(const struct header *header);
uint8_t *frame_header_put(uint8_t *at, const struct header *header);

/* Writes a fixed header: four whole words, so that a hash that loads them at once need not wait.
 * source 0, key_size 0, offset 0, timestamp 0 where a kind has no use. */
static inline void frame_head(uint8_t at[FRAME_HEAD], size_t length, uint8_t kind, uint8_t flags,
                              uint32_t source, size_t key_size, int64_t offset, int64_t timestamp)
{
    store64(at, frame_word(length, kind, flags));
    store64(at + FRAME_AT_SOURCE, source | (uint64_t)(uint32_t)key_size << 32);
    store64(at + FRAME_AT_OFFSET, (uint64_t)offset);
    store64(at + FRAME_AT_TIMESTAMP, (uint64_t)timestamp);
}

/* A span inside `frame` as bytes that may be changed in place; the frame's owner must be the
 * caller's own buffer. Lengths stay. */
static inline uint8_t *frame_edit(const struct frame *frame, struct span span)
{
    return frame->raw + (span.at - frame->raw);
}

#endif
