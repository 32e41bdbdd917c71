/* ktr/map: what ktr does to the bytes of one field; pure.
 *
 * ktr/sets fills the tables, map_ready() looks for the fastest way to apply them. Nothing ever
 * grows, so the result takes the place of what was there. */
#ifndef KPIPE_KTR_MAP_H
#define KPIPE_KTR_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum map_way {
    MAP_SAME,  /* every byte becomes itself */
    MAP_SHIFT, /* the bytes that change lie side by side and move by one distance: a-z A-Z */
    MAP_TABLE  /* any other translation */
};

struct map {
    uint8_t to[256];         /* what a byte becomes */
    bool drop[256];          /* of what bytes became, these go */
    bool squeeze[256];       /* of what is left, these go behind another of their kind */
    enum map_way way;        /* this and what follows: map_ready() */
    uint8_t first, span, by; /* MAP_SHIFT: first .. first + span become by more, modulo 256 */
    bool drops, squeezes;    /* any byte */
};

/* The tables of a map that changes nothing. */
void map_start(struct map *map);

/* Chooses the way. Call when the tables are filled, before map_apply(). */
void map_ready(struct map *map);

/* Changes the `size` bytes at `at` in place; returns how many are left, at most `size`. Squeezing
 * starts anew at each call. */
size_t map_apply(const struct map *map, uint8_t *at, size_t size);

#endif
