#include "kgrep/match.h"

#include "kgrep/literal.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

/* At most about a second at one place of a field; a stack for the compiled code, of which only what
 * is used is ever touched. */
enum {
    STEPS_MOST = 10000000,
    DEPTH_MOST = 1000000,
    HEAP_MOST = 65536, /* KiB */
    STACK_FIRST = 32 << 10,
    STACK_MOST = 64 << 20
};

struct match {
    bool plain;
    struct literals literals; /* plain */
    pcre2_code *code;         /* else */
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    int error; /* of the last MATCH_GAVE_UP */
    char why[128];
};

static void say(struct match *match, int error)
{
    if (pcre2_get_error_message(error, (PCRE2_UCHAR *)match->why, sizeof match->why) < 0)
        snprintf(match->why, sizeof match->why, "PCRE2 error %d", error);
}

static bool compile(struct match *match, const struct pattern *pattern, bool ignore_case,
                    struct fault *fault)
{
    int error;
    PCRE2_SIZE at;
    uint32_t options = PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
    options |= ignore_case ? PCRE2_CASELESS : 0;
    match->code =
        pcre2_compile((PCRE2_SPTR)pattern->text, pattern->size, options, &error, &at, NULL);
    if (match->code != NULL)
        return true;
    if (error == PCRE2_ERROR_HEAP_FAILED) {
        fault_memory(fault);
        return false;
    }
    say(match, error);
    fault_set(fault, STATUS_USAGE, "PATTERN: is too much for PCRE2: %s", match->why);
    return false;
}

/* Where there is no JIT compiler, or the system allows it no memory, PCRE2 interprets. */
static void compile_jit(struct match *match)
{
    if (pcre2_jit_compile(match->code, PCRE2_JIT_COMPLETE) == 0) {
        match->stack = pcre2_jit_stack_create(STACK_FIRST, STACK_MOST, NULL);
        if (match->stack != NULL)
            pcre2_jit_stack_assign(match->context, NULL, match->stack);
    }
}

static bool prepare(struct match *match, struct fault *fault)
{
    match->data = pcre2_match_data_create(1, NULL);
    match->context = pcre2_match_context_create(NULL);
    if (match->data == NULL || match->context == NULL) {
        fault_memory(fault);
        return false;
    }
    pcre2_set_match_limit(match->context, STEPS_MOST);
    pcre2_set_depth_limit(match->context, DEPTH_MOST);
    pcre2_set_heap_limit(match->context, HEAP_MOST);
    compile_jit(match);
    return true;
}

static bool open_plain(struct match *match, const struct pattern *pattern,
                       const struct pattern_rules *rules, struct fault *fault)
{
    enum literal_where where = rules->line   ? LITERAL_WHOLE
                               : rules->word ? LITERAL_WORD
                                             : LITERAL_ANYWHERE;
    bool opened = literals_open(&match->literals, span_of(pattern->text, pattern->size), where);
    if (!opened)
        fault_memory(fault);
    return opened;
}

struct match *match_open(const struct pattern *pattern, const struct pattern_rules *rules,
                         struct fault *fault)
{
    struct match *match = calloc(1, sizeof *match);
    if (match == NULL) {
        fault_memory(fault);
        return NULL;
    }
    match->plain = pattern->plain;
    bool opened = pattern->plain
                      ? open_plain(match, pattern, rules, fault)
                      : compile(match, pattern, rules->ignore_case, fault) && prepare(match, fault);
    if (opened)
        return match;
    match_close(match);
    return NULL;
}

enum match_result match_find(struct match *match, struct span field)
{
    if (match->plain)
        return literals_find(&match->literals, field) ? MATCH_YES : MATCH_NO;
    int got = pcre2_match(match->code, field.at, field.size, 0, 0, match->data, match->context);
    if (got >= 0)
        return MATCH_YES;
    if (got == PCRE2_ERROR_NOMATCH)
        return MATCH_NO;
    match->error = got;
    return MATCH_GAVE_UP;
}

const char *match_why(struct match *match)
{
    say(match, match->error);
    return match->why;
}

void match_close(struct match *match)
{
    literals_close(&match->literals);
    pcre2_code_free(match->code);
    pcre2_match_data_free(match->data);
    pcre2_match_context_free(match->context);
    pcre2_jit_stack_free(match->stack);
    free(match);
}

const char *match_library(void)
{
    static char text[96];
    char version[32];
    uint32_t jit = 0;
    pcre2_config(PCRE2_CONFIG_JIT, &jit);
    pcre2_config(PCRE2_CONFIG_VERSION, version);
    snprintf(text, sizeof text, "PCRE2 %s %s JIT", version, jit != 0 ? "with" : "without");
    return text;
}
