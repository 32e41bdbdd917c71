#include "json/write.h"

#include "util/escape.h"
#include "util/utf8.h"
#include "json/base64.h"

enum {
    PIECE = 4096, /* bytes of a string at a time */
    GROWTH = 6,   /* what a byte may become: \uXXXX */
    SLACK = 16    /* the last character's bytes past the piece */
};

static const char hex[] = "0123456789abcdef";

static uint8_t *put_unit(uint8_t *to, uint32_t unit)
{
    *to++ = '\\';
    *to++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *to++ = (uint8_t)hex[unit >> shift & 15];
    return to;
}

static uint8_t *put_point(uint8_t *to, uint32_t point)
{
    if (point < 0x10000)
        return put_unit(to, point);
    point -= 0x10000;
    return put_unit(put_unit(to, 0xD800 | point >> 10), 0xDC00 | (point & 0x3FF));
}

/* One character that may not be copied with its neighbours; *from is past it. */
static uint8_t *put_special(uint8_t *to, const uint8_t **from, size_t size)
{
    static const char letters[] = "b\bt\tn\nf\fr\r\"\"\\\\";
    const uint8_t *at = *from;
    size_t length = at[0] < 0x80 ? 1 : utf8_length(at, size);
    *from += length;
    for (size_t i = 0; length == 1 && i < sizeof letters - 1; i += 2)
        if (at[0] == (uint8_t)letters[i + 1]) {
            *to++ = '\\';
            *to++ = (uint8_t)letters[i];
            return to;
        }
    if (escape_plain(at, size) == 0)
        return put_point(to, utf8_point(at, length));
    memcpy(to, at, length);
    return to + length;
}

/* The bytes of a word that are not `byte` + 0x80 or more and equal to none: its high bits are 0. */
static uint64_t equal(uint64_t word, uint8_t byte)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t apart = word ^ (ones * byte);
    return (apart - ones) & ~apart & high;
}

/* Whether eight bytes are ASCII that stands for itself in a JSON string. */
static bool plain(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t low = (word - ones * 0x20) & ~word;
    return ((word | low | equal(word, '"') | equal(word, '\\') | equal(word, 0x7F)) & high) == 0;
}

/* At most PIECE bytes of `size`, and what their last character has more; how many they were. */
static size_t put_piece(struct out *out, const uint8_t *at, size_t size)
{
    uint8_t *start = out_room(out, PIECE * GROWTH + SLACK), *to = start;
    const uint8_t *from = at, *end = at + (size < PIECE ? size : PIECE);
    while (from < end) {
        uint64_t word = 0;
        if (end - from >= (ptrdiff_t)sizeof word) {
            memcpy(&word, from, sizeof word);
            if (plain(word)) {
                memcpy(to, &word, sizeof word);
                to += sizeof word;
                from += sizeof word;
                continue;
            }
        }
        uint8_t byte = *from;
        if (byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\') {
            *to++ = byte;
            from++;
        } else {
            to = put_special(to, &from, size - (size_t)(from - at));
        }
    }
    out_made(out, (size_t)(to - start));
    return (size_t)(from - at);
}

static void put_base64(struct out *out, struct span bytes)
{
    out_word(out, "{\"base64\":\"");
    for (size_t n = 0; n < bytes.size; n += 3) {
        base64_write(span_of(bytes.at + n, bytes.size - n < 3 ? bytes.size - n : 3),
                     out_room(out, 4));
        out_made(out, 4);
    }
    out_word(out, "\"}");
}

void json_bytes(struct out *out, struct span bytes)
{
    if (bytes.at == NULL) {
        out_word(out, "null");
        return;
    }
    if (!utf8_valid(bytes)) {
        put_base64(out, bytes);
        return;
    }
    out_word(out, "\"");
    for (size_t n = 0; n < bytes.size;)
        n += put_piece(out, bytes.at + n, bytes.size - n);
    out_word(out, "\"");
}

static void put_headers(struct out *out, struct span block)
{
    struct header header;
    const char *before = ",\"headers\":[";
    while (block.size > 0 && frame_header_next(&block, &header)) {
        out_word(out, before);
        json_bytes(out, header.name);
        out_word(out, ",");
        json_bytes(out, header.value);
        before = ",";
    }
    out_word(out, "]");
}

void json_put(struct out *out, const struct text *text, const struct reader *reader,
              const struct frame *frame)
{
    (void)text;
    const struct source *source = reader_source(reader, frame->source);
    out_word(out, "{");
    if (source != NULL) {
        out_word(out, "\"topic\":");
        json_bytes(out, span_of(source->topic, source->topic_size));
        out_word(out, ",\"partition\":");
        out_number(out, source->partition);
        out_word(out, ",");
    }
    out_word(out, "\"offset\":");
    out_number(out, frame->offset);
    if ((frame->flags & (FRAME_CREATE_TIME | FRAME_LOG_APPEND_TIME)) != 0) {
        out_word(out, (frame->flags & FRAME_CREATE_TIME) != 0
                          ? ",\"tstype\":\"create\",\"ts\":"
                          : ",\"tstype\":\"logappend\",\"ts\":");
        out_number(out, frame->timestamp);
    }
    if (frame->header_count > 0)
        put_headers(out, frame->headers);
    out_word(out, ",\"key\":");
    json_bytes(out, frame->key);
    out_word(out, ",\"payload\":");
    json_bytes(out, frame->value);
    out_word(out, "}\n");
}
