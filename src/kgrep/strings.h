/* kgrep/strings: many strings sought in bytes at once; pure.
 *
 * An automaton after Aho and Corasick (Communications of the ACM 18, 1975): a tree of all strings,
 * and from each node a link to the longest end of it that is in the tree too. Its time grows with
 * the bytes looked at, however many strings there are. Where no string can begin, by the two last
 * bytes of the shortest one's length, whole stretches are passed over, after Wu and Manber (1994).
 * About 20 bytes of memory for each byte of the strings. */
#ifndef KPIPE_KGREP_STRINGS_H
#define KPIPE_KGREP_STRINGS_H

#include "util/span.h"

struct strings;

/* Takes the lines of `text` that are not empty, each with a newline behind it; they must outlive
 * the result. Where `fold`, their letters are small ones, and match capitals (ASCII) too. NULL: no
 * memory. */
struct strings *strings_open(struct span text, bool fold);

/* Whether `field` is one of them. */
bool strings_has(const struct strings *strings, struct span field);

enum strings_which {
    STRINGS_ANY,     /* the one that is found first */
    STRINGS_LONGEST, /* the leftmost longest */
};

/* One of them in `field`, at byte `from` or behind it; where `word`, between bytes, or ends, that
 * are no letter, digit or underscore. False: none is there. */
bool strings_find(const struct strings *strings, struct span field, size_t from,
                  enum strings_which which, bool word, struct span *found);

void strings_close(struct strings *strings);

#endif
