/* kgrep/match: whether bytes match a pattern: by kgrep/literal where it is plain, else by
 * kgrep/search. Nothing is allocated at a match. */
#ifndef KPIPE_KGREP_MATCH_H
#define KPIPE_KGREP_MATCH_H

#include "kgrep/literal.h"
#include "kgrep/pattern.h"
#include "kgrep/search.h"

struct match {
    struct literals literals;
    struct search *search; /* NULL: plain */
    bool groups;           /* the pattern has parentheses that are groups */
};

/* For a pattern that was read by these rules, and must outlive the match. False: fault is set, 64
 * where PCRE2 refuses the pattern, 71 where there is no memory; match_close() all the same. */
bool match_open(struct match *match, const struct pattern *pattern,
                const struct pattern_rules *rules, struct fault *fault);

/* Looks at `field`, which is not null, as a whole: ^ and $ are its ends. */
enum match_result match_find(struct match *match, struct span field);

/* What matches in `field` from byte `from` on: the leftmost longest that is not empty. *first is
 * what the first of the pattern's parentheses did, at NULL where they did nothing or there are
 * none; NULL: nobody asks. Only where the rules have `places`. */
enum match_result match_place(struct match *match, struct span field, size_t from,
                              struct span *found, struct span *first);

void match_close(struct match *match);

#endif
