#include "util/parse.h"

#include <ctype.h>
#include <string.h>

/* Digits only, to *value; the first byte after them, or NULL where there is none or too many. */
static const char *digits(const char *word, uint64_t *value)
{
    if (!isdigit((unsigned char)*word))
        return NULL;
    *value = 0;
    for (; isdigit((unsigned char)*word); word++)
        if (__builtin_mul_overflow(*value, (uint64_t)10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(*word - '0'), value))
            return NULL;
    return *value <= INT64_MAX ? word : NULL;
}

bool parse_count(const char *word, uint64_t least, uint64_t *count)
{
    const char *rest = digits(word, count);
    return rest != NULL && *rest == '\0' && *count >= least;
}

bool parse_size(const char *word, uint64_t *bytes)
{
    const char *rest = digits(word, bytes);
    if (rest == NULL)
        return false;
    unsigned shift = 0;
    switch (toupper((unsigned char)*rest)) {
    case '\0':
        return true;
    case 'K':
        shift = 10;
        break;
    case 'M':
        shift = 20;
        break;
    case 'G':
        shift = 30;
        break;
    default:
        return false;
    }
    return rest[1] == '\0' && !__builtin_mul_overflow(*bytes, UINT64_C(1) << shift, bytes) &&
           *bytes <= INT64_MAX;
}

bool parse_duration(const char *word, int64_t *ms)
{
    static const struct {
        const char *unit;
        uint64_t ms;
    } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    uint64_t value;
    const char *rest = digits(word, &value);
    if (rest == NULL)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(rest, units[i].unit) == 0) {
            if (__builtin_mul_overflow(value, units[i].ms, &value) || value > 1000000000000)
                return false;
            *ms = (int64_t)value;
            return true;
        }
    return false;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int parse_escape(const char **word)
{
    char letter = **word;
    *word += letter != '\0';
    switch (letter) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case '0':
        return '\0';
    case '\\':
        return '\\';
    case 'x': {
        int high = hex_digit(**word);
        int low = high < 0 ? -1 : hex_digit((*word)[1]);
        *word += low < 0 ? 0 : 2;
        return low < 0 ? -1 : high * 16 + low;
    }
    default:
        return -1;
    }
}

bool parse_separator(const char *word, uint8_t bytes[SEPARATOR_MOST], size_t *size)
{
    *size = 0;
    while (*word != '\0') {
        int byte = (unsigned char)*word++;
        if (byte == '\\')
            byte = parse_escape(&word);
        if (byte < 0 || *size == SEPARATOR_MOST)
            return false;
        bytes[(*size)++] = (uint8_t)byte;
    }
    return *size > 0;
}
