#include "stream/frame.h"

#include "util/crc32c.h"

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

/* Takes the sum off a record that has one. The padding must be zeros then: no bit of the frame can
 * change unseen. */
static bool take_sum(struct frame *frame)
{
    if (frame->length < FRAME_HEAD + FRAME_SUM)
        return false;
    for (size_t i = frame->length; i < frame->size; i++)
        if (frame->raw[i] != 0)
            return false;
    frame->length -= FRAME_SUM;
    frame->flags &= (uint8_t)~FRAME_SUMMED;
    return load32(frame->raw + frame->length) == crc32c(0, span_of(frame->raw, frame->length));
}

void frame_sum(const struct frame *frame)
{
    store32(frame->raw + frame->length, crc32c(0, span_of(frame->raw, frame->length)));
}

/* The body of a RECORD whose `length` bytes are all there. */
static enum frame_result decode_record(struct frame *frame, size_t key_size, const char **why)
{
    size_t start = FRAME_HEAD, block = 0;
    frame->header_count = 0;
    if ((frame->flags & FRAME_SUMMED) != 0 && !take_sum(frame))
        return broken(why, "a record's checksum is wrong: its bytes were changed");
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

bool frame_store_name(struct span name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
    for (size_t i = 0; i < name.size; i++)
        if (memchr(letters, name.at[i], sizeof letters - 1) == NULL)
            return false;
    return name.size > 0 && name.size <= FRAME_STORE_NAME;
}

/* The store's name ends with a NUL that must come before the frame's end. */
static bool state_parses(struct span rest)
{
    size_t most = rest.size < FRAME_STORE_NAME + 1 ? rest.size : FRAME_STORE_NAME + 1;
    const uint8_t *end = most == 0 ? NULL : memchr(rest.at, '\0', most);
    return end != NULL && frame_store_name(span_of(rest.at, (size_t)(end - rest.at)));
}

struct state frame_state(const struct frame *frame)
{
    size_t name = strlen((const char *)frame->value.at), value = frame->value.size - name - 1;
    return (struct state){span_of(frame->value.at, name),
                          span_of(frame->value.at + name + 1, value)};
}

static bool task_fits(const struct frame *frame)
{
    uint8_t flags = frame->offset == FRAME_ASSIGNED ? FRAME_NEW : 0;
    return frame->length == FRAME_HEAD && frame->source <= INT32_MAX &&
           (frame->flags & ~flags) == 0 && frame->timestamp == 0 &&
           frame->offset >= FRAME_ASSIGNED && frame->offset <= FRAME_LOST;
}

static bool state_fits(const struct frame *frame)
{
    bool state = frame->kind == FRAME_STATE;
    return frame->source <= INT32_MAX && (frame->flags & ~(state ? FRAME_STATE_FLAGS : 0)) == 0 &&
           frame->flags != FRAME_STATE_FLAGS && (!state || frame->offset == 0) &&
           (state || frame->timestamp == 0);
}

/* All but its sizes, which frame_lines() looks at. */
static bool lines_fit(const struct frame *frame, size_t count)
{
    return frame->flags == 0 && frame->source > 0 && count > 0 && frame->length % 8 == 0 &&
           count <= (frame->length - FRAME_HEAD) / 4 && frame_lines_head(count) <= frame->length &&
           frame->timestamp >= 0 && frame->timestamp <= FRAME_GAP_MOST && frame->offset >= 0 &&
           frame->offset <= INT64_MAX - UINT32_MAX;
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
    case FRAME_STORE:
        return frame->source != 0 || flags || frame->timestamp != 0 ||
                       key_size != frame->length - FRAME_HEAD ||
                       !frame_store_name(span_of(frame->raw + FRAME_HEAD, key_size))
                   ? "STORE is malformed"
               : frame->offset != FRAME_COUNTS
                   ? "STORE is of an unknown kind: made by a newer kpipe"
                   : NULL;
    case FRAME_TASK:
        return key_size != 0 || !task_fits(frame) ? "TASK is malformed" : NULL;
    case FRAME_RESTORE:
        return !state_fits(frame) ? "RESTORE is malformed" : NULL;
    case FRAME_STATE:
        return !state_fits(frame) ? "STATE is malformed" : NULL;
    case FRAME_LINES:
        return !lines_fit(frame, key_size) ? "LINES is malformed" : NULL;
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
    if (frame->kind == FRAME_LINES)
        key_size = frame_lines_head(key_size) - FRAME_HEAD;
    else if (frame->kind >= FRAME_OPTIONAL)
        key_size = 0;
    if (key_size > frame->length - FRAME_HEAD)
        return broken(why, "a control frame's parts are longer than the frame");
    frame->key = span_of(frame->raw + FRAME_HEAD, key_size);
    frame->value =
        span_of(frame->raw + FRAME_HEAD + key_size, frame->length - FRAME_HEAD - key_size);
    if ((frame->kind == FRAME_STATE || frame->kind == FRAME_RESTORE) && !state_parses(frame->value))
        return broken(why, "a state's parts do not name a store");
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
    if (load64(at) != frame_word(frame->length, frame->kind, frame->flags))
        return broken(why, "no frame stands here: bytes were changed or are missing");
    if (frame->length < FRAME_HEAD)
        return broken(why, "a frame is shorter than its header");
    if (record && (frame->flags & ~FRAME_SUMMED) > FRAME_RECORD_FLAGS)
        return broken(why, "a frame has flags that are not known: made by a newer kpipe");
    if (frame->length > most)
        return broken(why, "a frame is longer than HELLO allows");
    if (!frame_is_data(frame->kind) && frame->kind < FRAME_OPTIONAL &&
        frame->length > FRAME_CONTROL)
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

bool frame_lines(const struct frame *frame, uint64_t most, struct lines_view *lines)
{
    uint32_t count = load32(frame->raw + FRAME_AT_KEY_SIZE), least = UINT32_MAX, longest = 0;
    uint32_t gap = (uint32_t)frame->timestamp;
    const uint8_t *sizes = frame->raw + FRAME_HEAD;
    uint64_t all = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t size = load32(sizes + 4 * i);
        all += size;
        least = size < least ? size : least;
        longest = size > longest ? size : longest;
    }
    size_t rest = frame->value.size;
    if (least < gap || longest - gap > most || all > rest || rest - all >= 8)
        return false;
    *lines = (struct lines_view){sizes, frame->raw + frame->length - all, count, gap};
    return true;
}

void frame_copy(uint8_t *at, const struct frame *frame)
{
    size_t size = frame_room(frame);
    if (frame->size > 0) {
        memcpy(at, frame->raw, size);
        return;
    }
    store64(at + size - 8, 0); /* the padding, before the bytes in front of it */
    frame_head(at, FRAME_HEAD + frame->value.size, FRAME_RECORD, frame->flags, frame->source, 0,
               frame->offset, 0);
    memcpy(at + FRAME_HEAD, frame->value.at, frame->value.size);
}

bool frame_hello(const struct frame *frame, struct hello *hello, const char **why)
{
    const uint8_t *at = frame->raw + FRAME_HEAD;
    size_t cluster = load32(at + 4), group = load32(at + 8);
    *hello = (struct hello){
        .version = load32(at), .flags = frame->flags, .record_cap = (uint64_t)frame->offset};
    memcpy(hello->run_id, at + 16, sizeof hello->run_id);
    if (hello->version != FRAME_VERSION || (hello->flags & ~FRAME_HELLO_FLAGS) != 0 ||
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
