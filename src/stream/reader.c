#include "stream/reader.h"

#include "util/grow.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { SOURCES_MOST = 1 << 20 };

bool reader_open(struct reader *reader, int fd, struct out *out, struct fault *fault)
{
    *reader = (struct reader){.fault = fault, .most = FRAME_CONTROL};
    return in_open(&reader->in, fd, "standard input", out, fault);
}

/* The byte offset in the stream of what comes next. */
static uint64_t position(const struct reader *reader)
{
    return reader->in.total - in_bytes(&reader->in).size;
}

static enum reader_result broken(struct reader *reader, const char *what)
{
    fault_set(reader->fault, STATUS_STREAM,
              "standard input: broken record stream at byte %" PRIu64 ": %s", position(reader),
              what);
    return READER_FAULT;
}

static enum reader_result ended(struct reader *reader)
{
    if (reader->in.total == 0)
        fault_set(reader->fault, STATUS_STREAM,
                  "standard input: nothing came: the stage in front never started");
    else
        fault_set(reader->fault,
                  reader->state <= READER_AT_HELLO || reader->committing ? STATUS_RETRY
                                                                         : STATUS_STREAM,
                  "standard input: ended without END: the stage in front died, or was killed");
    return READER_FAULT;
}

/* Text where a magic should be: someone forgot kcat-in, or put grep in between. */
static enum reader_result not_magic(struct reader *reader, struct span bytes)
{
    enum { NAME = 6, VERSION = 8 }; /* "kpipe/", "kpipe/1 " */
    size_t seen = bytes.size < VERSION ? bytes.size : VERSION;
    if (seen > NAME && memcmp(bytes.at, FRAME_MAGIC, NAME) == 0 &&
        memcmp(bytes.at, FRAME_MAGIC, seen) != 0)
        return broken(reader, "another version than kpipe/1: made by a newer kpipe");
    if (position(reader) > 0)
        return broken(reader, "something follows END that is no record stream");
    fault_set(reader->fault, STATUS_STREAM,
              "standard input: is not a record stream: text becomes records by: kcat-in | ...");
    return READER_FAULT;
}

static void sources_clear(struct reader *reader)
{
    for (size_t i = 0; i < reader->source_count; i++)
        free(reader->sources[i].topic);
    reader->source_count = 0;
}

static bool source_add(struct reader *reader, const struct frame *frame)
{
    struct source *sources =
        grow_list(reader->sources, reader->source_count, &reader->source_room, 16, sizeof *sources);
    if (sources == NULL)
        return false;
    reader->sources = sources;
    struct source *source = &reader->sources[reader->source_count];
    *source = (struct source){.topic = malloc(frame->key.size + 1),
                              .topic_size = frame->key.size,
                              .partition = frame->timestamp,
                              .epoch = frame->offset};
    if (source->topic == NULL)
        return false;
    memcpy(source->topic, frame->key.at, frame->key.size);
    source->topic[frame->key.size] = '\0';
    reader->source_count++;
    return true;
}

static enum reader_result take_hello(struct reader *reader, const struct frame *frame)
{
    const char *why;
    if (!frame_hello(frame, &reader->hello, &why))
        return broken(reader, why);
    reader->group = reader->hello.group.size > 0;
    reader->committing = reader->group && (reader->hello.flags & FRAME_NO_HANDSHAKE) == 0;
    reader->in.spare = reader->group;
    if ((reader->hello.flags & FRAME_PROGRESS) != 0)
        reader->fault->clears = reader->fault->terminal;
    reader->most = (size_t)reader->hello.record_cap + FRAME_SLACK;
    if (reader->most < FRAME_CONTROL)
        reader->most = FRAME_CONTROL;
    reader->records = reader->frames = reader->lined = 0;
    reader->barrier = 0;
    sources_clear(reader);
    hop_start(&reader->hop);
    hop_control(&reader->hop, frame->raw, frame->size);
    reader->frames = 1;
    reader->state = reader->group ? READER_IN_PREAMBLE : READER_IN_BODY;
    return READER_FRAME;
}

static enum reader_result take_source(struct reader *reader, const struct frame *frame)
{
    if (frame->source != reader->source_count + 1 || frame->source > SOURCES_MOST)
        return broken(reader, "sources are not announced in order");
    if (!source_add(reader, frame)) {
        fault_memory(reader->fault);
        return READER_FAULT;
    }
    hop_control(&reader->hop, frame->raw, frame->size);
    reader->frames++;
    return READER_FRAME;
}

/* BARRIER and END: what the writer counted is what came. */
static bool check_agrees(struct reader *reader, const struct frame *frame)
{
    struct check ours = hop_close(&reader->hop, frame->raw), theirs = frame_check(frame);
    return ours.frames == theirs.frames && ours.bytes == theirs.bytes && ours.hash == theirs.hash;
}

static enum reader_result take_barrier(struct reader *reader, const struct frame *frame)
{
    if (!check_agrees(reader, frame))
        return broken(reader, "the check at a BARRIER does not agree: frames were lost or changed");
    if (frame->offset != reader->barrier + 1)
        return broken(reader, "barriers are not numbered in order");
    reader->barrier = frame->offset;
    reader->frames++;
    if ((frame->flags & FRAME_FINAL) != 0)
        reader->state = READER_AT_END;
    return READER_FRAME;
}

static enum reader_result take_end(struct reader *reader, const struct frame *frame)
{
    if (!check_agrees(reader, frame) || (uint64_t)frame->offset != reader->records ||
        (uint64_t)frame->timestamp != reader->frames + reader->records - reader->lined)
        return broken(reader, "the check at END does not agree: frames were lost or changed");
    reader->state = READER_AT_MAGIC; /* and the source of a committing one is there up to EOF */
    reader->most = FRAME_CONTROL;
    return READER_FRAME;
}

static enum reader_result take_abort(struct reader *reader, const struct frame *frame)
{
    fault_inherit(reader->fault, (int)frame->source, frame->key.at, frame->key.size,
                  frame->value.at, frame->value.size);
    return READER_FAULT;
}

static enum reader_result take_open(struct reader *reader, const struct frame *frame)
{
    if (reader->state != READER_IN_PREAMBLE)
        return broken(reader, "OPEN is out of place");
    hop_control(&reader->hop, frame->raw, frame->size);
    reader->frames++;
    reader->state = READER_IN_BODY;
    return READER_FRAME;
}

/* Its records are told one by one, unless the caller takes it whole. */
static enum reader_result take_lines(struct reader *reader, const struct frame *frame)
{
    struct lines_view view;
    if (reader->group || (reader->hello.flags & FRAME_SUMS) != 0)
        return broken(reader, "LINES is out of place");
    if (frame->source > reader->source_count)
        return broken(reader, "a record names a source that was not announced");
    if (!frame_lines(frame, reader->hello.record_cap, &view))
        return broken(reader, "the sizes in LINES do not add up");
    hop_lines(&reader->hop, frame->raw, frame->size);
    reader->frames++;
    reader->lined += view.count;
    if (reader->takes_lines) {
        reader->records += view.count;
    } else {
        reader->lines = (struct reader_lines){view, frame->raw, frame->source, frame->offset};
        reader->state = READER_IN_LINES;
    }
    return READER_FRAME;
}

/* Where a frame must not stand, beyond what READER_AT_HELLO and READER_AT_END say. */
static const char *misplaced(const struct reader *reader, uint8_t kind)
{
    bool preamble = reader->state == READER_IN_PREAMBLE;
    switch (kind) {
    case FRAME_STORE:
        return preamble ? NULL : "STORE is out of place";
    case FRAME_RECORD:
    case FRAME_BARRIER:
        return preamble ? "OPEN is missing" : NULL;
    case FRAME_TASK:
    case FRAME_RESTORE:
    case FRAME_STATE:
        return preamble         ? "OPEN is missing"
               : !reader->group ? "state is kept for groups only"
                                : NULL;
    default:
        return NULL;
    }
}

static enum reader_result take_control(struct reader *reader, const struct frame *frame)
{
    if (frame->kind == FRAME_ABORT)
        return take_abort(reader, frame);
    if (reader->state == READER_AT_HELLO)
        return frame->kind == FRAME_HELLO_KIND ? take_hello(reader, frame)
                                               : broken(reader, "HELLO is missing");
    if (reader->state == READER_AT_END)
        return frame->kind == FRAME_END ? take_end(reader, frame)
                                        : broken(reader, "END is missing after the FINAL barrier");
    const char *wrong = misplaced(reader, frame->kind);
    if (wrong != NULL)
        return broken(reader, wrong);
    switch (frame->kind) {
    case FRAME_SOURCE_KIND:
        return take_source(reader, frame);
    case FRAME_OPEN:
        return take_open(reader, frame);
    case FRAME_BARRIER:
        return take_barrier(reader, frame);
    case FRAME_HELLO_KIND:
        return broken(reader, "a second HELLO");
    case FRAME_LINES:
        return take_lines(reader, frame);
    case FRAME_END:
        return broken(reader, "END without a FINAL barrier");
    default:
        hop_frame(&reader->hop, frame->raw, frame->size);
        reader->frames++;
        return READER_FRAME;
    }
}

static enum reader_result take_record(struct reader *reader, const struct frame *frame)
{
    if (frame->source > reader->source_count)
        return broken(reader, "a record names a source that was not announced");
    hop_record(&reader->hop, frame->raw, frame->size);
    reader->records++;
    return READER_FRAME;
}

/* The magic at the front of what is there. READER_WAIT: more bytes are needed. */
static enum reader_result take_magic(struct reader *reader)
{
    struct span bytes = in_bytes(&reader->in);
    size_t seen = bytes.size < FRAME_MAGIC_SIZE ? bytes.size : FRAME_MAGIC_SIZE;
    if (memcmp(bytes.at, FRAME_MAGIC, seen) != 0)
        return not_magic(reader, bytes);
    if (seen < FRAME_MAGIC_SIZE)
        return READER_WAIT;
    reader->in.at += FRAME_MAGIC_SIZE;
    reader->state = READER_AT_HELLO;
    return READER_FRAME;
}

/* One frame out of what is buffered. READER_WAIT: *need bytes are needed for it. */
static enum reader_result take_frame(struct reader *reader, struct frame *frame, size_t *need)
{
    const char *why = NULL;
    struct in *in = &reader->in;
    uint8_t *at = in->buffer + in->at;
    switch (frame_decode(at, in->have - in->at, reader->most, frame, need, &why)) {
    case FRAME_MORE:
        return READER_WAIT;
    case FRAME_BROKEN:
        return broken(reader, why);
    case FRAME_OK:
        break;
    }
    bool record = frame->kind == FRAME_RECORD && reader->state == READER_IN_BODY;
    enum reader_result got = record ? take_record(reader, frame) : take_control(reader, frame);
    in->at += frame->size;
    if (reader->state == READER_IN_LINES)
        reader_line(reader, frame);
    return got;
}

enum reader_result reader_other(struct reader *reader, struct frame *frame, int wait_ms)
{
    struct in *in = &reader->in;
    for (;;) {
        size_t need = FRAME_MAGIC_SIZE;
        enum reader_result got = READER_WAIT;
        bool magic = reader->state == READER_AT_MAGIC;
        if (!magic)
            got = take_frame(reader, frame, &need);
        else if (in->have > in->at)
            got = take_magic(reader);
        if (got == READER_FRAME && magic)
            continue; /* the frame is behind it */
        if (got != READER_WAIT)
            return got;
        switch (in_fill(in, need, wait_ms)) {
        case IN_OK:
            break;
        case IN_WAIT:
            return READER_WAIT;
        case IN_FAULT:
            return READER_FAULT;
        case IN_EOF:
            if (reader->state == READER_AT_MAGIC && in->total > 0 && in->have == in->at)
                return READER_EOF;
            return ended(reader);
        }
    }
}

static uint64_t skip_lines(struct reader *reader, const uint8_t *until)
{
    struct lines_view *rest = &reader->lines.rest;
    struct lines_view left = *rest;
    while (left.count > 0 && load32(left.sizes) <= until - left.values) {
        left.values += load32(left.sizes);
        left.sizes += 4;
        left.count--;
    }
    uint32_t count = rest->count - left.count;
    *rest = left;
    if (left.count == 0)
        reader->state = READER_IN_BODY;
    reader->lines.offset += count;
    reader->records += count;
    return count;
}

/* Copies of what changes, so that it stays in registers. */
uint64_t reader_skip(struct reader *reader, const uint8_t *until)
{
    struct in *in = &reader->in;
    if (reader->state == READER_IN_LINES)
        return skip_lines(reader, until);
    struct hop hop = reader->hop;
    struct frame frame;
    size_t at = in->at, end = (size_t)(until - in->buffer);
    uint64_t count = 0;
    while (reader->state == READER_IN_BODY &&
           frame_usual(in->buffer + at, end - at, reader->most, &frame) &&
           frame.source <= reader->source_count) {
        hop_record(&hop, frame.raw, frame.size);
        at += frame.size;
        count++;
    }
    in->at = at;
    reader->hop = hop;
    reader->records += count;
    return count;
}

const char *reader_place(const struct reader *reader, const struct frame *frame,
                         char to[PLACE_MOST])
{
    const struct source *source = reader_source(reader, frame->source);
    if (source == NULL)
        snprintf(to, PLACE_MOST, "record %" PRIu64, reader->records);
    else if (source->partition < 0)
        snprintf(to, PLACE_MOST, "%.250s:%" PRIu64, source->topic, (uint64_t)frame->offset + 1);
    else
        snprintf(to, PLACE_MOST, "%.250s/%" PRId64 "@%" PRId64, source->topic, source->partition,
                 frame->offset);
    return to;
}

void reader_close(struct reader *reader)
{
    if (reader->in.spared == SIGINT)
        fault_signal(reader->fault, SIGINT);
    sources_clear(reader);
    free(reader->sources);
    in_close(&reader->in);
}
