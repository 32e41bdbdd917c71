#include "util/escape.h"

#include <string.h>

static size_t utf8_length(uint8_t first)
{
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF)
        return 3;
    if (first >= 0xF0 && first <= 0xF4)
        return 4;
    return 0;
}

size_t escape_plain(const uint8_t *at, size_t size)
{
    if (at[0] < 0x80)
        return at[0] >= 0x20 && at[0] != 0x7F;
    size_t length = utf8_length(at[0]);
    if (length == 0 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    /* The second byte's range keeps out C1 controls, overlong forms, surrogates and what lies past
     * U+10FFFF (RFC 3629 section 4). */
    uint8_t low = 0x80, high = 0xBF;
    if (at[0] == 0xC2 || at[0] == 0xE0)
        low = 0xA0;
    else if (at[0] == 0xF0)
        low = 0x90;
    else if (at[0] == 0xED)
        high = 0x9F;
    else if (at[0] == 0xF4)
        high = 0x8F;
    return at[1] >= low && at[1] <= high ? length : 0;
}

size_t escape_byte(char *to, uint8_t byte)
{
    static const char hex[] = "0123456789abcdef";
    to[0] = '\\';
    switch (byte) {
    case '\n':
        to[1] = 'n';
        return 2;
    case '\r':
        to[1] = 'r';
        return 2;
    case '\t':
        to[1] = 't';
        return 2;
    default:
        to[1] = 'x';
        to[2] = hex[byte >> 4];
        to[3] = hex[byte & 15];
        return 4;
    }
}

size_t escape_bytes(char *to, size_t room, const uint8_t *at, size_t size)
{
    size_t n = 0;
    while (size > 0) {
        char one[ESCAPE_MOST];
        size_t taken = escape_plain(at, size), made = taken;
        if (taken > 0) {
            memcpy(one, at, taken);
        } else {
            taken = 1;
            made = escape_byte(one, at[0]);
        }
        if (made > room - n)
            break;
        memcpy(to + n, one, made);
        n += made;
        at += taken;
        size -= taken;
    }
    return n;
}
