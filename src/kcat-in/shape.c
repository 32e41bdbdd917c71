#include "kcat-in/shape.h"

static struct span null_if_empty(struct span bytes)
{
    return bytes.size == 0 ? span_of(NULL, 0) : bytes;
}

void shape_more(const struct shape *shape, struct record *record)
{
    if (shape->null_empty) {
        record->value = null_if_empty(record->value);
        record->key = null_if_empty(record->key);
    }
    if (record->key.at == NULL)
        record->key = shape->key;
    record->headers = shape->headers;
    record->header_count = shape->header_count;
}
