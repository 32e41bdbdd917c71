#include "text/split.h"

static const uint8_t *find(struct span line, struct span separator)
{
    if (separator.size == 1)
        return memchr(line.at, separator.at[0], line.size);
    return memmem(line.at, line.size, separator.at, separator.size);
}

struct span split_key(struct span line, struct span separator, struct span *key)
{
    const uint8_t *at = find(line, separator);
    if (at == NULL) {
        *key = span_of(NULL, 0);
        return line;
    }
    size_t key_size = (size_t)(at - line.at), taken = key_size + separator.size;
    *key = span_of(line.at, key_size);
    return span_of(line.at + taken, line.size - taken);
}
