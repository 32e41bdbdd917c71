#include "json/base64.h"

static size_t padding(struct span digits)
{
    size_t n = 0;
    while (n < 2 && n < digits.size && digits.at[digits.size - 1 - n] == '=')
        n++;
    return n;
}

size_t base64_size(struct span digits)
{
    if (digits.size % 4 != 0)
        return SIZE_MAX;
    return digits.size / 4 * 3 - padding(digits);
}

static int value_of(uint8_t digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

bool base64_read(struct span digits, uint8_t *to)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t size = digits.size - padding(digits);
    for (size_t i = 0; i < size; i++) {
        int value = value_of(digits.at[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            *to++ = (uint8_t)(bits >> have);
        }
    }
    return (bits & ((1U << have) - 1)) == 0;
}

void base64_write(struct span bytes, uint8_t to[4])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t three = (uint32_t)bytes.at[0] << 16;
    three |= bytes.size > 1 ? (uint32_t)bytes.at[1] << 8 : 0;
    three |= bytes.size > 2 ? bytes.at[2] : 0;
    for (size_t i = 0; i < 4; i++)
        to[i] = i <= bytes.size ? (uint8_t)digits[three >> (18 - 6 * i) & 63] : '=';
}
