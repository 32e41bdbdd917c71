#include "kgrep/bracket.h"

#include <ctype.h>
#include <string.h>

static const char unmatched[] = "Unmatched [, [^, [:, [., or [=";
static const char bad_range[] = "Invalid range end";

/* One thing between the brackets. A class is in the set already when it is handed out. */
struct element {
    bool is_class; /* [:name:] or [=x=]: no end of a range */
    bool symbol;   /* written with [: [= or [. */
    uint8_t byte;
};

struct scan {
    struct bracket *bracket;
    const uint8_t *at, *end;
};

static bool class_add(struct bracket *bracket, const uint8_t *name, size_t size)
{
    static const struct {
        const char *name;
        int (*has)(int);
    } classes[] = {{"alpha", isalpha}, {"upper", isupper}, {"lower", islower},
                   {"digit", isdigit}, {"alnum", isalnum}, {"xdigit", isxdigit},
                   {"space", isspace}, {"blank", isblank}, {"punct", ispunct},
                   {"print", isprint}, {"graph", isgraph}, {"cntrl", iscntrl}};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strlen(classes[i].name) == size && memcmp(classes[i].name, name, size) == 0) {
            for (int byte = 0; byte < 256; byte++)
                if (classes[i].has(byte))
                    bracket->in[byte] = true;
            return true;
        }
    return false;
}

/* [:name:], [=x=] or [.x.]; scan->at is behind its second byte, `mark`. */
static const char *read_symbol(struct scan *scan, uint8_t mark, struct element *element)
{
    const uint8_t *name = scan->at, *stop = name;
    while (scan->end - stop >= 2 && !(stop[0] == mark && stop[1] == ']'))
        stop++;
    if (scan->end - stop < 2)
        return unmatched;
    size_t size = (size_t)(stop - name);
    scan->at = stop + 2;
    *element = (struct element){.is_class = mark != '.', .symbol = true, .byte = name[0]};
    if (mark == ':')
        return class_add(scan->bracket, name, size) ? NULL : "Invalid character class name";
    if (size != 1)
        return "Invalid collation character";
    if (mark == '=')
        scan->bracket->in[name[0]] = true;
    return NULL;
}

static const char *read_element(struct scan *scan, bool hyphen_allowed, struct element *element)
{
    uint8_t byte = *scan->at++, next = scan->at < scan->end ? *scan->at : ']';
    if (byte == '[' && (next == ':' || next == '=' || next == '.')) {
        scan->at++;
        return read_symbol(scan, next, element);
    }
    if (byte == '-' && !hyphen_allowed && next != ']')
        return bad_range;
    *element = (struct element){.byte = byte};
    return NULL;
}

/* What follows '-' after `from`, up to a whole range. */
static const char *read_range(struct scan *scan, uint8_t from)
{
    struct element to;
    const char *wrong = read_element(scan, true, &to);
    if (wrong != NULL)
        return wrong;
    if (to.is_class || to.byte < from)
        return bad_range;
    memset(scan->bracket->in + from, true, (size_t)(to.byte - from) + 1);
    return NULL;
}

static bool range_follows(const struct scan *scan)
{
    return scan->end - scan->at >= 2 && scan->at[0] == '-' && scan->at[1] != ']';
}

/* [:space:] where [[:space:]] was meant: from colon to colon, only single bytes between. */
struct colons {
    bool first, last, other, more;
};

static void colons_see(struct colons *colons, bool single, uint8_t byte)
{
    colons->last = single && byte == ':';
    colons->other |= single && byte != ':';
    colons->more |= !single;
}

static const char *read_all(struct scan *scan)
{
    struct colons colons = {.first = scan->at < scan->end && *scan->at == ':'};
    for (bool first = true; first || (scan->at < scan->end && *scan->at != ']'); first = false) {
        struct element element;
        if (scan->at == scan->end)
            return unmatched;
        const char *wrong = read_element(scan, first, &element);
        bool range = wrong == NULL && !element.is_class && range_follows(scan);
        if (range) {
            scan->at++;
            wrong = read_range(scan, element.byte);
        }
        if (wrong != NULL)
            return wrong;
        if (!element.is_class)
            scan->bracket->in[element.byte] = true;
        colons_see(&colons, !element.symbol && !range, element.byte);
    }
    if (scan->at == scan->end)
        return unmatched;
    scan->at++;
    return colons.first && colons.last && colons.other && !colons.more
               ? "character class syntax is [[:space:]], not [:space:]"
               : NULL;
}

const char *bracket_read(struct bracket *bracket, const uint8_t **at, const uint8_t *end)
{
    *bracket = (struct bracket){.inverted = *at < end && **at == '^'};
    struct scan scan = {bracket, *at + bracket->inverted, end};
    const char *wrong = read_all(&scan);
    *at = scan.at;
    return wrong;
}
