/* Any sequence of segments, sources, records and barriers through the writer and the reader: it
 * comes back as it was. The input is a script that is read twice: to write, and to compare. */
#include "fuzz.h"
#include "stream/reader.h"
#include "stream/writer.h"

#include <sys/mman.h>
#include <unistd.h>

enum { PIECE = 65536, POOL = 120000, BLOCK = 1024, SOURCES = 4, RECORD_CAP = 1 << 20 };
static uint8_t pool[POOL];

enum item_kind {
    HELLO,
    OPEN,
    SOURCE,
    STORE,
    TASK,
    KEPT,
    RECORD,
    BARRIER,
    OPTIONAL,
    FINAL,
    END,
    ABORT,
    STOP
};

struct item {
    enum item_kind kind;
    struct record record;
    struct kept kept;
    int64_t number;       /* a barrier's, a source's, a status, HELLO's flags, OPEN's partitions, a
                             task's */
    struct span words;    /* a group, a topic, a store, a body, a line */
    uint8_t block[BLOCK]; /* the record's header block */
};

/* Where the script stands. Its stream is whole, however short the input. */
struct script {
    const uint8_t *at, *end;
    int64_t segments, sources, barriers;
    bool open, group, preamble, final, aborted;
};

static uint8_t byte(struct script *script)
{
    return script->at < script->end ? *script->at++ : 0;
}

/* Up to 199 bytes of the input itself. */
static struct span words(struct script *script)
{
    size_t size = byte(script) % 200, left = (size_t)(script->end - script->at);
    struct span span = span_of(script->at, size > left ? left : size);
    script->at += span.size;
    return span;
}

/* Null, bytes of the input, or some thousands. */
static struct span field(struct script *script)
{
    uint8_t dice = byte(script);
    if (dice < 16)
        return span_of(NULL, 0);
    return dice < 200 ? words(script) : span_of(pool, (size_t)(dice - 199) * 2000);
}

static void make_headers(struct script *script, struct item *item, int count)
{
    uint8_t *end = item->block;
    for (; count > 0; count--) {
        struct header header = {words(script), words(script)};
        if (header.value.size % 7 == 3)
            header.value = span_of(NULL, 0);
        end = frame_header_put(end, &header);
        item->record.header_count++;
    }
    item->record.headers = span_of(item->block, (size_t)(end - item->block));
}

static void make_record(struct script *script, struct item *item)
{
    static const uint8_t times[] = {0, FRAME_CREATE_TIME, FRAME_LOG_APPEND_TIME};
    uint8_t shape = byte(script);
    item->record.time = times[shape % 3];
    item->record.source = shape % (uint32_t)(script->sources + 1);
    item->record.offset = (int8_t)byte(script) * (INT64_MAX / 128);
    item->record.timestamp = (int8_t)byte(script) * (INT64_MAX / 128);
    item->record.key = field(script);
    item->record.value = field(script);
    make_headers(script, item, shape / 86); /* two at most: they fit into BLOCK */
}

/* A name of a store: some of 64 letters. */
static struct span store_name(struct script *script)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_a";
    uint8_t start = byte(script) % 64;
    return span_of((const uint8_t *)letters + start, 1 + (size_t)byte(script) % (64 - start));
}

static void make_kept(struct script *script, struct item *item)
{
    static const uint8_t times[] = {0, FRAME_CREATE_TIME, FRAME_LOG_APPEND_TIME};
    uint8_t shape = byte(script);
    bool state = shape % 2 == 0;
    int64_t number = (int8_t)byte(script) * (INT64_MAX / 128);
    item->kept = (struct kept){.kind = state ? FRAME_STATE : FRAME_RESTORE,
                               .time = state ? times[shape % 3] : 0,
                               .task = byte(script) * (INT32_MAX / 255U),
                               .offset = state ? 0 : number,
                               .timestamp = state ? number : 0,
                               .store = store_name(script),
                               .key = field(script),
                               .value = words(script)};
}

/* What stands next, of what may stand there. */
static enum item_kind next_kind(struct script *script)
{
    bool over = script->at == script->end;
    if (script->aborted || (!script->open && over && script->segments > 0))
        return STOP;
    if (!script->open)
        return script->segments > 0 && byte(script) < 16 ? ABORT : HELLO;
    if (script->final)
        return END;
    if (over)
        return script->preamble ? OPEN : FINAL;
    uint8_t dice = byte(script);
    if (script->preamble && (dice < 200 || (dice >= 230 && dice < 250)))
        return dice < 20 && script->sources < SOURCES ? SOURCE : dice < 90 ? STORE : OPEN;
    if (dice < 40)
        return script->sources < SOURCES ? SOURCE : BARRIER;
    if (dice < 200)
        return script->group && dice % 4 == 0 ? (dice % 16 == 0 ? TASK : KEPT) : RECORD;
    return dice < 230 ? OPTIONAL : dice < 250 ? FINAL : ABORT;
}

static void next_item(struct script *script, struct item *item)
{
    *item = (struct item){.kind = next_kind(script)};
    switch (item->kind) {
    case HELLO:
        script->segments++;
        script->sources = script->barriers = 0;
        script->open = true;
        item->words = words(script);
        item->number = item->words.size % (FRAME_HELLO_FLAGS + 1);
        script->group = script->preamble = item->words.size > 0;
        break;
    case OPEN:
        script->preamble = false;
        item->number = byte(script) * (UINT32_MAX / 255);
        break;
    case SOURCE:
        item->number = ++script->sources;
        item->words = words(script);
        break;
    case STORE:
        item->words = store_name(script);
        break;
    case TASK:
        item->number = byte(script);
        break;
    case KEPT:
        make_kept(script, item);
        break;
    case RECORD:
        make_record(script, item);
        break;
    case FINAL:
        script->final = true;
        item->number = ++script->barriers;
        break;
    case BARRIER:
        item->number = ++script->barriers;
        break;
    case OPTIONAL:
        item->words = words(script);
        break;
    case END:
        script->open = script->final = false;
        break;
    case ABORT:
        script->aborted = true;
        item->number = 1 + byte(script) % 255;
        item->words = words(script);
        break;
    case STOP:
        break;
    }
}

static void write_optional(struct writer *writer, struct span body)
{
    uint8_t raw[FRAME_HEAD + 256] = {0};
    frame_head(raw, FRAME_HEAD + body.size, FRAME_OPTIONAL + 1, 1, 2, 3, 4, 5);
    if (body.size > 0)
        memcpy(raw + FRAME_HEAD, body.at, body.size);
    struct frame frame = {.raw = raw, .size = frame_padded(FRAME_HEAD + body.size)};
    writer_control(writer, &frame);
    out_commit(&writer->out);
}

/* The line as struct fault holds it: without NUL. */
static void abort_fault(const struct item *item, struct fault *fault)
{
    *fault = (struct fault){.status = (int)item->number, .by = "round"};
    for (size_t i = 0; i < item->words.size; i++)
        fault->line[i] = item->words.at[i] == 0 ? '0' : (char)item->words.at[i];
}

static void write_item(struct writer *writer, const struct item *item)
{
    struct fault fault;
    struct hello hello = {FRAME_VERSION, 0, RECORD_CAP, {7, 7}, span_str("c"), item->words};
    hello.flags = item->kind == HELLO ? (uint8_t)item->number : 0;
    switch (item->kind) {
    case HELLO:
        writer_hello(writer, &hello);
        break;
    case OPEN:
        writer_preamble(writer, (uint32_t)item->number);
        break;
    case SOURCE:
        writer_source(writer, (uint32_t)item->number, item->words, -item->number, item->number);
        break;
    case STORE:
        writer_store(writer, item->words);
        break;
    case TASK:
        writer_task(writer, (uint32_t)item->number, FRAME_ASSIGNED,
                    item->number % 2 == 0 ? 0 : FRAME_NEW);
        break;
    case KEPT:
        writer_kept(writer, &item->kept);
        break;
    case RECORD:
        writer_record(writer, &item->record);
        break;
    case BARRIER:
    case FINAL:
        writer_barrier(writer, item->number, item->kind == FINAL);
        break;
    case OPTIONAL:
        write_optional(writer, item->words);
        break;
    case END:
        writer_end(writer);
        break;
    case ABORT:
        abort_fault(item, &fault);
        writer_abort(writer, &fault);
        break;
    case STOP:
        break;
    }
}

static bool same(struct span a, struct span b)
{
    return (a.at == NULL) == (b.at == NULL) && span_equal(a, b);
}

static void must_be_record(const struct frame *frame, const struct record *record)
{
    MUST(frame->kind == FRAME_RECORD && frame->source == record->source);
    MUST(frame->offset == record->offset && frame->timestamp == record->timestamp);
    MUST((frame->flags & (FRAME_CREATE_TIME | FRAME_LOG_APPEND_TIME)) == record->time);
    MUST(same(frame->key, record->key) && same(frame->value, record->value));
    MUST(frame->header_count == record->header_count);
    MUST(span_equal(frame->headers, record->headers));
    bool summed = (frame->raw[FRAME_AT_FLAGS] & FRAME_SUMMED) != 0;
    for (size_t i = frame->length + (summed ? FRAME_SUM : 0); i < frame->size; i++)
        MUST(frame->raw[i] == 0);
}

static void must_be_kept(const struct frame *frame, const struct kept *kept)
{
    struct state got = frame_state(frame);
    MUST(frame->kind == kept->kind && frame->flags == kept->time && frame->source == kept->task);
    MUST(frame->offset == kept->offset && frame->timestamp == kept->timestamp);
    MUST(span_equal(frame->key, kept->key) && span_equal(got.store, kept->store));
    MUST(span_equal(got.value, kept->value));
    for (size_t i = frame->length; i < frame->size; i++)
        MUST(frame->raw[i] == 0);
}

static void must_be(const struct reader *reader, const struct frame *frame, const struct item *item)
{
    const struct source *source;
    switch (item->kind) {
    case HELLO:
        MUST(frame->kind == FRAME_HELLO_KIND && span_equal(reader->hello.group, item->words));
        MUST(reader->hello.flags == item->number);
        break;
    case OPEN:
        MUST(frame->kind == FRAME_OPEN && frame->source == item->number);
        break;
    case SOURCE:
        source = reader_source(reader, frame->source);
        MUST(frame->kind == FRAME_SOURCE_KIND && frame->source == item->number);
        MUST(span_equal(span_of(source->topic, source->topic_size), item->words));
        MUST(source->partition == -item->number && source->epoch == item->number);
        break;
    case STORE:
        MUST(frame->kind == FRAME_STORE && span_equal(frame->key, item->words));
        break;
    case TASK:
        MUST(frame->kind == FRAME_TASK && frame->source == item->number);
        MUST(frame->offset == FRAME_ASSIGNED && frame->flags == item->number % 2);
        break;
    case KEPT:
        must_be_kept(frame, &item->kept);
        break;
    case RECORD:
        must_be_record(frame, &item->record);
        break;
    case BARRIER:
    case FINAL:
        MUST(frame->kind == FRAME_BARRIER && frame->offset == item->number);
        MUST((frame->flags == FRAME_FINAL) == (item->kind == FINAL));
        break;
    case OPTIONAL:
        MUST(frame->kind == FRAME_OPTIONAL + 1 && span_equal(frame->value, item->words));
        break;
    case END:
        MUST(frame->kind == FRAME_END);
        break;
    case ABORT:
    case STOP:
        MUST(item->kind < ABORT);
        break;
    }
}

static void write_all(const uint8_t *data, size_t size, int fd)
{
    struct script script = {.at = data, .end = data + size};
    struct fault fault = {.tool = "writer"};
    struct writer writer;
    struct item item;
    MUST(writer_open(&writer, fd, &fault));
    for (next_item(&script, &item); item.kind != STOP; next_item(&script, &item))
        write_item(&writer, &item);
    writer_close(&writer);
    MUST(fault.status == 0);
}

/* Frames as far as they are there, each the script's next item. */
static enum reader_result read_on(struct reader *reader, struct script *script)
{
    struct item item;
    struct frame frame;
    enum reader_result result;
    while ((result = reader_next(reader, &frame, -1)) == READER_FRAME) {
        next_item(script, &item);
        must_be(reader, &frame, &item);
    }
    return result;
}

/* Through a pipe, `piece` bytes at a time. */
static enum reader_result read_pieces(struct reader *reader, struct script *script, int ends[2],
                                      int fd, size_t piece)
{
    static uint8_t bytes[PIECE];
    ssize_t got;
    while ((got = read(fd, bytes, piece)) > 0) {
        MUST(write(ends[1], bytes, (size_t)got) == got);
        enum reader_result result = read_on(reader, script);
        if (result != READER_WAIT)
            return result;
    }
    close(ends[1]);
    ends[1] = -1;
    return read_on(reader, script);
}

static void read_all(const uint8_t *data, size_t size, int fd)
{
    struct script script = {.at = data, .end = data + size};
    struct fault fault = {.tool = "reader"}, aborted;
    struct reader reader;
    struct item item;
    int ends[2];
    MUST(pipe(ends) == 0 && reader_open(&reader, ends[0], NULL, &fault));
    size_t piece = PIECE - (size > 0 ? data[size - 1] * (size_t)250 : 0);
    enum reader_result result = read_pieces(&reader, &script, ends, fd, piece);
    next_item(&script, &item);
    MUST(result == (item.kind == ABORT ? READER_FAULT : READER_EOF));
    if (item.kind == ABORT) {
        abort_fault(&item, &aborted);
        MUST(fault.status == item.number && strcmp(fault.by, "round") == 0);
        MUST(strcmp(fault.line, aborted.line) == 0);
    }
    reader_close(&reader);
    close(ends[0]);
    if (ends[1] >= 0)
        close(ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("round", 0);
    MUST(fd >= 0);
    for (size_t i = pool[1] == 0 ? 0 : POOL; i < POOL; i++)
        pool[i] = (uint8_t)(i * 31 + i / 256);
    write_all(data, size, dup(fd));
    MUST(lseek(fd, 0, SEEK_SET) == 0);
    read_all(data, size, fd);
    close(fd);
    return 0;
}
