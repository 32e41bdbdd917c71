/* util/span: some bytes that somebody else owns. Any byte may be in them, NUL too.
 *
 * at == NULL is null (no key, a tombstone's value); at != NULL with size 0 is empty. The two are
 * never mixed up. A span is only as good as the buffer it points into. */
#ifndef KPIPE_UTIL_SPAN_H
#define KPIPE_UTIL_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *at;
    size_t size;
};

static inline struct span span_of(const void *at, size_t size)
{
    return (struct span){at, size};
}

/* The bytes of a C string, without its NUL. */
static inline struct span span_str(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

#endif
