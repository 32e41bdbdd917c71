#include "text/write.h"

#include "util/escape.h"

/* Escaped for a terminal; newline and tab may pass. */
static void put_escaped(struct out *out, struct span bytes)
{
    while (bytes.size > 0) {
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

static uint8_t *copy(uint8_t *at, struct span bytes)
{
    if (bytes.at != NULL)
        memcpy(at, bytes.at, bytes.size);
    return at + bytes.size;
}

/* The usual record: small, and not for a terminal. */
static void put_small(struct out *out, const struct text *text, struct span key, struct span value)
{
    size_t separator = key.at == NULL ? 0 : text->separator.size;
    size_t size = key.size + separator + value.size + 1;
    uint8_t *at = copy(out_room(out, size), key);
    at = copy(copy(at, span_of(text->separator.at, separator)), value);
    *at = text->end;
    out_made(out, size);
}

static void put(struct out *out, const struct text *text, struct span bytes)
{
    if (text->escape)
        put_escaped(out, bytes);
    else
        out_put(out, bytes.at, bytes.size);
}

void text_put(struct out *out, const struct text *text, const struct frame *frame)
{
    struct span key = text->separator.at == NULL ? span_of(NULL, 0) : frame->key;
    if (!text->escape && key.size + frame->value.size < OUT_BUFFER / 4) {
        put_small(out, text, key, frame->value);
        return;
    }
    if (key.at != NULL) {
        put(out, text, key);
        put(out, text, text->separator);
    }
    put(out, text, frame->value);
    put(out, text, span_of(&text->end, 1));
}

enum reader_result text_next(struct reader *reader, struct out *out, const struct text *text,
                             struct frame *frame)
{
    enum reader_result got;
    while ((got = reader_next(reader, frame, -1)) == READER_FRAME && frame->kind == FRAME_RECORD)
        text_put(out, text, frame);
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
