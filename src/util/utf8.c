#include "util/utf8.h"

static size_t length_of(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF)
        return 3;
    if (first >= 0xF0 && first <= 0xF4)
        return 4;
    return 0;
}

size_t utf8_length(const uint8_t *at, size_t size)
{
    size_t length = length_of(at[0]);
    if (length <= 1)
        return length;
    if (length > size)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    /* The second byte's range keeps out overlong forms, surrogates and what lies past U+10FFFF
     * (RFC 3629 section 4). */
    uint8_t low = 0x80, high = 0xBF;
    if (at[0] == 0xE0)
        low = 0xA0;
    else if (at[0] == 0xF0)
        low = 0x90;
    else if (at[0] == 0xED)
        high = 0x9F;
    else if (at[0] == 0xF4)
        high = 0x8F;
    return at[1] >= low && at[1] <= high ? length : 0;
}

uint32_t utf8_point(const uint8_t *at, size_t length)
{
    static const uint8_t mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t point = at[0] & mask[length];
    for (size_t i = 1; i < length; i++)
        point = point << 6 | (at[i] & 0x3F);
    return point;
}

/* Text is mostly ASCII: eight bytes at a time. */
static size_t ascii(const uint8_t *at, size_t size)
{
    size_t n = 0;
    uint64_t word;
    for (; size - n >= sizeof word; n += sizeof word) {
        memcpy(&word, at + n, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    while (n < size && at[n] < 0x80)
        n++;
    return n;
}

bool utf8_valid(struct span bytes)
{
    for (size_t n = 0; n < bytes.size;) {
        n += ascii(bytes.at + n, bytes.size - n);
        if (n == bytes.size)
            break;
        size_t length = utf8_length(bytes.at + n, bytes.size - n);
        if (length == 0)
            return false;
        n += length;
    }
    return true;
}
