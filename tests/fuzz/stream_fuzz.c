/* Any bytes through the frame decoder and the reader: nothing is looked at outside of them, and
 * what the reader calls a clean end is one by the model too, and the other way round. */
#include "fuzz.h"
#include "model.h"
#include "stream/reader.h"

#include <sys/mman.h>
#include <unistd.h>

static void must_lie_in(struct span span, const struct frame *frame)
{
    if (span.at == NULL) {
        MUST(span.size == 0);
        return;
    }
    MUST(span.at >= frame->raw && span.at <= frame->raw + frame->length);
    MUST(span.size <= (size_t)(frame->raw + frame->length - span.at));
}

/* Adds up the bytes, so that a sanitizer sees each of them read. */
static unsigned touch(struct span span)
{
    unsigned sum = 0;
    for (size_t i = 0; i < span.size; i++)
        sum += span.at[i];
    return sum;
}

static void look_at_record(const struct frame *frame)
{
    struct span block = frame->headers;
    struct header header;
    uint32_t count = 0;
    for (; frame_header_next(&block, &header); count++) {
        must_lie_in(header.name, frame);
        must_lie_in(header.value, frame);
    }
    MUST(count == frame->header_count && block.size == 0);
    MUST((frame->key.at == NULL) == ((frame->flags & FRAME_NULL_KEY) != 0));
    MUST((frame->value.at == NULL) == ((frame->flags & FRAME_NULL_VALUE) != 0));
}

/* What a reader hands out of a LINES has no frame of its own. */
static void look_at_line(const struct frame *frame)
{
    volatile unsigned sum = touch(frame->value);
    (void)sum;
    MUST(frame->kind == FRAME_RECORD && frame->flags == FRAME_NULL_KEY && frame->source > 0);
    MUST(frame->key.at == NULL && frame->value.at != NULL && frame->headers.size == 0);
    MUST(frame->offset >= 0 && frame->value.at > frame->raw + FRAME_HEAD);
}

static void look_at(const struct frame *frame)
{
    struct lines_view lines;
    if (frame->size == 0) {
        look_at_line(frame);
        return;
    }
    MUST(frame->length >= FRAME_HEAD && frame->size >= frame->length && frame->size % 8 == 0);
    must_lie_in(frame->key, frame);
    must_lie_in(frame->value, frame);
    must_lie_in(frame->headers, frame);
    volatile unsigned sum = touch(frame->key) + touch(frame->value) + touch(frame->headers);
    (void)sum;
    if (frame->kind == FRAME_RECORD) {
        look_at_record(frame);
    } else if (frame->kind == FRAME_LINES) {
        if (frame_lines(frame, UINT32_MAX, &lines))
            MUST(lines.count > 0 && lines.values >= frame->value.at &&
                 lines.values < frame->value.at + 8);
    } else if (frame_is_data(frame->kind)) {
        must_lie_in(frame_state(frame).store, frame);
        must_lie_in(frame_state(frame).value, frame);
        MUST(frame_store_name(frame_state(frame).store));
    }
}

/* What the reader's short way takes is what frame_decode() says. */
static void must_agree(uint8_t *at, size_t have, enum frame_result result,
                       const struct frame *frame)
{
    struct frame usual;
    if (!frame_usual(at, have, 1 << 20, &usual))
        return;
    MUST(result == FRAME_OK && usual.size == frame->size && usual.length == frame->length);
    MUST(usual.kind == frame->kind && usual.flags == frame->flags);
    MUST(usual.source == frame->source && usual.offset == frame->offset);
    MUST(usual.timestamp == frame->timestamp && usual.headers.size == frame->headers.size);
    MUST(usual.key.at == frame->key.at && usual.key.size == frame->key.size);
    MUST(usual.value.at == frame->value.at && usual.value.size == frame->value.size);
}

/* Frame after frame, from a copy that ends where the bytes end. */
static void decode_all(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + (size == 0));
    MUST(copy != NULL);
    memcpy(copy, data, size);
    struct frame frame;
    struct hello hello;
    size_t at = 0, need = 0;
    const char *why = NULL;
    enum frame_result result;
    for (;;) {
        result = frame_decode(copy + at, size - at, 1 << 20, &frame, &need, &why);
        must_agree(copy + at, size - at, result, &frame);
        if (result != FRAME_OK)
            break;
        look_at(&frame);
        if (frame.kind == FRAME_HELLO_KIND && frame_hello(&frame, &hello, &why)) {
            must_lie_in(hello.cluster, &frame);
            must_lie_in(hello.group, &frame);
        }
        at += frame.size;
        MUST(at <= size);
    }
    MUST(result == FRAME_MORE ? need > size - at : why != NULL);
    free(copy);
}

/* How a reading ended, to be compared. */
struct reading {
    enum reader_result result;
    struct fault fault;
    uint64_t records;
};

static enum reader_result read_on(struct reader *reader, struct reading *reading)
{
    struct frame frame;
    char place[PLACE_MOST];
    while ((reading->result = reader_next(reader, &frame, -1)) == READER_FRAME) {
        look_at(&frame);
        if (frame.kind == FRAME_RECORD) {
            reading->records++;
            reader_place(reader, &frame, place);
        } else if (frame.kind == FRAME_LINES) {
            reading->records += load32(frame.raw + FRAME_AT_KEY_SIZE);
        }
    }
    return reading->result;
}

/* All at once, from a file in memory. */
static void read_whole(const uint8_t *data, size_t size, struct reading *reading)
{
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("stream", 0);
    MUST(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    MUST(lseek(fd, 0, SEEK_SET) == 0);
    struct reader reader;
    *reading = (struct reading){.fault = {.tool = "whole"}};
    MUST(reader_open(&reader, fd, NULL, &reading->fault));
    MUST(read_on(&reader, reading) != READER_WAIT);
    reader_close(&reader);
}

/* The same in pieces through a pipe; their sizes come from the data. */
static void read_pieces(const uint8_t *data, size_t size, struct reading *reading)
{
    int ends[2];
    MUST(pipe(ends) == 0);
    struct reader reader;
    *reading = (struct reading){.result = READER_WAIT, .fault = {.tool = "pieces"}};
    MUST(reader_open(&reader, ends[0], NULL, &reading->fault));
    reader.takes_lines = true;
    for (size_t at = 0, piece; at < size && reading->result == READER_WAIT; at += piece) {
        piece = 1 + (size_t)(data[at] ^ data[size - 1 - at]) * 4;
        piece = piece > size - at ? size - at : piece;
        MUST(write(ends[1], data + at, piece) == (ssize_t)piece);
        MUST(read_on(&reader, reading) != READER_EOF);
    }
    close(ends[1]);
    if (reading->result == READER_WAIT)
        MUST(read_on(&reader, reading) != READER_WAIT);
    reader_close(&reader);
    close(ends[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading whole, pieces;
    uint64_t records = 0;
    decode_all(data, size);
    read_whole(data, size, &whole);
    read_pieces(data, size, &pieces);
    bool clean = model_clean(data, size, &records);
    MUST(clean == (whole.result == READER_EOF));
    MUST(clean == (whole.fault.status == 0));
    MUST(!clean || records == whole.records);
    MUST(whole.result == pieces.result && whole.records == pieces.records);
    MUST(whole.fault.status == pieces.fault.status);
    MUST(strcmp(whole.fault.line, pieces.fault.line) == 0);
    return 0;
}

static void put(uint8_t *at, uint64_t number)
{
    for (int i = 0; i < 8; i++, number /= 256)
        at[i] = (uint8_t)number;
}

/* Writes into BARRIER and END what belongs there, so that changes elsewhere get past the checks.
 * Without `totals` those of END stay as they are. */
static void repair_segment(struct model *model, bool totals)
{
    model->hash = 0x9e3779b97f4a7c15U;
    model->frames = model->bytes = model->records = model->controls = model->lined = 0;
    uint64_t length;
    while ((length = model_length(model, 1 << 20)) != 0) {
        uint8_t *at = (uint8_t *)(uintptr_t)model->at;
        bool closing = length == 56 && (at[4] == 4 || at[4] == 5), end = at[4] == 5;
        if (!closing) {
            model_count(model, model_padded(length));
        } else {
            if (end && totals) {
                put(at + 16, model->records);
                put(at + 24, model->records + model->controls - model->lined);
            }
            model->hash = model_hash(model->hash, at, 32);
            put(at + 32, model->frames);
            put(at + 40, model->bytes);
            put(at + 48, model->hash);
            model->frames = model->bytes = 0;
        }
        uint64_t lined = at[4] == 12 ? model_number(at + 12, 4) : 0;
        *(at[4] == 3 ? &model->records : &model->controls) += 1;
        model->records += lined;
        model->lined += lined;
        model->at += model_padded(length);
        if (closing && end)
            return;
    }
    model->at = model->end;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, room);
    struct model model = {.at = data, .end = data + size};
    if (seed % 8 == 0)
        return size;
    while (model.end - model.at >= 32) {
        memcpy((uint8_t *)(uintptr_t)model.at, model_magic, 32);
        model.at += 32;
        repair_segment(&model, seed % 8 != 1);
    }
    return size;
}
