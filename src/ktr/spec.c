#include "ktr/spec.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A SET's bytes with their escapes resolved: a byte, and whether it was escaped and so means
 * nothing but itself. Hence at[i] == '[' is true only for one that may begin a construct. */
enum { ESCAPED = 0x100 };

enum reading_result {
    READING_OK,
    READING_OTHER, /* it is not this construct */
    READING_WRONG  /* the fault is set */
};

struct reading {
    struct spec *spec;
    const char *name;
    struct fault *fault;
    const uint16_t *at; /* what is not read yet */
    size_t left;
};

static void note(struct spec *spec, const char *line)
{
    if (spec->note[0] == '\0')
        snprintf(spec->note, sizeof spec->note, "%s", line);
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* One to three octal digits; two where three are more than a byte holds. */
static uint8_t octal(struct spec *spec, const char **word)
{
    const char *digits = *word;
    unsigned value = 0;
    while (*word < digits + 3 && is_octal(**word))
        value = value * 8 + (unsigned)(*(*word)++ - '0');
    if (value <= 255)
        return (uint8_t)value;
    (*word)--;
    char line[SPEC_NOTE];
    snprintf(line, sizeof line,
             "the ambiguous octal escape \\%.3s is being interpreted as the 2-byte sequence "
             "\\0%.2s, %c: write \\0%.3s",
             digits, digits, digits[2], digits);
    note(spec, line);
    return (uint8_t)(value / 8);
}

static uint16_t unquote(struct spec *spec, const char **word)
{
    static const char letters[] = "abfnrtv", bytes[] = "\a\b\f\n\r\t\v";
    uint8_t byte = (uint8_t) * (*word)++;
    if (byte != '\\')
        return byte;
    if (**word == '\0') {
        note(spec, "an unescaped backslash at end of string is not portable: write \\\\");
        return '\\';
    }
    if (is_octal(**word))
        return ESCAPED | octal(spec, word);
    byte = (uint8_t) * (*word)++;
    const char *letter = strchr(letters, byte);
    return ESCAPED | (letter == NULL ? byte : (uint8_t)bytes[letter - letters]);
}

static void add(struct spec *spec, uint8_t first, uint8_t last, uint64_t size,
                enum spec_letters letters)
{
    spec->items[spec->count++] = (struct spec_item){first, last, letters, size};
    if (__builtin_add_overflow(spec->size, size, &spec->size) || spec->size > SPEC_MOST)
        spec->too_many = true;
}

static void take(struct reading *reading, size_t bytes)
{
    reading->at += bytes;
    reading->left -= bytes;
}

/* Bytes for a message, those that do not print as the language writes them: \NNN. */
enum { SHOWN = 64 };

static const char *show(char to[SHOWN], const uint16_t *at, size_t size)
{
    size_t n = 0;
    to[0] = '\0';
    for (size_t i = 0; i < size && n + 5 <= SHOWN; i++) {
        uint8_t byte = (uint8_t)at[i];
        n += (size_t)snprintf(to + n, SHOWN - n, isprint(byte) && byte != '\\' ? "%c" : "\\%03o",
                              byte);
    }
    return to;
}

/* "SET1: BEFORE'bytes'AFTER": what is wrong with the bytes, and after a colon what would be right.
 */
static enum reading_result wrong(struct reading *reading, const char *before, const uint16_t *at,
                                 size_t size, const char *after)
{
    char shown[SHOWN];
    fault_set(reading->fault, STATUS_USAGE, "%s: %s'%s'%s", reading->name, before,
              show(shown, at, size), after);
    return READING_WRONG;
}

/* The stretches of bytes that are in a class. */
static void add_class(struct spec *spec, int (*is)(int))
{
    enum spec_letters letters = is == isupper   ? SPEC_UPPER
                                : is == islower ? SPEC_LOWER
                                                : SPEC_PLAIN;
    for (int first = 0, last; first < 256; first = last + 1) {
        for (last = first; last < 256 && is(last); last++)
            ;
        if (last > first)
            add(spec, (uint8_t)first, (uint8_t)(last - 1), (uint64_t)(last - first), letters);
    }
    spec->classes = true;
    if (letters == SPEC_PLAIN)
        spec->other_classes = true;
}

/* The program never leaves the C locale, so these are about ASCII. */
static int (*class_named(const uint16_t *at, size_t size))(int)
{
    static const struct {
        const char *name;
        int (*is)(int);
    } classes[] = {{"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank},
                   {"cntrl", iscntrl}, {"digit", isdigit}, {"graph", isgraph},
                   {"lower", islower}, {"print", isprint}, {"punct", ispunct},
                   {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit}};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        const char *name = classes[i].name;
        size_t same = 0;
        while (same < size && name[same] != '\0' && (uint8_t)at[same] == (uint8_t)name[same])
            same++;
        if (same == size && name[same] == '\0')
            return classes[i].is;
    }
    return NULL;
}

/* [:*] and [=*5] repeat a colon and an equals sign, although a :] or =] may follow later. */
static bool is_repeat_after_all(const struct reading *reading)
{
    size_t i = 3;
    if (reading->at[2] != '*')
        return false;
    while (i < reading->left && isdigit((uint8_t)reading->at[i]))
        i++;
    return i < reading->left && reading->at[i] == ']';
}

static enum reading_result read_class(struct reading *reading, const uint16_t *inner, size_t size)
{
    if (size == 0)
        return wrong(reading, "missing character class name ", reading->at, 4, ": write [:alpha:]");
    int (*is)(int) = class_named(inner, size);
    if (is != NULL) {
        add_class(reading->spec, is);
        return READING_OK;
    }
    if (is_repeat_after_all(reading))
        return READING_OTHER;
    return wrong(
        reading, "invalid character class ", inner, size,
        ": one of alnum alpha blank cntrl digit graph lower print punct space upper xdigit");
}

static enum reading_result read_equivalence(struct reading *reading, const uint16_t *inner,
                                            size_t size)
{
    if (size == 0)
        return wrong(reading, "missing equivalence class character ", reading->at, 4,
                     ": write [=c=]");
    if (size == 1) {
        add(reading->spec, (uint8_t)*inner, (uint8_t)*inner, 1, SPEC_PLAIN);
        reading->spec->equivalences = true;
        return READING_OK;
    }
    if (is_repeat_after_all(reading))
        return READING_OTHER;
    return wrong(reading, "", inner, size,
                 ": equivalence class operand must be a single character: write [=c=]");
}

/* [:alpha:] and [=c=]. */
static enum reading_result read_named(struct reading *reading)
{
    const uint16_t *at = reading->at, mark = at[1];
    if (mark != ':' && mark != '=')
        return READING_OTHER;
    for (size_t i = 2; i + 1 < reading->left; i++) {
        if (at[i] != mark || at[i + 1] != ']')
            continue;
        enum reading_result got = mark == ':' ? read_class(reading, at + 2, i - 2)
                                              : read_equivalence(reading, at + 2, i - 2);
        if (got == READING_OK)
            take(reading, i + 2);
        return got;
    }
    return READING_OTHER;
}

/* A repeat's count as strtoumax(3) takes it, which GNU tr uses: blanks and a plus in front, octal
 * after a 0. Nothing at all is 0. */
static bool count_read(const uint16_t *at, size_t size, uint64_t *count)
{
    unsigned base = size > 0 && at[0] == '0' ? 8 : 10;
    *count = 0;
    if (size == 0)
        return true;
    size_t i = 0;
    while (i < size && isspace(at[i]))
        i++;
    if (i < size && at[i] == '+')
        i++;
    if (i == size)
        return false;
    for (; i < size; i++) {
        unsigned digit = at[i] - (unsigned)'0';
        if (digit >= base || __builtin_mul_overflow(*count, (uint64_t)base, count) ||
            __builtin_add_overflow(*count, (uint64_t)digit, count))
            return false;
    }
    return *count <= SPEC_MOST;
}

/* [c*n], [c*0], [c*]. */
static enum reading_result read_repeat(struct reading *reading)
{
    const uint16_t *at = reading->at;
    size_t end = 3;
    if (at[2] != '*')
        return READING_OTHER;
    while (end < reading->left && at[end] != ']' && at[end] < ESCAPED)
        end++;
    if (end >= reading->left || at[end] != ']')
        return READING_OTHER;
    uint64_t count;
    if (!count_read(at + 3, end - 3, &count))
        return wrong(
            reading, "invalid repeat count ", at + 3, end - 3,
            " in [c*n] construct: write a decimal number, or an octal one with a 0 in front");
    struct spec *spec = reading->spec;
    add(spec, (uint8_t)at[1], (uint8_t)at[1], count, SPEC_PLAIN);
    if (count == 0) {
        spec->any = &spec->items[spec->count - 1];
        spec->anys++;
    }
    take(reading, end + 1);
    return READING_OK;
}

static enum reading_result read_range(struct reading *reading)
{
    const uint16_t *at = reading->at;
    uint8_t first = (uint8_t)at[0], last = (uint8_t)at[2];
    if (at[1] != '-')
        return READING_OTHER;
    if (first > last) {
        char shown[2][SHOWN];
        show(shown[0], at, 1);
        show(shown[1], at + 2, 1);
        fault_set(reading->fault, STATUS_USAGE,
                  "%s: range-endpoints of '%s-%s' are in reverse collating sequence order: "
                  "swap them, or write \\- for the byte -",
                  reading->name, shown[0], shown[1]);
        return READING_WRONG;
    }
    add(reading->spec, first, last, last - first + 1U, SPEC_PLAIN);
    take(reading, 3);
    return READING_OK;
}

/* The first of the constructs that fits; every one has at least three bytes. */
static enum reading_result read_next(struct reading *reading)
{
    enum reading_result got = READING_OTHER;
    if (reading->left >= 3 && reading->at[0] == '[') {
        got = read_named(reading);
        if (got == READING_OTHER)
            got = read_repeat(reading);
    }
    if (reading->left >= 3 && got == READING_OTHER)
        got = read_range(reading);
    if (got == READING_OTHER) {
        add(reading->spec, (uint8_t)*reading->at, (uint8_t)*reading->at, 1, SPEC_PLAIN);
        take(reading, 1);
        got = READING_OK;
    }
    return got;
}

bool spec_read(struct spec *spec, const char *name, const char *word, struct fault *fault)
{
    size_t most = strlen(word) + 1; /* items, too: none has fewer bytes than it makes items */
    uint16_t *bytes = calloc(most, sizeof *bytes);
    *spec = (struct spec){.items = calloc(most, sizeof *spec->items)};
    if (bytes == NULL || spec->items == NULL) {
        free(bytes);
        fault_memory(fault);
        return false;
    }
    struct reading reading = {spec, name, fault, bytes, 0};
    while (*word != '\0')
        bytes[reading.left++] = unquote(spec, &word);
    enum reading_result got = READING_OK;
    while (reading.left > 0 && got == READING_OK)
        got = read_next(&reading);
    free(bytes);
    return got == READING_OK;
}

void spec_extend(struct spec *spec, uint8_t byte, uint64_t size)
{
    add(spec, byte, byte, size, SPEC_PLAIN);
}

void spec_members(const struct spec *spec, bool members[256])
{
    memset(members, false, 256);
    for (size_t i = 0; i < spec->count; i++)
        if (spec->items[i].size > 0)
            memset(members + spec->items[i].first, true,
                   spec->items[i].last - spec->items[i].first + 1U);
}

void spec_free(struct spec *spec)
{
    free(spec->items);
    spec->items = NULL;
}

const struct spec_item *spec_item(struct spec_walk *walk)
{
    const struct spec *spec = walk->spec;
    while (walk->at < spec->count && walk->done == spec->items[walk->at].size)
        spec_skip(walk);
    return walk->at < spec->count ? &spec->items[walk->at] : NULL;
}

uint8_t spec_byte(const struct spec_walk *walk)
{
    const struct spec_item *item = &walk->spec->items[walk->at];
    return (uint8_t)(item->first == item->last ? item->first : item->first + walk->done);
}

uint64_t spec_run(const struct spec_walk *walk)
{
    const struct spec_item *item = &walk->spec->items[walk->at];
    return item->first == item->last ? item->size - walk->done : 1;
}

void spec_step(struct spec_walk *walk, uint64_t bytes)
{
    walk->done += bytes;
}

void spec_skip(struct spec_walk *walk)
{
    walk->at++;
    walk->done = 0;
}
