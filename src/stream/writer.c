#include "stream/writer.h"

#include <string.h>

static const uint8_t zeros[8];

static void magic(struct writer *writer)
{
    out_put(&writer->out, FRAME_MAGIC, FRAME_MAGIC_SIZE);
    writer->fresh = true;
    writer->ended = false;
}

bool writer_open(struct writer *writer, int fd, struct fault *fault)
{
    *writer = (struct writer){0};
    if (!out_open(&writer->out, fd, "standard output", fault))
        return false;
    magic(writer);
    out_flush(&writer->out);
    if (!writer->out.failed)
        return true;
    out_close(&writer->out);
    return false;
}

/* A control frame whose length, without padding, stands in its header. */
static void control(struct writer *writer, uint8_t *frame)
{
    size_t length = load32(frame + FRAME_AT_LENGTH), size = frame_padded(length);
    memset(frame + length, 0, size - length);
    hop_control(&writer->hop, frame, size);
    writer->frames++;
    out_put(&writer->out, frame, size);
}

/* Copies a part of a control frame's body as far as the frame may go; the byte after it. */
static uint8_t *part(uint8_t *at, const uint8_t *frame, struct span *bytes)
{
    size_t room = FRAME_CONTROL - (size_t)(at - frame);
    if (bytes->size > room)
        bytes->size = room;
    if (bytes->size > 0)
        memcpy(at, bytes->at, bytes->size);
    return at + bytes->size;
}

void writer_hello(struct writer *writer, const struct hello *hello)
{
    if (!writer->fresh)
        magic(writer);
    writer->fresh = false;
    writer->records = writer->frames = 0;
    hop_start(&writer->hop);
    uint8_t frame[FRAME_CONTROL];
    struct span cluster = hello->cluster, group = hello->group;
    uint8_t *end = part(part(frame + FRAME_HELLO, frame, &cluster), frame, &group);
    frame_head(frame, (size_t)(end - frame), FRAME_HELLO_KIND, hello->flags, 0, 0,
               (int64_t)hello->record_cap, 0);
    store32(frame + FRAME_HEAD, hello->version);
    store32(frame + FRAME_HEAD + 4, (uint32_t)cluster.size);
    store32(frame + FRAME_HEAD + 8, (uint32_t)group.size);
    store32(frame + FRAME_HEAD + 12, 0);
    memcpy(frame + FRAME_HEAD + 16, hello->run_id, sizeof hello->run_id);
    control(writer, frame);
}

void writer_source(struct writer *writer, uint32_t id, struct span topic, int64_t partition,
                   int64_t epoch)
{
    uint8_t frame[FRAME_CONTROL];
    uint8_t *end = part(frame + FRAME_HEAD, frame, &topic);
    frame_head(frame, (size_t)(end - frame), FRAME_SOURCE_KIND, 0, id, topic.size, epoch,
               partition);
    control(writer, frame);
}

void writer_preamble(struct writer *writer, uint32_t partitions)
{
    uint8_t frame[FRAME_HEAD];
    frame_head(frame, sizeof frame, FRAME_OPEN, 0, partitions, 0, 0, 0);
    control(writer, frame);
}

static inline uint8_t record_flags(const struct record *record)
{
    unsigned flags = record->time;
    flags |= record->key.at == NULL ? FRAME_NULL_KEY : 0U;
    flags |= record->value.at == NULL ? FRAME_NULL_VALUE : 0U;
    flags |= record->header_count > 0 ? FRAME_HEADERS : 0U;
    return (uint8_t)flags;
}

/* The fixed header and, with headers, the 8 bytes after it; their size. The timestamp goes by
 * itself: together with the offset compilers copy it by one load of 16 bytes, and that has to wait
 * for the stores of 8 that the caller has just made (measured: a fifth of kcat-in's own time). */
static inline size_t record_head(uint8_t *at, const struct record *record, size_t length)
{
    frame_head(at, length, FRAME_RECORD, record_flags(record), record->source, record->key.size,
               record->offset, 0);
    store64(at + FRAME_AT_TIMESTAMP, (uint64_t)record->timestamp);
    if (record->header_count == 0)
        return FRAME_HEAD;
    store32(at + FRAME_HEAD, (uint32_t)record->headers.size);
    store32(at + FRAME_HEAD + 4, record->header_count);
    return FRAME_HEAD + FRAME_EXTRA;
}

static inline uint8_t *copy(uint8_t *at, struct span bytes)
{
    if (bytes.at != NULL)
        memcpy(at, bytes.at, bytes.size);
    return at + bytes.size;
}

/* A record that is worth no copy: its parts leave from where they lie. Never inline: its array
 * would have writer_record() guard the stack for every record. */
__attribute__((noinline)) static void large_record(struct writer *writer,
                                                   const struct record *record, size_t length)
{
    uint8_t head[FRAME_HEAD + FRAME_EXTRA];
    size_t head_size = record_head(head, record, length), size = frame_padded(length);
    hop_record(&writer->hop, head, size);
    out_put(&writer->out, head, head_size);
    out_put(&writer->out, record->key.at, record->key.size);
    out_put(&writer->out, record->value.at, record->value.size);
    out_put(&writer->out, record->headers.at, record->headers.size);
    out_put(&writer->out, zeros, size - length);
}

void writer_record(struct writer *writer, const struct record *record)
{
    size_t length = FRAME_HEAD + (record->header_count > 0 ? (size_t)FRAME_EXTRA : 0) +
                    record->key.size + record->value.size + record->headers.size;
    size_t size = frame_padded(length);
    writer->records++;
    if (size > OUT_BUFFER / 4) {
        large_record(writer, record, length);
        return;
    }
    uint8_t *frame = out_room(&writer->out, size);
    store64(frame + size - 8, 0); /* the padding, before the bytes in front of it */
    uint8_t *at = frame + record_head(frame, record, length);
    hop_record(&writer->hop, frame, size);
    copy(copy(copy(at, record->key), record->value), record->headers);
    out_made(&writer->out, size);
}

void writer_control(struct writer *writer, const struct frame *frame)
{
    hop_control(&writer->hop, frame->raw, frame->size);
    writer->frames++;
    out_pass(&writer->out, frame->raw, frame->size);
}

/* BARRIER and END: the fixed header joins the hash, the check is the body. */
static void checked(struct writer *writer, uint8_t kind, uint8_t flags, int64_t offset,
                    int64_t timestamp)
{
    uint8_t frame[FRAME_HEAD + FRAME_CHECK];
    frame_head(frame, sizeof frame, kind, flags, 0, 0, offset, timestamp);
    struct check check = hop_close(&writer->hop, frame);
    store64(frame + FRAME_HEAD, check.frames);
    store64(frame + FRAME_HEAD + 8, check.bytes);
    store64(frame + FRAME_HEAD + 16, check.hash);
    writer->frames++;
    out_put(&writer->out, frame, sizeof frame);
}

void writer_barrier(struct writer *writer, int64_t number, bool final)
{
    checked(writer, FRAME_BARRIER, final ? FRAME_FINAL : 0, number, 0);
}

void writer_end(struct writer *writer)
{
    checked(writer, FRAME_END, 0, (int64_t)writer->records,
            (int64_t)(writer->frames + writer->records));
    writer->ended = true;
}

void writer_abort(struct writer *writer, const struct fault *fault)
{
    if (writer->ended)
        magic(writer);
    uint8_t frame[FRAME_CONTROL];
    struct span tool = span_str(fault->by), line = span_str(fault->line);
    uint8_t *end = part(part(frame + FRAME_HEAD, frame, &tool), frame, &line);
    frame_head(frame, (size_t)(end - frame), FRAME_ABORT, 0, (uint32_t)fault->status, tool.size, 0,
               0);
    control(writer, frame);
}

void writer_close(struct writer *writer)
{
    out_close(&writer->out);
}
