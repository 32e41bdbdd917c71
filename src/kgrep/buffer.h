/* kgrep/buffer: bytes that grow at the end; how a pattern is put together. */
#ifndef KPIPE_KGREP_BUFFER_H
#define KPIPE_KGREP_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    char *at; /* owned: free() it */
    size_t size, room;
    bool failed; /* no memory: what was put since then is lost */
};

void buffer_put(struct buffer *buffer, const void *bytes, size_t size);
void buffer_say(struct buffer *buffer, const char *words);

/* Puts the words in before byte `where`. */
void buffer_insert(struct buffer *buffer, size_t where, const char *words);

/* A byte that stands for itself in a PCRE2 pattern, in a class too. */
void buffer_byte(struct buffer *buffer, uint8_t byte);

#endif
