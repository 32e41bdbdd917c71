#include "stream/writer.h"

#include "util/crc32c.h"

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
    writer->sums = writer->sum_all || (hello->flags & FRAME_SUMS) != 0;
    writer->whole = writer->sums ? 0 : OUT_BUFFER / 4;
    writer->records = writer->frames = writer->lined = 0;
    hop_start(&writer->hop);
    uint8_t frame[FRAME_CONTROL];
    struct span cluster = hello->cluster, group = hello->group;
    uint8_t *end = part(part(frame + FRAME_HELLO, frame, &cluster), frame, &group);
    uint8_t flags = (uint8_t)(hello->flags | (writer->sums ? FRAME_SUMS : 0));
    frame_head(frame, (size_t)(end - frame), FRAME_HELLO_KIND, flags, 0, 0,
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

void writer_store(struct writer *writer, struct span name)
{
    uint8_t frame[FRAME_CONTROL];
    uint8_t *end = part(frame + FRAME_HEAD, frame, &name);
    frame_head(frame, (size_t)(end - frame), FRAME_STORE, 0, 0, name.size, FRAME_COUNTS, 0);
    control(writer, frame);
}

void writer_task(struct writer *writer, uint32_t task, enum frame_task what, uint8_t flags)
{
    uint8_t frame[FRAME_HEAD];
    frame_head(frame, sizeof frame, FRAME_TASK, flags, task, 0, what, 0);
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

/* A record part by part: one that is too large to be worth a copy, and one that gets a sum. Never
 * inline: its arrays would have writer_record() guard the stack for every record. */
__attribute__((noinline)) static void record_in_parts(struct writer *writer,
                                                      const struct record *record, size_t length)
{
    uint8_t head[FRAME_HEAD + FRAME_EXTRA], sum[FRAME_SUM];
    size_t sum_size = writer->sums ? FRAME_SUM : 0, size = frame_padded(length + sum_size);
    size_t head_size = record_head(head, record, length + sum_size);
    head[FRAME_AT_FLAGS] |= writer->sums ? FRAME_SUMMED : 0;
    hop_record(&writer->hop, head, size);
    const struct span parts[] = {span_of(head, head_size), record->key, record->value,
                                 record->headers};
    uint32_t crc = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        out_put(&writer->out, parts[i].at, parts[i].size);
        crc = writer->sums ? crc32c(crc, parts[i]) : 0;
    }
    store32(sum, crc);
    out_put(&writer->out, sum, sum_size);
    out_put(&writer->out, zeros, size - sum_size - length);
}

void writer_record(struct writer *writer, const struct record *record)
{
    size_t length = FRAME_HEAD + (record->header_count > 0 ? (size_t)FRAME_EXTRA : 0) +
                    record->key.size + record->value.size + record->headers.size;
    size_t size = frame_padded(length);
    writer->records++;
    if (size > writer->whole) {
        record_in_parts(writer, record, length);
        return;
    }
    uint8_t *frame = out_room(&writer->out, size);
    store64(frame + size - 8, 0); /* the padding, before the bytes in front of it */
    uint8_t *at = frame + record_head(frame, record, length);
    hop_record(&writer->hop, frame, size);
    copy(copy(copy(at, record->key), record->value), record->headers);
    out_made(&writer->out, size);
}

/* Too large for the buffer: its parts leave from where they lie. */
__attribute__((noinline)) static void large_kept(struct writer *writer, const uint8_t *head,
                                                 const struct kept *kept, size_t length)
{
    out_put(&writer->out, head, FRAME_HEAD);
    out_put(&writer->out, kept->key.at, kept->key.size);
    out_put(&writer->out, kept->store.at, kept->store.size);
    out_put(&writer->out, zeros, 1);
    out_put(&writer->out, kept->value.at, kept->value.size);
    out_put(&writer->out, zeros, frame_padded(length) - length);
}

void writer_line(struct writer *writer, const struct frame *frame)
{
    struct record record = record_of(frame);
    writer_record(writer, &record);
}

static void count_lines(struct writer *writer, size_t count)
{
    writer->frames++;
    writer->records += count;
    writer->lined += count;
}

void writer_lines(struct writer *writer, uint32_t source, int64_t offset, const uint8_t *sizes,
                  size_t count, size_t gap, struct span values)
{
    struct out *out = &writer->out;
    size_t head = frame_lines_head(count), length = frame_padded(head + values.size);
    size_t front = length - values.size;
    uint8_t *at = out_room(out, front);
    memset(at + front - 16, 0, 16); /* what is between the sizes and the values, at most 11 */
    frame_head(at, length, FRAME_LINES, 0, source, count, offset, (int64_t)gap);
    memcpy(at + FRAME_HEAD, sizes, 4 * count);
    hop_lines(&writer->hop, at, length);
    out_made(out, front);
    out_pass(out, values.at, values.size);
    if (values.size >= OUT_BUFFER / 8)
        out_flush(out);
    else
        out_commit(out);
    count_lines(writer, count);
}

void writer_lines_pass(struct writer *writer, const struct frame *frame)
{
    hop_lines(&writer->hop, frame->raw, frame->size);
    out_pass(&writer->out, frame->raw, frame->size);
    count_lines(writer, load32(frame->raw + FRAME_AT_KEY_SIZE));
}

void writer_kept(struct writer *writer, const struct kept *kept)
{
    uint8_t head[FRAME_HEAD + FRAME_EXTRA] = {0}; /* the hop check looks at both */
    size_t length = FRAME_HEAD + kept->key.size + kept->store.size + 1 + kept->value.size;
    size_t size = frame_padded(length);
    frame_head(head, length, kept->kind, kept->time, kept->task, kept->key.size, kept->offset,
               kept->timestamp);
    hop_record(&writer->hop, head, size);
    writer->frames++;
    if (size > OUT_BUFFER / 4) {
        large_kept(writer, head, kept, length);
        return;
    }
    uint8_t *frame = out_room(&writer->out, size);
    store64(frame + size - 8, 0); /* the padding, before the bytes in front of it */
    memcpy(frame, head, FRAME_HEAD);
    uint8_t *at = copy(copy(frame + FRAME_HEAD, kept->key), kept->store);
    *at++ = '\0';
    copy(at, kept->value);
    out_made(&writer->out, size);
}

void writer_control(struct writer *writer, const struct frame *frame)
{
    hop_frame(&writer->hop, frame->raw, frame->size);
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
            (int64_t)(writer->frames + writer->records - writer->lined));
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
