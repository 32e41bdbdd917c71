#include "util/escape.h"

#include "util/utf8.h"

#include <string.h>

/* What does not show, or shows other characters elsewhere than they stand: soft hyphen, zero-width
 * spaces and joiners, marks and overrides of direction (CVE-2021-42574), separators of lines,
 * annotations, tags. Unicode's category Cf without those that have a shape, and U+2028, U+2029. */
static bool unseen(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0xAD, 0xAD},       {0x61C, 0x61C},     {0x180E, 0x180E},   {0x200B, 0x200F},
                  {0x2028, 0x202E},   {0x2060, 0x206F},   {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},
                  {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE007F}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

size_t escape_plain(const uint8_t *at, size_t size)
{
    if (at[0] < 0x80)
        return at[0] >= 0x20 && at[0] != 0x7F;
    size_t length = utf8_length(at, size);
    if (length == 0)
        return 0;
    uint32_t point = utf8_point(at, length);
    return point < 0xA0 || unseen(point) ? 0 : length;
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
