/* text/format: a record as a user's format says: kout -f.
 *
 * The tokens are kcat's, and %D. A null key or value, a null header's value, and a %t or %D of
 * which the record has none are NULL; %S, %K, %p and %T are -1 there, as in kcat. */
#ifndef KPIPE_TEXT_FORMAT_H
#define KPIPE_TEXT_FORMAT_H

#include "text/write.h"

struct format {
    uint8_t *bytes;            /* owned: the literals, one behind the other */
    struct format_part *parts; /* owned */
    size_t count;
};

/* Reads a format. False: a token or an escape that is none, or no memory; the fault is set. Free it
 * in both cases. */
bool format_read(struct format *format, const char *word, struct fault *fault);

/* The literal bytes with which every record ends; size 0: there are none. */
struct span format_tail(const struct format *format);

/* Puts one record: what struct text's `put` is for. text->format is the format; where text->escape
 * is set the fields are escaped, the literals are the user's own and are not. */
void format_put(struct out *out, const struct text *text, const struct reader *reader,
                const struct frame *frame);

void format_free(struct format *format);

#endif
