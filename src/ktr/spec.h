/* ktr/spec: one SET of tr's language, read into items; pure.
 *
 * What is read is what GNU tr (coreutils 9.1) reads in the C locale, down to its odd corners:
 * tests/differential-tr compares the two. A byte, a range a-z, a class [:alpha:] (its stretches of
 * bytes, ascending), an equivalence [=c=] (c alone), a repeat [c*n]: each is one or more items. */
#ifndef KPIPE_KTR_SPEC_H
#define KPIPE_KTR_SPEC_H

#include "util/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum spec_letters { SPEC_PLAIN, SPEC_UPPER, SPEC_LOWER };

struct spec_item {
    uint8_t first, last;       /* equal: this byte `size` times; else first up to last */
    enum spec_letters letters; /* it was written [:upper:] or [:lower:] */
    uint64_t size;             /* in bytes; 0: [c*], as often as it takes */
};

enum { SPEC_NOTE = 160 };

struct spec {
    struct spec_item *items; /* owned; there is room for one more than count */
    size_t count;
    uint64_t size;         /* of all items, in bytes */
    struct spec_item *any; /* the last [c*] */
    size_t anys;           /* how many [c*] there are */
    bool classes;          /* has [:...:] */
    bool other_classes;    /* has one that is neither upper nor lower */
    bool equivalences;     /* has [=c=] */
    bool too_many;         /* more bytes than SPEC_MOST */
    char note[SPEC_NOTE];  /* a warning, "" for none: the SET can be read, but looks like a slip */
};

/* The longest SET, as a repeat can make it; GNU tr has the same limit. */
#define SPEC_MOST (UINT64_MAX - 1)

/* Reads `word`. `name` is what messages call it: SET1 or SET2. False: fault is set; spec_free() is
 * due in either case. */
bool spec_read(struct spec *spec, const char *name, const char *word, struct fault *fault);

/* Appends an item: one byte `size` times. Only once after spec_read(). */
void spec_extend(struct spec *spec, uint8_t byte, uint64_t size);

/* Marks the bytes that are in the SET. */
void spec_members(const struct spec *spec, bool members[256]);

void spec_free(struct spec *spec);

/* A walk over a SET's bytes in order, a run of equal ones at a time. */
struct spec_walk {
    const struct spec *spec;
    size_t at;     /* the item */
    uint64_t done; /* its bytes that are behind us */
};

/* The item the walk stands in; NULL at the end. */
const struct spec_item *spec_item(struct spec_walk *walk);

/* The byte the walk stands at, and how often its item has it in a row from there, 1 or more. Not at
 * the end. */
uint8_t spec_byte(const struct spec_walk *walk);
uint64_t spec_run(const struct spec_walk *walk);

/* On by `bytes`, at most a run. */
void spec_step(struct spec_walk *walk, uint64_t bytes);

/* To the next item. */
void spec_skip(struct spec_walk *walk);

#endif
