#include "kgrep/uncounted.h"

#include <ctype.h>
#include <string.h>

static const char call_out[] = "(?C1)";

/* How many bytes the item at `at` takes: a byte, an escape, a set, or one of ( ) | and operators.
 */
static size_t item_size(const uint8_t *at, const uint8_t *end)
{
    size_t left = (size_t)(end - at), size = 1;
    const uint8_t *close;
    if (*at == '\\')
        size = left > 1 && at[1] == 'x' ? 4 : 2;
    else if (*at == '[' && (close = memchr(at, ']', left)) != NULL)
        size = (size_t)(close - at) + 1;
    return size < left ? size : left;
}

/* What stands behind a parenthesis that opens and says what it is: ?: ?= ?! ?<! */
static size_t kind_size(const uint8_t *at, const uint8_t *end)
{
    size_t size = 0;
    if (at == end || *at != '?')
        return 0;
    while (at + size < end && strchr("?<=!:", at[size]) != NULL)
        size++;
    return size;
}

static bool repeats(const uint8_t *at, const uint8_t *end)
{
    return at < end && strchr("*+{", *at) != NULL;
}

/* The bytes of {N,} before its comma; 0: it is something else. */
static size_t open_interval(const uint8_t *at, const uint8_t *end)
{
    size_t size = 1;
    if (at == end || *at != '{')
        return 0;
    while (at + size < end && isdigit(at[size]))
        size++;
    return at + size + 1 < end && at[size] == ',' && at[size + 1] == '}' ? size : 0;
}

/* The operator behind an item that is no group. Returns what is behind it. */
static const uint8_t *put_repeat(struct buffer *out, struct span item, const uint8_t *at,
                                 const uint8_t *end)
{
    size_t digits = open_interval(at, end);
    if (digits == 0 && (at == end || *at != '+'))
        return at;
    if (digits > 0) {
        buffer_put(out, at, digits);
        buffer_say(out, "}");
    }
    buffer_put(out, item.at, item.size);
    buffer_say(out, "*");
    return digits > 0 ? at + digits + 2 : at + 1;
}

void uncounted(struct buffer *out, struct span pattern)
{
    const uint8_t *at = pattern.at, *end = at + pattern.size;
    buffer_say(out, call_out);
    buffer_say(out, "(?:");
    while (at < end) {
        struct span item = span_of(at, item_size(at, end));
        at += item.size;
        if (*item.at == ')' && repeats(at, end))
            buffer_say(out, call_out);
        buffer_put(out, item.at, item.size);
        if (*item.at == '(') {
            size_t size = kind_size(at, end);
            buffer_put(out, at, size);
            at += size;
        } else if (*item.at != ')') {
            at = put_repeat(out, item, at, end);
        }
    }
    buffer_say(out, ")");
}
