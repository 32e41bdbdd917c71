#include "kpipe-adm/dump.h"

#include "util/escape.h"
#include "json/write.h"

#include <inttypes.h>
#include <stdio.h>

static void put(struct out *out, const char *text)
{
    out_put(out, text, strlen(text));
}

static void put_number(struct out *out, const uint64_t *number, const char *none)
{
    char text[24];
    if (number == NULL) {
        put(out, none);
        return;
    }
    snprintf(text, sizeof text, "%" PRIu64, *number);
    put(out, text);
}

static void put_escaped(struct out *out, struct span bytes)
{
    char escaped[ESCAPE_MOST];
    for (size_t n = 0, step; n < bytes.size; n += step) {
        size_t plain = escape_plain(bytes.at + n, bytes.size - n);
        step = plain > 0 ? plain : 1;
        if (plain > 0)
            out_put(out, bytes.at + n, plain);
        else
            out_put(out, escaped, escape_byte(escaped, bytes.at[n]));
    }
}

/* As members of a JSON object. */
static void put_count(struct out *out, struct span key, const uint64_t *count)
{
    put(out, "\"key\":");
    json_bytes(out, key);
    put(out, ",\"count\":");
    put_number(out, count, "null");
}

void dump_row(struct out *out, bool json, uint32_t task, struct span key, uint64_t count)
{
    uint64_t number = task;
    if (!json) {
        put_escaped(out, key);
        put(out, "\t");
        put_number(out, &count, "-");
        put(out, "\n");
        return;
    }
    put(out, "{\"task\":");
    put_number(out, &number, "null");
    put(out, ",");
    put_count(out, key, &count);
    put(out, "}\n");
}

void dump_pair(struct out *out, bool json, struct span key, const uint64_t *count,
               const uint64_t *other)
{
    if (!json) {
        put_escaped(out, key);
        put(out, "\t");
        put_number(out, count, "-");
        put(out, "\t");
        put_number(out, other, "-");
        put(out, "\n");
        return;
    }
    put(out, "{");
    put_count(out, key, count);
    put(out, ",\"other\":");
    put_number(out, other, "null");
    put(out, "}\n");
}
