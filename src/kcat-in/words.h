/* kcat-in/words: the options that say how text becomes records. */
#ifndef KPIPE_KCAT_IN_WORDS_H
#define KPIPE_KCAT_IN_WORDS_H

#include "kcat-in/lines.h"
#include "util/opt.h"
#include "util/parse.h"

enum words_key { WORDS_WHOLE = OPT_LONG + 100, WORDS_KEY, WORDS_HEADER, WORDS_NULL_EMPTY };

struct words {
    struct lines_options *lines; /* what they set; its spans point into this */
    uint8_t separator[SEPARATOR_MOST], end[SEPARATOR_MOST];
    uint8_t *headers;   /* owned: the block */
    const char *ends;   /* the last option that says where a record ends, else NULL */
    const char *shapes; /* the last one that an envelope has no use for, else NULL */
    const char *first;  /* the last one of all: for "topics have no ..." */
};

/* Starts with newline as the end, no key, no headers. `lines` must outlive it. */
void words_open(struct words *words, struct lines_options *lines);

/* Takes one option, its argument in optarg. False: it is none of text's. A wrong argument sets the
 * fault. */
bool words_take(struct words *words, int key, struct fault *fault);

/* What does not go together sets the fault. */
void words_check(const struct words *words, struct fault *fault);

void words_close(struct words *words);

#endif
