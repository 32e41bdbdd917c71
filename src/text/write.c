#include "text/write.h"

#include "util/escape.h"

enum { TERMINAL_MOST = 4096 }; /* bytes that are written to a terminal at once */

/* Escaped for a terminal; newline and tab may pass. */
static void put_escaped(struct out *out, struct span bytes)
{
    while (bytes.at != NULL && bytes.size > 0) {
        char one[ESCAPE_MOST];
        size_t taken = escape_plain(bytes.at, bytes.size);
        if (taken > 0 || *bytes.at == '\n' || *bytes.at == '\t') {
            taken += taken == 0;
            out_put(out, bytes.at, taken);
        } else {
            taken = 1;
            out_put(out, one, escape_byte(one, *bytes.at));
        }
        bytes = span_of(bytes.at + taken, bytes.size - taken);
    }
}

/* Bold and red as GNU grep shows a match. */
static void put_painted(struct out *out, const struct text_paint *paint, struct span bytes)
{
    static const char on[] = "\33[01;31m\33[K", off[] = "\33[m\33[K";
    size_t from = 0;
    struct span found;
    while (from < bytes.size && paint->find(paint->arg, bytes, from, &found)) {
        put_escaped(out, span_of(bytes.at + from, (size_t)(found.at - bytes.at) - from));
        out_put(out, on, sizeof on - 1);
        put_escaped(out, found);
        out_put(out, off, sizeof off - 1);
        from = (size_t)(found.at - bytes.at) + found.size;
    }
    put_escaped(out, span_of(bytes.at + from, bytes.size - from));
}

static uint8_t *copy(uint8_t *at, struct span bytes)
{
    if (bytes.at != NULL)
        memcpy(at, bytes.at, bytes.size);
    return at + bytes.size;
}

void text_bytes(struct out *out, const struct text *text, struct span bytes)
{
    if (text->escape)
        put_escaped(out, bytes);
    else
        out_put(out, bytes.at, bytes.size);
}

static void put_seen(struct out *out, const struct text *text, struct span bytes, bool painted)
{
    if (painted && bytes.at != NULL)
        put_painted(out, text->paint, bytes);
    else
        text_bytes(out, text, bytes);
}

/* The usual record, small and not for a terminal, in one piece. False: it is none. */
static inline bool put_usual(struct out *out, const struct text *text, const struct frame *frame)
{
    struct span key = text->separator.at == NULL ? span_of(NULL, 0) : frame->key;
    if (text->put != NULL || text->escape || key.size + frame->value.size >= OUT_BUFFER / 4)
        return false;
    struct span separator = key.at == NULL ? span_of(NULL, 0) : text->separator;
    size_t size = key.size + separator.size + frame->value.size + text->end.size;
    uint8_t *at = copy(copy(copy(out_room(out, size), key), separator), frame->value);
    if (text->end.size == 1)
        *at = text->end.at[0];
    else
        copy(at, text->end);
    out_made(out, size);
    return true;
}

static void put_other(struct out *out, const struct text *text, const struct reader *reader,
                      const struct frame *frame)
{
    if (text->put != NULL) {
        text->put(out, text, reader, frame);
        return;
    }
    if (text->separator.at != NULL && frame->key.at != NULL) {
        put_seen(out, text, frame->key, text->paint != NULL && text->paint->keys);
        text_bytes(out, text, text->separator);
    }
    put_seen(out, text, frame->value, text->paint != NULL && !text->paint->keys);
    text_bytes(out, text, text->end);
}

/* On a terminal that shows how far the source is, what we write begins with a line of its own, and
 * ends with a record, for the next thing that is written there begins with its line, too. */
static void put_slow(struct out *out, const struct text *text, const struct reader *reader,
                     const struct frame *frame)
{
    bool shared = text->escape && (reader->hello.flags & FRAME_PROGRESS) != 0;
    if (shared && out->have == 0)
        out_put(out, FAULT_CLEAR, sizeof FAULT_CLEAR - 1);
    put_other(out, text, reader, frame);
    if (shared && out->have >= TERMINAL_MOST)
        out_flush(out);
}

void text_put(struct out *out, const struct text *text, const struct reader *reader,
              const struct frame *frame)
{
    if (!put_usual(out, text, frame))
        put_slow(out, text, reader, frame);
}

enum reader_result text_next(struct reader *reader, struct out *out, const struct text *text,
                             struct frame *frame)
{
    enum reader_result got;
    while ((got = reader_next(reader, frame, -1)) == READER_FRAME && frame->kind == FRAME_RECORD)
        if (!put_usual(out, text, frame))
            put_slow(out, text, reader, frame);
    return got;
}

bool text_run(struct reader *reader, struct out *out, const struct text *text,
              struct delivery *delivery)
{
    struct frame frame;
    while (reader->fault->status == 0 && text_next(reader, out, text, &frame) == READER_FRAME) {
        if (!delivery_take(delivery, reader, &frame))
            break;
        if (frame.kind == FRAME_BARRIER && delivery->committing) {
            out_sync(out);
            if (!out->failed)
                delivery_ack(delivery, frame.offset);
        }
    }
    out_flush(out);
    return reader->fault->status == 0;
}
