#include "kgrep/search.h"

#include "kgrep/buffer.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

/* A step of the first search takes about 2 ns, and STEPS_* bound what it does from one place of a
 * field: up to a second with back-references; else so that the whole field takes about 50 ms. */
enum {
    STEPS_BACK = 10000000,
    STEPS_FIELD = 20000000,
    STEPS_LEAST = 1000,
    DEPTH_MOST = 1000000,
    HEAP_MOST = 65536, /* KiB */
    STACK_FIRST = 32 << 10,
    STACK_MOST = 64 << 20, /* bytes of address space, taken as they are needed */
    WORK_FIRST = 4096,
    WORK_MOST = 16 << 20 /* ints */
};

struct search {
    pcre2_code *code;
    pcre2_match_context *bounds;
    pcre2_jit_stack *stack;
    pcre2_code *second; /* NULL: there are back-references */
    pcre2_match_context *second_bounds;
    int *work; /* the second search's */
    size_t work_room;
    pcre2_match_data *data;
    int error;
    char why[128];
};

static const char *say(struct search *search, int error)
{
    if (pcre2_get_error_message(error, (PCRE2_UCHAR *)search->why, sizeof search->why) < 0)
        snprintf(search->why, sizeof search->why, "PCRE2 error %d", error);
    return search->why;
}

static pcre2_code *compile(struct search *search, struct span pattern, uint32_t options,
                           struct fault *fault)
{
    PCRE2_SIZE at;
    int error;
    options |= PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
    pcre2_code *code = pcre2_compile(pattern.at, pattern.size, options, &error, &at, NULL);
    if (code == NULL && error == PCRE2_ERROR_HEAP_FAILED)
        fault_memory(fault);
    else if (code == NULL)
        fault_set(fault, STATUS_USAGE, "PATTERN: is too much for PCRE2: %s", say(search, error));
    return code;
}

/* Anchored at the start behind a .* of its own, so that it passes over a field only once. */
static bool compile_second(struct search *search, struct span pattern, uint32_t options,
                           struct fault *fault)
{
    uint32_t back = 0;
    pcre2_pattern_info(search->code, PCRE2_INFO_BACKREFMAX, &back);
    if (back > 0)
        return true;
    struct buffer anywhere = {0};
    buffer_say(&anywhere, ".*(?:");
    buffer_put(&anywhere, pattern.at, pattern.size);
    buffer_say(&anywhere, ")");
    if (anywhere.failed)
        fault_memory(fault);
    else
        search->second =
            compile(search, span_of(anywhere.at, anywhere.size), options | PCRE2_ANCHORED, fault);
    free(anywhere.at);
    return search->second != NULL;
}

/* Where there is no JIT compiler, or the system gives it no memory, PCRE2 interprets. */
static void compile_jit(struct search *search)
{
    if (pcre2_jit_compile(search->code, PCRE2_JIT_COMPLETE) != 0)
        return;
    search->stack = pcre2_jit_stack_create(STACK_FIRST, STACK_MOST, NULL);
    if (search->stack != NULL)
        pcre2_jit_stack_assign(search->bounds, NULL, search->stack);
}

static bool bounds_set(struct search *search, struct fault *fault)
{
    search->data = pcre2_match_data_create(1, NULL);
    search->bounds = pcre2_match_context_create(NULL);
    search->second_bounds = pcre2_match_context_create(NULL);
    if (search->data == NULL || search->bounds == NULL || search->second_bounds == NULL) {
        fault_memory(fault);
        return false;
    }
    pcre2_set_match_limit(search->bounds, STEPS_BACK);
    pcre2_set_depth_limit(search->bounds, DEPTH_MOST);
    pcre2_set_heap_limit(search->bounds, HEAP_MOST);
    pcre2_set_match_limit(search->second_bounds, UINT32_MAX);
    pcre2_set_depth_limit(search->second_bounds, DEPTH_MOST);
    pcre2_set_heap_limit(search->second_bounds, HEAP_MOST);
    return true;
}

struct search *search_open(struct span pattern, bool ignore_case, struct fault *fault)
{
    uint32_t options = ignore_case ? PCRE2_CASELESS : 0;
    struct search *search = calloc(1, sizeof *search);
    if (search == NULL) {
        fault_memory(fault);
        return NULL;
    }
    search->code = compile(search, pattern, options, fault);
    if (search->code != NULL && bounds_set(search, fault) &&
        compile_second(search, pattern, options, fault)) {
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

static int find_second(struct search *search, struct span field)
{
    int got = PCRE2_ERROR_DFA_WSSIZE;
    while (got == PCRE2_ERROR_DFA_WSSIZE && (search->work_room > 0 || work_grow(search))) {
        got = pcre2_dfa_match(search->second, field.at, field.size, 0, PCRE2_DFA_SHORTEST,
                              search->data, search->second_bounds, search->work, search->work_room);
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
    return most < STEPS_LEAST ? STEPS_LEAST : (uint32_t)most;
}

enum match_result search_find(struct search *search, struct span field)
{
    if (search->second != NULL)
        pcre2_set_match_limit(search->bounds, steps(field.size));
    int got = pcre2_match(search->code, field.at, field.size, 0, 0, search->data, search->bounds);
    if (bound_was_hit(got) && search->second != NULL)
        got = find_second(search, field);
    if (got >= 0)
        return MATCH_YES;
    search->error = got;
    return got == PCRE2_ERROR_NOMATCH ? MATCH_NO : MATCH_GAVE_UP;
}

const char *search_why(struct search *search)
{
    return say(search, search->error);
}

void search_close(struct search *search)
{
    pcre2_code_free(search->code);
    pcre2_code_free(search->second);
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
