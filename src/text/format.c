#include "text/format.h"

#include "util/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char tokens[] = "sSRkKtpoThD";

struct format_part {
    char token;          /* one of `tokens`; 0: a literal */
    struct span literal; /* in format->bytes */
};

/* Appends a byte to the literal that the format ends with, a new one after a token. */
static void add_byte(struct format *format, size_t *used, uint8_t byte)
{
    if (format->count == 0 || format->parts[format->count - 1].token != 0)
        format->parts[format->count++].literal = span_of(format->bytes + *used, 0);
    format->bytes[(*used)++] = byte;
    format->parts[format->count - 1].literal.size++;
}

/* One token, escape or byte off *word. */
static bool take(struct format *format, size_t *used, const char **word)
{
    char letter = *(*word)++;
    int byte = (unsigned char)letter;
    if (letter == '\\') {
        byte = parse_escape(word);
    } else if (letter == '%') {
        letter = **word;
        *word += letter != '\0';
        if (letter != '\0' && strchr(tokens, letter) != NULL) {
            format->parts[format->count++] = (struct format_part){.token = letter};
            return true;
        }
        byte = letter == '%' ? '%' : -1;
    }
    if (byte < 0)
        return false;
    add_byte(format, used, (uint8_t)byte);
    return true;
}

bool format_read(struct format *format, const char *word, struct fault *fault)
{
    size_t room = strlen(word) + 1, used = 0;
    *format = (struct format){.bytes = malloc(room), .parts = calloc(room, sizeof *format->parts)};
    if (format->bytes == NULL || format->parts == NULL)
        return fault_memory(fault) == 0;
    for (const char *rest = word; *rest != '\0';)
        if (!take(format, &used, &rest)) {
            fault_set(fault, STATUS_USAGE,
                      "-f %.*s: want a token out of %%s %%S %%R %%k %%K %%t %%p %%o %%T %%D %%h "
                      "%%%%, or an escape out of \\n \\r \\t \\0 \\\\ \\xNN",
                      (int)(rest - word), word);
            return false;
        }
    return true;
}

struct span format_tail(const struct format *format)
{
    if (format->count == 0 || format->parts[format->count - 1].token != 0)
        return span_of(NULL, 0);
    return format->parts[format->count - 1].literal;
}

static void put_field(struct out *out, const struct text *text, struct span field)
{
    if (field.at == NULL)
        out_word(out, "NULL");
    else
        text_bytes(out, text, field);
}

static void put_headers(struct out *out, const struct text *text, struct span block)
{
    struct header header;
    const char *between = "";
    while (block.size > 0 && frame_header_next(&block, &header)) {
        out_word(out, between);
        text_bytes(out, text, header.name);
        out_word(out, "=");
        put_field(out, text, header.value);
        between = ",";
    }
}

/* RFC 3339 in UTC, to the millisecond. It ends with the year 9999: later years have more digits. */
static void put_date(struct out *out, int64_t ms)
{
    char date[64];
    struct tm tm;
    int64_t part = ms % 1000;
    time_t seconds = (time_t)(ms / 1000 - (part < 0));
    if (gmtime_r(&seconds, &tm) == NULL) {
        out_number(out, ms);
        return;
    }
    int size = snprintf(date, sizeof date, "%04ld-%02d-%02dT%02d:%02d:%02d.%03dZ",
                        tm.tm_year + 1900L, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                        tm.tm_sec, (int)(part < 0 ? part + 1000 : part));
    out_put(out, date, (size_t)size);
}

static int64_t size_of(struct span field)
{
    return field.at == NULL ? -1 : (int64_t)field.size;
}

static void put_token(struct out *out, const struct text *text, const struct reader *reader,
                      const struct frame *frame, char token)
{
    const struct source *source = reader_source(reader, frame->source);
    bool timed = (frame->flags & (FRAME_CREATE_TIME | FRAME_LOG_APPEND_TIME)) != 0;
    uint32_t size = htobe32((uint32_t)size_of(frame->value));
    switch (token) {
    case 's':
        put_field(out, text, frame->value);
        break;
    case 'S':
        out_number(out, size_of(frame->value));
        break;
    case 'R':
        text_bytes(out, text, span_of(&size, sizeof size));
        break;
    case 'k':
        put_field(out, text, frame->key);
        break;
    case 'K':
        out_number(out, size_of(frame->key));
        break;
    case 't':
        put_field(out, text,
                  source == NULL ? span_of(NULL, 0) : span_of(source->topic, source->topic_size));
        break;
    case 'p':
        out_number(out, source == NULL ? -1 : source->partition);
        break;
    case 'o':
        out_number(out, frame->offset);
        break;
    case 'T':
        out_number(out, timed ? frame->timestamp : -1);
        break;
    case 'D':
        if (timed)
            put_date(out, frame->timestamp);
        else
            out_word(out, "NULL");
        break;
    case 'h':
        put_headers(out, text, frame->headers);
        break;
    }
}

void format_put(struct out *out, const struct text *text, const struct reader *reader,
                const struct frame *frame)
{
    const struct format *format = text->format;
    for (size_t i = 0; i < format->count; i++) {
        const struct format_part *part = &format->parts[i];
        if (part->token == 0)
            out_put(out, part->literal.at, part->literal.size);
        else
            put_token(out, text, reader, frame, part->token);
    }
}

void format_free(struct format *format)
{
    free(format->bytes);
    free(format->parts);
    *format = (struct format){0};
}
