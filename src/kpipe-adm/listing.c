#include "kpipe-adm/listing.h"

#include "util/escape.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void listing_open(struct listing *listing, const struct column *columns)
{
    *listing = (struct listing){.columns = columns};
    while (columns[listing->width].name != NULL)
        listing->width++;
}

void listing_row(struct listing *listing, ...)
{
    union cell *cells =
        reallocarray(listing->cells, (listing->rows + 1) * listing->width, sizeof *cells);
    if (cells == NULL || listing->failed) {
        listing->failed = true;
        return;
    }
    listing->cells = cells;
    union cell *row = cells + listing->rows++ * listing->width;
    va_list args;
    va_start(args, listing);
    for (size_t i = 0; i < listing->width; i++)
        if (listing->columns[i].number) {
            row[i].number = va_arg(args, int64_t);
        } else {
            row[i].text = strdup(va_arg(args, const char *));
            listing->failed |= row[i].text == NULL;
        }
    va_end(args);
}

static const union cell *cell(const struct listing *listing, size_t row, size_t column)
{
    return &listing->cells[row * listing->width + column];
}

/* As it stands in the table. Returns its width in bytes; `to` NULL: only that. */
static int put_text(const char *text, FILE *to)
{
    char escaped[ESCAPE_MOST];
    int size = 0;
    for (size_t left = strlen(text), step; left > 0; left -= step, text += step) {
        size_t plain = escape_plain((const uint8_t *)text, left), n = plain;
        step = plain > 0 ? plain : 1;
        if (plain == 0)
            n = escape_byte(escaped, (uint8_t)*text);
        if (to != NULL)
            fwrite(plain > 0 ? text : escaped, 1, n, to);
        size += (int)n;
    }
    return size;
}

static void number_text(int64_t number, char text[24])
{
    if (number < 0)
        snprintf(text, 24, "-");
    else
        snprintf(text, 24, "%" PRId64, number);
}

static int width(const struct listing *listing, size_t row, size_t column)
{
    char text[24];
    if (!listing->columns[column].number)
        return put_text(cell(listing, row, column)->text, NULL);
    number_text(cell(listing, row, column)->number, text);
    return (int)strlen(text);
}

static void put_cell(const struct listing *listing, size_t row, size_t column, int room, FILE *to)
{
    char text[24];
    if (listing->columns[column].number) {
        number_text(cell(listing, row, column)->number, text);
        fprintf(to, "%*s", room, text);
        return;
    }
    int size = put_text(cell(listing, row, column)->text, to);
    if (column + 1 < listing->width)
        fprintf(to, "%*s", room - size, "");
}

static void put_heads(const struct listing *listing, const int room[LISTING_COLUMNS], FILE *to)
{
    for (size_t i = 0; i < listing->width; i++) {
        const char *name = listing->columns[i].name;
        bool last = i + 1 == listing->width;
        int blank = room[i] - (int)strlen(name);
        fprintf(to, "%*s", listing->columns[i].number ? blank : 0, "");
        while (*name != '\0')
            fputc(toupper((unsigned char)*name++), to);
        fprintf(to, "%*s%s", listing->columns[i].number || last ? 0 : blank, "",
                last ? "\n" : "  ");
    }
}

void listing_print(const struct listing *listing, FILE *to)
{
    int room[LISTING_COLUMNS];
    for (size_t i = 0; i < listing->width; i++) {
        room[i] = (int)strlen(listing->columns[i].name);
        for (size_t row = 0; row < listing->rows; row++)
            if (width(listing, row, i) > room[i])
                room[i] = width(listing, row, i);
    }
    put_heads(listing, room, to);
    for (size_t row = 0; row < listing->rows; row++)
        for (size_t i = 0; i < listing->width; i++) {
            put_cell(listing, row, i, room[i], to);
            fputs(i + 1 == listing->width ? "\n" : "  ", to);
        }
}

/* RFC 8259 section 7. */
static void put_string(const char *text, FILE *to)
{
    fputc('"', to);
    for (size_t left = strlen(text), step; left > 0; left -= step, text += step) {
        size_t plain = escape_plain((const uint8_t *)text, left);
        step = plain > 0 ? plain : 1;
        if (*text == '"' || *text == '\\')
            fprintf(to, "\\%c", *text);
        else if (plain > 0)
            fwrite(text, 1, plain, to);
        else if ((unsigned char)*text < 0x80)
            fprintf(to, "\\u%04x", (unsigned)(unsigned char)*text);
        else
            fputs("\\ufffd", to);
    }
    fputc('"', to);
}

void listing_json(const struct listing *listing, FILE *to)
{
    for (size_t row = 0; row < listing->rows; row++)
        for (size_t i = 0; i < listing->width; i++) {
            const union cell *value = cell(listing, row, i);
            fprintf(to, "%s\"%s\":", i == 0 ? "{" : ",", listing->columns[i].name);
            if (!listing->columns[i].number)
                put_string(value->text, to);
            else if (value->number < 0)
                fputs("null", to);
            else
                fprintf(to, "%" PRId64, value->number);
            fputs(i + 1 == listing->width ? "}\n" : "", to);
        }
}

void listing_names(const struct listing *listing, FILE *to)
{
    for (size_t row = 0; row < listing->rows; row++) {
        put_text(cell(listing, row, 0)->text, to);
        fputc('\n', to);
    }
}

void listing_close(struct listing *listing)
{
    for (size_t i = 0; i < listing->rows * listing->width; i++)
        if (!listing->columns[i % listing->width].number)
            free(listing->cells[i].text);
    free(listing->cells);
    *listing = (struct listing){0};
}
