/* kgrep/engine: what a search is compiled into, shared by engine (which makes it) and search (which
 * runs it). */
#ifndef KPIPE_KGREP_ENGINE_H
#define KPIPE_KGREP_ENGINE_H

#include "kgrep/search.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { ENGINE_DEPTH = 1000000, ENGINE_HEAP = 65536 /* KiB */ };

struct search {
    uint32_t options;            /* to compile with */
    pcre2_compile_context *how;  /* NULL: as usual */
    const char *before, *behind; /* what `code` has around the pattern, of Perl's; "": nothing */
    pcre2_code *code;
    pcre2_match_context *bounds;
    pcre2_jit_stack *stack;
    bool at_once;        /* the places of a field all in one go: Perl's \G, (*COMMIT) */
    pcre2_code *timed;   /* the first one, which looks at the clock; NULL: there is a second */
    pcre2_code *second;  /* NULL: a back-reference, or Perl's */
    pcre2_code *longest; /* the same, to be begun at a place; NULL: places are not asked for */
    pcre2_match_context *second_bounds;
    int64_t until; /* CPU time in ms at which a search is given up, */
    int64_t all;   /* and all searches for places in this field; 0: there are none */
    unsigned ticks;
    int *work; /* the second search's */
    size_t work_room;
    pcre2_match_data *data;
    pcre2_code *groups; /* for what parentheses did in the second search's match; NULL: as `code` */
    size_t end;         /* where that match ends */
    int error;
    char why[128];
};

/* search.c: called by PCRE2 before each step of the second and of the timed search: the clock. */
int search_tick(pcre2_callout_block *block, void *search);

/* search.c: called at the end of `groups`: no match but the one that ends at search->end. */
int search_ends_there(pcre2_callout_block *block, void *search);

#endif
