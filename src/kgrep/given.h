/* kgrep/given: the patterns of the command line, one after the other: those of -e, the lines of
 * -f's files, or PATTERN. */
#ifndef KPIPE_KGREP_GIVEN_H
#define KPIPE_KGREP_GIVEN_H

#include "kgrep/buffer.h"
#include "util/fault.h"
#include "util/span.h"

struct given {
    struct buffer all; /* a newline behind each pattern */
    bool any;          /* -e or -f was there: no operand is PATTERN */
};

/* One more, or more: the lines of `pattern`. */
void given_add(struct given *words, const char *pattern);

/* The file's lines; a file without any has no pattern. False: fault is set. */
bool given_read(struct given *words, const char *name, struct fault *fault);

static inline struct span given_span(const struct given *words)
{
    return span_of(words->all.size > 0 ? words->all.at : "", words->all.size);
}

void given_close(struct given *words);

#endif
