/* Any two SETs: a mistake is told, and what the map does to bytes is what its tables say. */
#include "fuzz.h"
#include "ktr/sets.h"

#include <string.h>

/* By the tables alone, a byte at a time. */
static size_t plainly(const struct map *map, uint8_t *at, size_t size)
{
    size_t left = 0;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = map->to[at[i]];
        bool again = left > 0 && at[left - 1] == byte && map->squeeze[byte];
        if (!map->drop[byte] && !again)
            at[left++] = byte;
    }
    return left;
}

static void apply(const struct map *map, const uint8_t *data, size_t size)
{
    uint8_t *one = malloc(size + 1), *two = malloc(size + 1);
    MUST(one != NULL && two != NULL);
    memcpy(one, data, size);
    memcpy(two, data, size);
    size_t left = map_apply(map, one, size);
    MUST(left == plainly(map, two, size) && memcmp(one, two, left) == 0);
    free(one);
    free(two);
}

static char *word(const uint8_t **at, size_t *size)
{
    const uint8_t *end = *size == 0 ? NULL : memchr(*at, '\0', *size);
    size_t length = end == NULL ? *size : (size_t)(end - *at);
    char *copy = strndup((const char *)*at, length);
    MUST(copy != NULL);
    *at += length + (end != NULL);
    *size -= length + (end != NULL);
    return copy;
}

/* A byte of options, SET1 and SET2 up to a NUL each, the bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct sets sets = {.complement = (data[0] & 1) != 0,
                        .drop = (data[0] & 2) != 0,
                        .squeeze = (data[0] & 4) != 0,
                        .truncate = (data[0] & 8) != 0};
    int count = (data[0] & 16) != 0 ? 1 : 2;
    const uint8_t *at = data + 1;
    size_t left = size - 1;
    char *operands[2] = {word(&at, &left), word(&at, &left)};
    struct map map;
    struct fault fault = {.tool = "sets"};
    bool read = sets_read(&sets, count, operands, &map, &fault);
    MUST(read == (fault.status == 0));
    MUST(read || (fault.status == STATUS_USAGE && fault.line[0] != '\0'));
    if (read)
        apply(&map, at, left);
    free(operands[0]);
    free(operands[1]);
    return 0;
}
