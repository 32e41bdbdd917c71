#include "kgrep/buffer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct buffer *buffer, size_t size)
{
    if (buffer->failed || size <= buffer->room - buffer->size)
        return !buffer->failed;
    size_t room = 2 * (buffer->room + size);
    char *at = realloc(buffer->at, room);
    if (at == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->at = at;
    buffer->room = room;
    return true;
}

void buffer_put(struct buffer *buffer, const void *bytes, size_t size)
{
    if (size == 0 || !reserve(buffer, size))
        return;
    memcpy(buffer->at + buffer->size, bytes, size);
    buffer->size += size;
}

void buffer_say(struct buffer *buffer, const char *words)
{
    buffer_put(buffer, words, strlen(words));
}

void buffer_insert(struct buffer *buffer, size_t where, const char *words)
{
    size_t size = strlen(words);
    if (!reserve(buffer, size))
        return;
    memmove(buffer->at + where + size, buffer->at + where, buffer->size - where);
    memcpy(buffer->at + where, words, size);
    buffer->size += size;
}

void buffer_byte(struct buffer *buffer, uint8_t byte)
{
    char hex[5];
    if (isalnum(byte)) {
        buffer_put(buffer, &byte, 1);
        return;
    }
    snprintf(hex, sizeof hex, "\\x%02x", byte);
    buffer_say(buffer, hex);
}
