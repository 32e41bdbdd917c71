/* kpipe-adm/listing: rows, as a table for people or as JSON, an object a line. Pure but for the
 * FILE that is printed to. */
#ifndef KPIPE_KPIPE_ADM_LISTING_H
#define KPIPE_KPIPE_ADM_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { LISTING_COLUMNS = 8 };

struct column {
    const char *name; /* lower case; NULL ends the list */
    bool number;      /* to the right in a table; null or a number in JSON, "-" for none */
};

union cell {
    char *text;     /* owned */
    int64_t number; /* negative: none */
};

struct listing {
    const struct column *columns; /* borrowed */
    size_t width;
    union cell *cells; /* owned: row by row */
    size_t rows;
    bool failed; /* out of memory: nothing of it is to be printed */
};

/* At most LISTING_COLUMNS columns. */
void listing_open(struct listing *listing, const struct column *columns);

/* Adds a row, its cells in the order of the columns: `const char *` (copied) or int64_t. */
void listing_row(struct listing *listing, ...);

/* Bytes that could steer a terminal, and those that are not UTF-8, are escaped as in messages. */
void listing_print(const struct listing *listing, FILE *to);

/* Strings are valid JSON whatever bytes they are: controls as \uNNNN, what is not UTF-8 as U+FFFD.
 */
void listing_json(const struct listing *listing, FILE *to);

/* The first column alone. */
void listing_names(const struct listing *listing, FILE *to);

void listing_close(struct listing *listing);

#endif
