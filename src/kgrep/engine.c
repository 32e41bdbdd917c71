#include "kgrep/engine.h"

#include "kgrep/buffer.h"
#include "kgrep/uncounted.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    STACK_FIRST = 32 << 10,
    STACK_MOST = 64 << 20 /* bytes of address space, taken as they are needed */
};

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
                             search->options | options, &error, &at, search->how);
    free(whole.at);
    search->error = error;
    if (code == NULL && error == PCRE2_ERROR_HEAP_FAILED)
        fault_memory(fault);
    else if (code == NULL && (search->options & PCRE2_DOTALL) == 0)
        fault_set(fault, STATUS_USAGE, "PATTERN: byte %zu: %s: to take it as it stands: -F", at + 1,
                  search_why(search));
    else if (code == NULL)
        fault_set(fault, STATUS_USAGE, "PATTERN: is too much for PCRE2: %s", search_why(search));
    return code;
}

static bool refers_back(const struct search *search)
{
    uint32_t back = 0;
    pcre2_pattern_info(search->code, PCRE2_INFO_BACKREFMAX, &back);
    return back > 0;
}

/* Where there is no second search. */
static bool compile_timed(struct search *search, struct span pattern, struct fault *fault)
{
    search->timed = compile(search, PCRE2_USE_OFFSET_LIMIT | PCRE2_AUTO_CALLOUT, search->before,
                            pattern, search->behind, fault);
    pcre2_set_callout(search->second_bounds, search_tick, search);
    return search->timed != NULL;
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
    pcre2_set_callout(search->second_bounds, search_tick, search);
    return search->second != NULL && (!places || search->longest != NULL);
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
    pcre2_set_callout(search->bounds, search_ends_there, search);
    return search->groups != NULL;
}

/* Where there is no JIT compiler, or the system gives it no memory, PCRE2 interprets. */
static void compile_jit(struct search *search)
{
    if (pcre2_jit_compile(search->code, PCRE2_JIT_COMPLETE) != 0)
        return;
    if (search->groups != NULL)
        (void)pcre2_jit_compile(search->groups, PCRE2_JIT_COMPLETE);
    if (search->timed != NULL)
        (void)pcre2_jit_compile(search->timed, PCRE2_JIT_COMPLETE);
    search->stack = pcre2_jit_stack_create(STACK_FIRST, STACK_MOST, NULL);
    if (search->stack != NULL) {
        pcre2_jit_stack_assign(search->bounds, NULL, search->stack);
        pcre2_jit_stack_assign(search->second_bounds, NULL, search->stack);
    }
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
    pcre2_set_depth_limit(search->bounds, ENGINE_DEPTH);
    pcre2_set_heap_limit(search->bounds, ENGINE_HEAP);
    pcre2_set_match_limit(search->second_bounds, UINT32_MAX);
    pcre2_set_depth_limit(search->second_bounds, ENGINE_DEPTH);
    pcre2_set_heap_limit(search->second_bounds, ENGINE_HEAP);
    return true;
}

/* What looks at where the search began, or says how it goes on from there. */
static bool verbs(struct span pattern)
{
    return memmem(pattern.at, pattern.size, "(*", 2) != NULL ||
           memmem(pattern.at, pattern.size, "\\G", 2) != NULL;
}

/* Parentheses and alternatives: what wrap() in kgrep/pattern tells of. What has to stand first, and
 * a comment, which may have no end of its own, are left as they are. */
static bool overlooked(struct span pattern)
{
    return pattern.size > 0 && memchr(pattern.at, '(', pattern.size) != NULL &&
           memchr(pattern.at, '|', pattern.size) != NULL &&
           memchr(pattern.at, '#', pattern.size) == NULL &&
           memmem(pattern.at, pattern.size, "(*", 2) == NULL;
}

/* What is put around one of Perl's expressions, which must be one without it: a )|( would get out
 * of it. False: it is none, or no memory. */
static bool surround(struct search *search, struct span pattern, const struct pattern_rules *rules,
                     struct fault *fault)
{
    search->before = search->behind = "";
    if (rules->language != PATTERN_PERL)
        return true;
    if (rules->line) {
        search->how = pcre2_compile_context_create(NULL);
        if (search->how == NULL)
            fault_memory(fault);
        else
            pcre2_set_compile_extra_options(search->how, PCRE2_EXTRA_MATCH_LINE);
    } else if (rules->word || overlooked(pattern)) {
        pcre2_code_free(compile(search, 0, "", pattern, "", fault));
        search->before = rules->word ? "(?<!\\w)(?:" : "(?=)(?:";
        search->behind = rules->word ? ")(?!\\w)" : ")";
    }
    return fault->status == 0;
}

static uint32_t compile_options(const struct pattern_rules *rules)
{
    uint32_t options = PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF;
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
    if (surround(search, pattern, rules, fault))
        search->code =
            compile(search, PCRE2_USE_OFFSET_LIMIT, search->before, pattern, search->behind, fault);
    bool good = search->code != NULL && bounds_set(search, fault);
    if (good && (rules->language == PATTERN_PERL || refers_back(search)))
        good = compile_timed(search, pattern, fault);
    else if (good)
        good = compile_second(search, pattern, rules->places, fault) &&
               (!rules->places || compile_groups(search, pattern, fault));
    if (good) {
        compile_jit(search);
        return search;
    }
    search_close(search);
    return NULL;
}

void search_close(struct search *search)
{
    pcre2_compile_context_free(search->how);
    pcre2_code_free(search->code);
    pcre2_code_free(search->timed);
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
