/* kgrep/literal: plain strings sought in a field: one by kgrep/needle, more by kgrep/strings. */
#ifndef KPIPE_KGREP_LITERAL_H
#define KPIPE_KGREP_LITERAL_H

#include "kgrep/needle.h"
#include "kgrep/strings.h"

enum literal_where {
    LITERAL_ANYWHERE,
    LITERAL_WORD, /* between bytes, or ends, that are no letter, digit or underscore */
    LITERAL_WHOLE /* it is the whole field */
};

struct literals {
    enum literal_where where;
    bool empty;              /* an empty string is among them */
    struct needle needle;    /* the only other one */
    struct strings *strings; /* all others, where they are not one; owned, or NULL */
    bool none;               /* there is no other */
};

/* Takes the strings in `text`, a newline behind each; they stay there. Where `fold`, their letters
 * are small ones and match capitals too. False: no memory. */
bool literals_open(struct literals *literals, struct span text, enum literal_where where,
                   bool fold);

/* Whether one of them is in `field` (not null) as `where` says. */
bool literals_find(const struct literals *literals, struct span field);

/* The leftmost longest from byte `from` on that is not empty. False: there is none. */
bool literals_place(const struct literals *literals, struct span field, size_t from,
                    struct span *found);

void literals_close(struct literals *literals);

#endif
