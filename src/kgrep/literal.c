#include "kgrep/literal.h"

#include <ctype.h>
#include <stdlib.h>

enum { MISSES_MOST = 8 }; /* then memmem(3) is the faster one */

/* Bytes of English text, logs, JSON and CSV, the most common first; all others are rarer. */
static const char common[] =
    " etaoinsr0l1hd2c,u.p3m:gf-\"5b48y697v_w/=kTSACxEIRMPDNOLBF;()jzqGHUWVKJ{}[]XYQZ'";

static size_t rarity(uint8_t byte)
{
    const char *at = byte == '\0' ? NULL : strchr(common, byte);
    return at == NULL ? sizeof common : (size_t)(at - common);
}

static struct literal literal_of(struct span bytes)
{
    struct literal literal = {bytes, 0};
    for (size_t i = 1; i < bytes.size; i++)
        if (rarity(bytes.at[i]) > rarity(bytes.at[literal.rare]))
            literal.rare = i;
    return literal;
}

bool literals_open(struct literals *literals, struct span text, enum literal_where where)
{
    size_t count = 1;
    for (size_t i = 0; i < text.size; i++)
        count += text.at[i] == '\n';
    *literals = (struct literals){calloc(count, sizeof *literals->items), 0, where};
    if (literals->items == NULL)
        return false;
    for (size_t start = 0; literals->count < count;) {
        const uint8_t *from = text.at + start;
        const uint8_t *end = text.size > start ? memchr(from, '\n', text.size - start) : NULL;
        size_t size = end == NULL ? text.size - start : (size_t)(end - from);
        literals->items[literals->count++] = literal_of(span_of(from, size));
        start += size + 1;
    }
    return true;
}

/* The first place of the literal in [from, end), NULL: none. */
static const uint8_t *next(const struct literal *literal, const uint8_t *from, const uint8_t *end)
{
    struct span bytes = literal->bytes;
    size_t have = (size_t)(end - from);
    if (bytes.size > have)
        return NULL;
    if (bytes.size == 0)
        return from;
    const uint8_t *at = from + literal->rare, *stop = end - (bytes.size - 1 - literal->rare);
    uint8_t rare = bytes.at[literal->rare];
    for (unsigned misses = 0; misses < MISSES_MOST; misses++) {
        at = memchr(at, rare, (size_t)(stop - at));
        if (at == NULL)
            return NULL;
        const uint8_t *place = at - literal->rare;
        if (memcmp(place, bytes.at, bytes.size) == 0)
            return place;
        if (++at == stop)
            return NULL;
    }
    from = at - literal->rare;
    return memmem(from, (size_t)(end - from), bytes.at, bytes.size);
}

static bool is_word(uint8_t byte)
{
    return isalnum(byte) || byte == '_';
}

static bool find_word(const struct literal *literal, struct span field)
{
    const uint8_t *end = field.at + field.size, *at = field.at;
    while ((at = next(literal, at, end)) != NULL) {
        const uint8_t *after = at + literal->bytes.size;
        if ((at == field.at || !is_word(at[-1])) && (after == end || !is_word(*after)))
            return true;
        if (at++ == end)
            return false;
    }
    return false;
}

static bool find(const struct literals *literals, const struct literal *literal, struct span field)
{
    switch (literals->where) {
    case LITERAL_WORD:
        return find_word(literal, field);
    case LITERAL_WHOLE:
        return span_equal(literal->bytes, field);
    case LITERAL_ANYWHERE:
        break;
    }
    return next(literal, field.at, field.at + field.size) != NULL;
}

bool literals_find(const struct literals *literals, struct span field)
{
    for (size_t i = 0; i < literals->count; i++)
        if (find(literals, &literals->items[i], field))
            return true;
    return false;
}

void literals_close(struct literals *literals)
{
    free(literals->items);
    literals->items = NULL;
}
