/* kgrep/atoms: an expression as it is written in PCRE2's language: atoms, what repeats them,
 * groups, alternatives. kgrep/ere reads GNU's. Pure.
 *
 * Whatever is not the same in both languages is settled here: repeats of repeats, of nothing, of
 * anchors; groups that need not capture; alternatives and groups that a back-reference may not go
 * to. */
#ifndef KPIPE_KGREP_ATOMS_H
#define KPIPE_KGREP_ATOMS_H

#include "kgrep/bracket.h"
#include "kgrep/ere.h"
#include "kgrep/row.h"

enum { ATOMS_DEPTH = 200 }; /* of groups; PCRE2's own limit is 250, and repeats may add some */

/* What an operator of repetition would apply to. */
enum atom {
    ATOM_NONE,   /* an alternative's start: repeating nothing is nothing */
    ATOM_ANCHOR, /* takes no bytes */
    ATOM_PIECE
};

/* Parentheses, and the expression as a whole at level 0. A back-reference is good where its group
 * was closed before, in this alternative or outside of it. */
struct atoms_level {
    size_t at;       /* of the opening parenthesis in the pattern */
    unsigned group;  /* its number in this expression */
    unsigned groups; /* and how many are in the pattern before it */
    unsigned before; /* a bit for each of the groups 1 to 9 closed before it */
    unsigned any;    /* and closed in any of its alternatives */
};

struct atoms {
    struct ere *ere;      /* what is told of the pattern as a whole ... */
    struct buffer *out;   /* ... and the pattern: ere->out */
    bool captures;        /* there may be back-references */
    unsigned groups;      /* opened so far in this expression */
    unsigned numbers[10]; /* those of groups 1 to 9 in the pattern; 0: it is not there */
    unsigned closed, depth;
    size_t start; /* of the alternative at level 0 in the pattern */
    enum atom atom;
    size_t atom_at;       /* from there on in the pattern */
    unsigned atom_group;  /* the first group that is in it, or would be */
    unsigned atom_groups; /* how many are in the pattern before it */
    bool repeated;        /* it has an operator already ... */
    bool simple;          /* ... and the last byte is it: * + or ? */
    bool idle;            /* but for anchors nothing is in this alternative yet */
    struct row row;       /* of the alternative at level 0 */
    struct atoms_level levels[ATOMS_DEPTH + 1];
};

/* One more expression at the pattern's end; `captures`: its groups must be told apart. */
void atoms_open(struct atoms *atoms, struct ere *ere, bool captures);

/* An atom in PCRE2's words: one that takes bytes, one that does not; a byte that is itself; one of
 * a set of bytes. */
void atoms_piece(struct atoms *atoms, const char *words);
void atoms_anchor(struct atoms *atoms, const char *words);
void atoms_literal(struct atoms *atoms, uint8_t byte);
void atoms_set(struct atoms *atoms, const struct bracket *bracket);

/* What group 1 to 9 took. False: it is not closed at this place. */
bool atoms_refer(struct atoms *atoms, unsigned group);

/* The last atom `least` to `most` times, -1 for any number. */
void atoms_repeat(struct atoms *atoms, int least, int most);

/* A group begins, where depth is less than ATOMS_DEPTH; and ends, where it is more than 0: an atom.
 */
void atoms_group(struct atoms *atoms);
void atoms_group_end(struct atoms *atoms);

/* Another alternative of the group, or of the expression. */
void atoms_alternative(struct atoms *atoms);

/* The expression ends: what each match of it has is among what is needed. */
void atoms_close(struct atoms *atoms);

#endif
