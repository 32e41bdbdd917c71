#include "kgrep/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A step of the first search takes about 2 ns, and STEPS_* bound what it does from one place of a
 * field, so that the whole field takes about 50 ms. */
enum {
    STEPS_FIELD = 20000000,
    STEPS_MOST = 10000000,
    STEPS_LEAST = 1000,
    WORK_FIRST = 4096,
    WORK_MOST = 16 << 20, /* ints */
    /* a+b on a long row of a's takes a step a place and looks at the whole row in each. So a field
     * is searched from a part of its places at a time, and between them the clock is asked. */
    PLACES_BYTES = 100000000, /* places times bytes of the field */
    FIRST_MS = 100,
    ALL_MS = 500,     /* of CPU time; for each MB more a second more */
    PLACES_MS = 1000, /* all that are wanted of a field: four times as long a byte */
    TICKS = 16        /* of the second or timed search between two looks at the clock */
};

static int64_t cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool late(const struct search *search)
{
    return cpu_ms() > search->until;
}

int search_tick(pcre2_callout_block *block, void *arg)
{
    struct search *search = arg;
    (void)block;
    return ++search->ticks % TICKS == 0 && late(search) ? PCRE2_ERROR_MATCHLIMIT : 0;
}

/* The match that ends where the second search has found the longest one to end. */
int search_ends_there(pcre2_callout_block *block, void *arg)
{
    const struct search *search = arg;
    return block->current_position == search->end ? 0 : 1;
}

static bool work_grow(struct search *search)
{
    size_t room = search->work_room == 0 ? WORK_FIRST : search->work_room * 2;
    int *work = room > WORK_MOST ? NULL : reallocarray(search->work, room, sizeof *work);
    if (work == NULL)
        return false;
    search->work = work;
    search->work_room = room;
    return true;
}

static int run_second(struct search *search, const pcre2_code *code, struct span field, size_t from,
                      uint32_t options)
{
    int got = PCRE2_ERROR_DFA_WSSIZE;
    while (got == PCRE2_ERROR_DFA_WSSIZE && (search->work_room > 0 || work_grow(search))) {
        got = pcre2_dfa_match(code, field.at, field.size, from, options, search->data,
                              search->second_bounds, search->work, search->work_room);
        if (got == PCRE2_ERROR_DFA_WSSIZE && !work_grow(search))
            break;
    }
    return got;
}

static bool bound_was_hit(int error)
{
    return error == PCRE2_ERROR_MATCHLIMIT || error == PCRE2_ERROR_JIT_STACKLIMIT ||
           error == PCRE2_ERROR_DEPTHLIMIT || error == PCRE2_ERROR_HEAPLIMIT;
}

static uint32_t steps(size_t size)
{
    size_t most = STEPS_FIELD / (size + 1);
    most = most < STEPS_LEAST ? STEPS_LEAST : most;
    return (uint32_t)(most > STEPS_MOST ? STEPS_MOST : most);
}

static void set_out(struct search *search, size_t size, int64_t ms)
{
    search->until = cpu_ms() + ms + (int64_t)(size / 2000);
    if (search->all > 0 && search->until > search->all)
        search->until = search->all;
}

/* From a part of the places at a time. */
static int run_places(struct search *search, struct span field, size_t from, size_t part)
{
    int got = PCRE2_ERROR_NOMATCH;
    set_out(search, field.size, FIRST_MS);
    for (; got == PCRE2_ERROR_NOMATCH && from <= field.size; from += part) {
        if (late(search))
            return PCRE2_ERROR_MATCHLIMIT;
        pcre2_set_offset_limit(search->bounds, from + part - 1);
        got =
            pcre2_match(search->code, field.at, field.size, from, 0, search->data, search->bounds);
    }
    pcre2_set_offset_limit(search->bounds, PCRE2_UNSET);
    return got;
}

static int run_timed(struct search *search, struct span field, size_t from)
{
    set_out(search, field.size, ALL_MS);
    return pcre2_match(search->timed, field.at, field.size, from, 0, search->data,
                       search->second_bounds);
}

static int run_first(struct search *search, struct span field, size_t from)
{
    size_t part = PLACES_BYTES / (field.size + 1) + 1;
    bool many = field.size - from > part;
    if (many && search->at_once)
        return run_timed(search, field, from);
    pcre2_set_match_limit(search->bounds, steps(field.size));
    int got = many ? run_places(search, field, from, part)
                   : pcre2_match(search->code, field.at, field.size, from, 0, search->data,
                                 search->bounds);
    return bound_was_hit(got) && search->timed != NULL ? run_timed(search, field, from) : got;
}

static enum match_result result(struct search *search, int got)
{
    if (got >= 0)
        return MATCH_YES;
    search->error = got;
    return got == PCRE2_ERROR_NOMATCH ? MATCH_NO : MATCH_GAVE_UP;
}

enum match_result search_find(struct search *search, struct span field)
{
    search->all = 0;
    int got = run_first(search, field, 0);
    if (bound_was_hit(got) && search->second != NULL) {
        set_out(search, field.size, ALL_MS);
        got = run_second(search, search->second, field, 0, PCRE2_DFA_SHORTEST);
    }
    return result(search, got);
}

/* The first match from `from` on: by the first search where it begins, and how far it reaches by
 * the second. */
static int place(struct search *search, struct span field, size_t from, struct span *found)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(search->data);
    int got = run_first(search, field, from);
    bool more = search->longest != NULL && (got >= 0 || bound_was_hit(got));
    if (more)
        set_out(search, field.size, ALL_MS);
    if (more && got < 0)
        got = run_second(search, search->longest, field, from, 0);
    else if (more)
        got = run_second(search, search->longest, field, ends[0], PCRE2_ANCHORED);
    if (got >= 0)
        *found = span_of(field.at + ends[0], ends[1] > ends[0] ? ends[1] - ends[0] : 0);
    return got;
}

/* What the lowest group did that took part. */
static int first_group(struct search *search, struct span field, struct span found,
                       struct span *first)
{
    int got = 0;
    *first = span_of(NULL, 0);
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(search->data);
    if (search->groups != NULL) {
        search->end = (size_t)(found.at - field.at) + found.size;
        pcre2_set_match_limit(search->bounds, STEPS_MOST);
        got = pcre2_match(search->groups, field.at, field.size, (size_t)(found.at - field.at), 0,
                          search->data, search->bounds);
    } else if (search->second != NULL) {
        return 0;
    }
    for (uint32_t i = 1; got >= 0 && i < pcre2_get_ovector_count(search->data); i++)
        if (ends[2 * i] != PCRE2_UNSET && first->at == NULL)
            *first = span_of(field.at + ends[2 * i], ends[2 * i + 1] - ends[2 * i]);
    return got;
}

enum match_result search_place(struct search *search, struct span field, size_t from,
                               struct span *found, struct span *first)
{
    int got = PCRE2_ERROR_NOMATCH;
    if (from == 0)
        search->all = cpu_ms() + PLACES_MS + (int64_t)(field.size / 500);
    while (from < field.size) {
        got = cpu_ms() > search->all ? PCRE2_ERROR_MATCHLIMIT : place(search, field, from, found);
        if (got < 0)
            break;
        if (found->size > 0)
            return first == NULL ? MATCH_YES
                                 : result(search, first_group(search, field, *found, first));
        from = (size_t)(found->at - field.at) + 1;
        got = PCRE2_ERROR_NOMATCH;
    }
    return result(search, got);
}

const char *search_why(struct search *search)
{
    if (pcre2_get_error_message(search->error, (PCRE2_UCHAR *)search->why, sizeof search->why) < 0)
        snprintf(search->why, sizeof search->why, "PCRE2 error %d", search->error);
    return search->why;
}
