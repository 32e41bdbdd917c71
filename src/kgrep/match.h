/* kgrep/match: whether bytes match a pattern: by kgrep/literal, or by PCRE2 and its JIT compiler.
 *
 * All is allocated when it is opened; nothing is at a match. PCRE2 searches by trying, so that a
 * few patterns could go on for ages on some bytes: its effort is bounded, and where a bound is hit
 * that is told, never taken for "no". */
#ifndef KPIPE_KGREP_MATCH_H
#define KPIPE_KGREP_MATCH_H

#include "kgrep/pattern.h"
#include "util/fault.h"
#include "util/span.h"

enum match_result {
    MATCH_NO,
    MATCH_YES,
    MATCH_GAVE_UP /* a bound was hit; match_why() says which */
};

struct match;

/* For a pattern that was read by these rules; it must outlive the match. NULL: fault is set, 64
 * where PCRE2 refuses the pattern, 71 where there is no memory. */
struct match *match_open(const struct pattern *pattern, const struct pattern_rules *rules,
                         struct fault *fault);

/* Looks at `field`, which is not null, as a whole: ^ and $ are its ends. */
enum match_result match_find(struct match *match, struct span field);

/* Which bound the last MATCH_GAVE_UP hit, in PCRE2's words; lives as long as the match. */
const char *match_why(struct match *match);

void match_close(struct match *match);

/* "PCRE2 10.42 with JIT": what is linked, for --version. */
const char *match_library(void);

#endif
