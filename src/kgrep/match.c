#include "kgrep/match.h"

bool match_open(struct match *match, const struct pattern *pattern,
                const struct pattern_rules *rules, struct fault *fault)
{
    struct span text = span_of(pattern->size > 0 ? pattern->text : "", pattern->size);
    *match = (struct match){0};
    if (!pattern->plain) {
        match->search = search_open(text, rules, fault);
        match->groups = match->search != NULL && search_groups(match->search);
        return match->search != NULL;
    }
    enum literal_where where = rules->line   ? LITERAL_WHOLE
                               : rules->word ? LITERAL_WORD
                                             : LITERAL_ANYWHERE;
    if (literals_open(&match->literals, text, where, rules->ignore_case))
        return true;
    fault_memory(fault);
    return false;
}

enum match_result match_find(struct match *match, struct span field)
{
    if (match->search != NULL)
        return search_find(match->search, field);
    return literals_find(&match->literals, field) ? MATCH_YES : MATCH_NO;
}

enum match_result match_place(struct match *match, struct span field, size_t from,
                              struct span *found, struct span *first)
{
    if (first != NULL)
        *first = span_of(NULL, 0);
    if (match->search != NULL)
        return search_place(match->search, field, from, found, first);
    return literals_place(&match->literals, field, from, found) ? MATCH_YES : MATCH_NO;
}

void match_close(struct match *match)
{
    literals_close(&match->literals);
    if (match->search != NULL)
        search_close(match->search);
    match->search = NULL;
}
