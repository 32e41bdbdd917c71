#include "kgrep/search.h"

#include "kgrep/buffer.h"
#include "kgrep/uncounted.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A step of the first search takes about 2 ns, and STEPS_* bound what it does from one place of a
 * field, so that the whole field takes about 50 ms, or a second where there is no other search. */
enum {
    STEPS_FIELD = 20000000,
    STEPS_ALONE = 300000000,
    STEPS_MOST = 10000000,
    STEPS_LEAST = 1000,
    DEPTH_MOST = 1000000,
    HEAP_MOST = 65536, /* KiB */
    STACK_FIRST = 32 << 10,
    STACK_MOST = 64 << 20, /* bytes of address space, taken as they are needed */
    WORK_FIRST = 4096,
    WORK_MOST = 16 << 20, /* ints */
    /* a+b on a long row of a's takes a step a place and looks at the whole row in each. So a field
     * is searched from a part of its places at a time, and between them the clock is asked. */
    PLACES_BYTES = 100000000, /* places times bytes of the field */
    FIRST_MS = 100,
    ALL_MS = 500, /* of CPU time; for each MB more a second more */
    TICKS = 16    /* of the second search between two looks at the clock */
};

struct search {
    uint32_t options; /* to compile with */
    pcre2_code *code;
    pcre2_match_context *bounds;
    pcre2_jit_stack *stack;
    bool at_once;        /* the places of a field all in one go: Perl's \G, (*COMMIT) */
    pcre2_code *second;  /* NULL: a back-reference, or Perl's */
    pcre2_code *longest; /* the same, to be begun at a place; NULL: places are not asked for */
    pcre2_match_context *second_bounds;
    int64_t until; /* CPU time in ms at which a search is given up */
    unsigned ticks;
    int *work; /* the second search's */
    size_t work_room;
    pcre2_match_data *data;
    pcre2_code *groups; /* for what parentheses did in the second search's match; NULL: as `code` */
    size_t end;         /* where that match ends */
    int error;
    char why[128];
};

static const char *say(struct search *search, int error)
{
    if (pcre2_get_error_message(error, (PCRE2_UCHAR *)search->why, sizeof search->why) < 0)
        snprintf(search->why, sizeof search->why, "PCRE2 error %d", error);
    return search->why;
}

/* In `before` and `behind`; what is wrong with Perl's language only PCRE2 can say. */
static pcre2_code *compile(struct search *search, uint32_t options, const char *before,
                           struct span pattern, const char *behind, struct fault *fault)
{
    PCRE2_SIZE at;
    int error = PCRE2_ERROR_HEAP_FAILED;
    struct buffer whole = {0};
    buffer_say(&whole, before);
    buffer_put(&whole, pattern.at, pattern.size);
    buffer_say(&whole, behind);
    pcre2_code *code = NULL;
    if (!whole.failed)
        code = pcre2_compile((PCRE2_SPTR)(whole.size == 0 ? "" : whole.at), whole.size,
                             search->options | options, &error, &at, NULL);
    free(whole.at);
    if (code == NULL && error == PCRE2_ERROR_HEAP_FAILED)
        fault_memory(fault);
    else if (code == NULL && (search->options & PCRE2_DOTALL) == 0)
        fault_set(fault, STATUS_USAGE, "PATTERN: byte %zu: %s: to take it as it stands: -F", at + 1,
                  say(search, error));
    else if (code == NULL)
        fault_set(fault, STATUS_USAGE, "PATTERN: is too much for PCRE2: %s", say(search, error));
    return code;
}

static bool refers_back(const struct search *search)
{
    uint32_t back = 0;
    pcre2_pattern_info(search->code, PCRE2_INFO_BACKREFMAX, &back);
    return back > 0;
}

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

static int tick(pcre2_callout_block *block, void *arg)
{
    struct search *search = arg;
    (void)block;
    return ++search->ticks % TICKS == 0 && late(search) ? PCRE2_ERROR_MATCHLIMIT : 0;
}

/* Anchored at the start behind a .* of its own, so that it passes over a field only once. */
static bool compile_second(struct search *search, struct span pattern, bool places,
                           struct fault *fault)
{
    struct buffer text = {0};
    uncounted(&text, pattern);
    if (text.failed) {
        fault_memory(fault);
        return false;
    }
    struct span fit = span_of(text.at, text.size);
    search->second = compile(search, PCRE2_ANCHORED, ".*", fit, "", fault);
    if (places && search->second != NULL)
        search->longest = compile(search, 0, "", fit, "", fault);
    free(text.at);
    pcre2_set_callout(search->second_bounds, tick, search);
    return search->second != NULL && (!places || search->longest != NULL);
}

/* The match that ends where the second search has found the longest one to end. */
static int ends_there(pcre2_callout_block *block, void *arg)
{
    const struct search *search = arg;
    return block->current_position == search->end ? 0 : 1;
}

bool search_groups(const struct search *search)
{
    uint32_t count = 0;
    pcre2_pattern_info(search->code, PCRE2_INFO_CAPTURECOUNT, &count);
    return count > 0;
}

/* Where there are parentheses to be told of. */
static bool compile_groups(struct search *search, struct span pattern, struct fault *fault)
{
    if (!search_groups(search))
        return true;
    search->groups = compile(search, PCRE2_ANCHORED, "(?:", pattern, ")(?C1)", fault);
    pcre2_set_callout(search->bounds, ends_there, search);
    return search->groups != NULL;
}

/* Where there is no JIT compiler, or the system gives it no memory, PCRE2 interprets. */
static void compile_jit(struct search *search)
{
    if (pcre2_jit_compile(search->code, PCRE2_JIT_COMPLETE) != 0)
        return;
    if (search->groups != NULL)
        (void)pcre2_jit_compile(search->groups, PCRE2_JIT_COMPLETE);
    search->stack = pcre2_jit_stack_create(STACK_FIRST, STACK_MOST, NULL);
    if (search->stack != NULL)
        pcre2_jit_stack_assign(search->bounds, NULL, search->stack);
}

static bool bounds_set(struct search *search, struct fault *fault)
{
    search->data = pcre2_match_data_create_from_pattern(search->code, NULL);
    search->bounds = pcre2_match_context_create(NULL);
    search->second_bounds = pcre2_match_context_create(NULL);
    if (search->data == NULL || search->bounds == NULL || search->second_bounds == NULL) {
        fault_memory(fault);
        return false;
    }
    pcre2_set_depth_limit(search->bounds, DEPTH_MOST);
    pcre2_set_heap_limit(search->bounds, HEAP_MOST);
    pcre2_set_match_limit(search->second_bounds, UINT32_MAX);
    pcre2_set_depth_limit(search->second_bounds, DEPTH_MOST);
    pcre2_set_heap_limit(search->second_bounds, HEAP_MOST);
    return true;
}

/* What looks at where the search began, or says how it goes on from there. */
static bool verbs(struct span pattern)
{
    return memmem(pattern.at, pattern.size, "(*", 2) != NULL ||
           memmem(pattern.at, pattern.size, "\\G", 2) != NULL;
}

static uint32_t compile_options(const struct pattern_rules *rules)
{
    uint32_t options = PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
    if (rules->ignore_case)
        options |= PCRE2_CASELESS;
    if (rules->language != PATTERN_PERL)
        options |= PCRE2_DOTALL;
    return options;
}

struct search *search_open(struct span pattern, const struct pattern_rules *rules,
                           struct fault *fault)
{
    struct search *search = calloc(1, sizeof *search);
    if (search == NULL) {
        fault_memory(fault);
        return NULL;
    }
    search->options = compile_options(rules);
    search->at_once = rules->language == PATTERN_PERL && verbs(pattern);
    search->code = compile(search, PCRE2_USE_OFFSET_LIMIT, "", pattern, "", fault);
    bool good = search->code != NULL && bounds_set(search, fault);
    if (good && rules->language != PATTERN_PERL && !refers_back(search))
        good = compile_second(search, pattern, rules->places, fault) &&
               (!rules->places || compile_groups(search, pattern, fault));
    if (good) {
        compile_jit(search);
        return search;
    }
    search_close(search);
    return NULL;
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

static uint32_t steps(const struct search *search, size_t size)
{
    size_t all = search->second != NULL ? STEPS_FIELD : STEPS_ALONE, most = all / (size + 1);
    most = most < STEPS_LEAST ? STEPS_LEAST : most;
    return (uint32_t)(most > STEPS_MOST ? STEPS_MOST : most);
}

static void set_out(struct search *search, size_t size, int64_t ms)
{
    search->until = cpu_ms() + ms + (int64_t)(size / 2000);
}

/* From a part of the places at a time. */
static int run_places(struct search *search, struct span field, size_t from, size_t part)
{
    int got = PCRE2_ERROR_NOMATCH;
    set_out(search, field.size, search->second != NULL ? FIRST_MS : ALL_MS);
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

static int run_first(struct search *search, struct span field, size_t from)
{
    size_t part = PLACES_BYTES / (field.size + 1) + 1;
    pcre2_set_match_limit(search->bounds, steps(search, field.size));
    if (field.size - from > part && !search->at_once)
        return run_places(search, field, from, part);
    return pcre2_match(search->code, field.at, field.size, from, 0, search->data, search->bounds);
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
        pcre2_set_match_limit(search->bounds, steps(search, field.size));
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
    while (from < field.size) {
        got = place(search, field, from, found);
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
    return say(search, search->error);
}

void search_close(struct search *search)
{
    pcre2_code_free(search->code);
    pcre2_code_free(search->second);
    pcre2_code_free(search->longest);
    pcre2_code_free(search->groups);
    pcre2_match_data_free(search->data);
    pcre2_match_context_free(search->bounds);
    pcre2_match_context_free(search->second_bounds);
    pcre2_jit_stack_free(search->stack);
    free(search->work);
    free(search);
}

const char *search_library(void)
{
    static char text[96];
    char version[64];
    uint32_t jit = 0;
    pcre2_config(PCRE2_CONFIG_JIT, &jit);
    pcre2_config(PCRE2_CONFIG_VERSION, version);
    snprintf(text, sizeof text, "PCRE2 %s %s JIT", version, jit != 0 ? "with" : "without");
    return text;
}
