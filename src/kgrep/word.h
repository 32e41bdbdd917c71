/* kgrep/word: what -w means: letters, digits and underscores, of ASCII. */
#ifndef KPIPE_KGREP_WORD_H
#define KPIPE_KGREP_WORD_H

#include "util/span.h"

#include <ctype.h>

static inline bool word_has(uint8_t byte)
{
    return isalnum(byte) || byte == '_';
}

/* Whether neither the byte before `part` of the field nor the one behind it is of a word. */
static inline bool word_stands(struct span field, struct span part)
{
    const uint8_t *end = part.at + part.size;
    return (part.at == field.at || !word_has(part.at[-1])) &&
           (end == field.at + field.size || !word_has(*end));
}

#endif
