/* kgrep/row: the bytes in a row that every match of an expression has, found as the expression is
 * read: the longest such row of an alternative. */
#ifndef KPIPE_KGREP_ROW_H
#define KPIPE_KGREP_ROW_H

#include "kgrep/needed.h"

struct row {
    struct needed_row longest; /* so far */
    struct needed_row last;    /* the last bytes, which all matches have in a row ... */
    bool ends;                 /* ... and nothing joins them */
    bool has;                  /* the last atom is its last byte */
};

/* The row is over: the longest one is kept. */
void row_end(struct row *row);

/* One more byte, which joins the row or begins another. */
void row_add(struct row *row, uint8_t byte);

/* An atom that is no byte: what comes next joins nothing. */
void row_break(struct row *row);

/* An operator behind the atom: it may be missing where `least` is 0, and be there again. */
void row_repeat(struct row *row, int least);

#endif
