#include "stream/frame.h"

_Static_assert(sizeof FRAME_MAGIC - 1 == FRAME_MAGIC_SIZE, "the magic is a header's size");

static const uint32_t null_size = UINT32_MAX;

static enum frame_result broken(const char **why, const char *what)
{
    *why = what;
    return FRAME_BROKEN;
}

/* Takes one header off the block; false where the block ends inside it. */
static bool take_header(struct span *block, struct header *header)
{
    if (block->size < 8)
        return false;
    uint32_t name = load32(block->at), value = load32(block->at + 4);
    size_t bytes = value == null_size ? 0 : value;
    if (name > block->size - 8 || bytes > block->size - 8 - name)
        return false;
    header->name = span_of(block->at + 8, name);
    header->value = span_of(value == null_size ? NULL : block->at + 8 + name, bytes);
    size_t taken = 8 + (size_t)name + bytes;
    *block = span_of(block->at + taken, block->size - taken);
    return true;
}

static bool headers_parse(struct span block, uint32_t count)
{
    struct header header;
    for (; count > 0; count--)
        if (!take_header(&block, &header))
            return false;
    return block.size == 0;
}

/* The body of a RECORD whose `length` bytes are all there. */
static enum frame_result decode_record(struct frame *frame, size_t key_size, const char **why)
{
    size_t start = FRAME_HEAD, block = 0;
    frame->header_count = 0;
    if ((frame->flags & FRAME_HEADERS) != 0) {
        if (frame->length < FRAME_HEAD + FRAME_EXTRA)
            return broken(why, "a record is cut in its header block");
        block = load32(frame->raw + FRAME_HEAD);
        frame->header_count = load32(frame->raw + FRAME_HEAD + 4);
        start += FRAME_EXTRA;
    }
    if (block > frame->length - start || key_size > frame->length - start - block)
        return broken(why, "a record's parts are longer than the record");
    const uint8_t *key = frame->raw + start;
    size_t value_size = frame->length - start - block - key_size;
    frame->key = span_of(key, key_size);
    frame->value = span_of(key + key_size, value_size);
    frame->headers = span_of(key + key_size + value_size, block);
    if ((frame->flags & (FRAME_NULL_KEY | FRAME_NULL_VALUE)) != 0) {
        if ((frame->flags & FRAME_NULL_KEY) != 0) {
            frame->key.at = NULL;
            if (key_size != 0)
                return broken(why, "a null key has bytes");
        }
        if ((frame->flags & FRAME_NULL_VALUE) != 0) {
            frame->value.at = NULL;
            if (value_size != 0)
                return broken(why, "a null value has bytes");
        }
    }
    if ((frame->flags & FRAME_HEADERS) != 0 && !headers_parse(frame->headers, frame->header_count))
        return broken(why, "a header block does not parse to its length");
    return FRAME_OK;
}

/* What each control kind must look like, beyond its lengths. */
static const char *control_wrong(const struct frame *frame, size_t key_size)
{
    bool nameless = frame->source == 0 && key_size == 0, flags = frame->flags != 0;
    switch (frame->kind) {
    case FRAME_HELLO_KIND:
        return frame->length < FRAME_HELLO          ? "HELLO is too short"
               : !nameless || frame->timestamp != 0 ? "HELLO is malformed"
                                                    : NULL;
    case FRAME_SOURCE_KIND:
        return flags || frame->source == 0 || key_size != frame->length - FRAME_HEAD
                   ? "SOURCE is malformed"
                   : NULL;
    case FRAME_BARRIER:
        return frame->length != FRAME_HEAD + FRAME_CHECK || (frame->flags & ~FRAME_FINAL) != 0 ||
                       !nameless || frame->timestamp != 0
                   ? "BARRIER is malformed"
                   : NULL;
    case FRAME_END:
        return frame->length != FRAME_HEAD + FRAME_CHECK || flags || !nameless ? "END is malformed"
                                                                               : NULL;
    case FRAME_OPEN:
        return frame->length != FRAME_HEAD || flags || key_size != 0 || frame->offset != 0 ||
                       frame->timestamp != 0
                   ? "OPEN is malformed"
                   : NULL;
    case FRAME_ABORT:
        if (frame->source == 0 || frame->source > 255)
            return "ABORT has no status";
        return flags || frame->offset != 0 || frame->timestamp != 0 ? "ABORT is malformed" : NULL;
    default:
        return frame->kind < FRAME_OPTIONAL ? "a frame of an unknown kind: made by a newer kpipe"
                                            : NULL;
    }
}

static enum frame_result decode_control(struct frame *frame, size_t key_size, const char **why)
{
    const char *wrong = control_wrong(frame, key_size);
    if (wrong != NULL)
        return broken(why, wrong);
    if (frame->kind >= FRAME_OPTIONAL)
        key_size = 0;
    if (key_size > frame->length - FRAME_HEAD)
        return broken(why, "a control frame's parts are longer than the frame");
    frame->key = span_of(frame->raw + FRAME_HEAD, key_size);
    frame->value =
        span_of(frame->raw + FRAME_HEAD + key_size, frame->length - FRAME_HEAD - key_size);
    frame->headers = span_of(NULL, 0);
    frame->header_count = 0;
    return FRAME_OK;
}

enum frame_result frame_decode(uint8_t *at, size_t have, size_t most, struct frame *frame,
                               size_t *need, const char **why)
{
    if (have < FRAME_HEAD) {
        *need = FRAME_HEAD;
        return FRAME_MORE;
    }
    frame->raw = at;
    frame->length = load32(at + FRAME_AT_LENGTH);
    frame->size = frame_padded(frame->length);
    frame->kind = at[FRAME_AT_KIND];
    frame->flags = at[FRAME_AT_FLAGS];
    bool record = frame->kind == FRAME_RECORD;
    if (frame->length < FRAME_HEAD)
        return broken(why, "a frame is shorter than its header");
    if (load16(at + FRAME_AT_ZERO) != 0 || (record && frame->flags > FRAME_RECORD_FLAGS))
        return broken(why, "a frame has flags that are not known: made by a newer kpipe");
    if (frame->length > most)
        return broken(why, "a frame is longer than HELLO allows");
    if (!record && frame->kind < FRAME_OPTIONAL && frame->length > FRAME_CONTROL)
        return broken(why, "a control frame is too long");
    if (have < frame->size) {
        *need = frame->size;
        return FRAME_MORE;
    }
    frame->source = load32(at + FRAME_AT_SOURCE);
    frame->offset = (int64_t)load64(at + FRAME_AT_OFFSET);
    frame->timestamp = (int64_t)load64(at + FRAME_AT_TIMESTAMP);
    size_t key_size = load32(at + FRAME_AT_KEY_SIZE);
    return record ? decode_record(frame, key_size, why) : decode_control(frame, key_size, why);
}

bool frame_hello(const struct frame *frame, struct hello *hello, const char **why)
{
    const uint8_t *at = frame->raw + FRAME_HEAD;
    size_t cluster = load32(at + 4), group = load32(at + 8);
    *hello = (struct hello){
        .version = load32(at), .flags = frame->flags, .record_cap = (uint64_t)frame->offset};
    memcpy(hello->run_id, at + 16, sizeof hello->run_id);
    if (hello->version != FRAME_VERSION || (hello->flags & ~FRAME_NO_HANDSHAKE) != 0 ||
        load32(at + 12) != 0) {
        *why = "HELLO has a version or flags that are not known: made by a newer kpipe";
        return false;
    }
    if (cluster > frame->length - FRAME_HELLO || group != frame->length - FRAME_HELLO - cluster) {
        *why = "HELLO's parts do not add up";
        return false;
    }
    if (hello->record_cap > (UINT64_C(1) << 30) - FRAME_SLACK - 1) {
        *why = "HELLO's record cap is too high";
        return false;
    }
    hello->cluster = span_of(frame->raw + FRAME_HELLO, cluster);
    hello->group = span_of(frame->raw + FRAME_HELLO + cluster, group);
    return true;
}

bool frame_header_next(struct span *block, struct header *header)
{
    return take_header(block, header);
}

size_t frame_header_size(const struct header *header)
{
    return 8 + header->name.size + header->value.size;
}

uint8_t *frame_header_put(uint8_t *at, const struct header *header)
{
    store32(at, (uint32_t)header->name.size);
    store32(at + 4, header->value.at == NULL ? null_size : (uint32_t)header->value.size);
    at += 8;
    if (header->name.at != NULL)
        memcpy(at, header->name.at, header->name.size);
    at += header->name.size;
    if (header->value.at != NULL)
        memcpy(at, header->value.at, header->value.size);
    return at + header->value.size;
}
