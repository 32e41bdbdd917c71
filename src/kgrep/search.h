/* kgrep/search: a PCRE2 pattern sought in bytes.
 *
 * The JIT-compiled search tries one way after another; a few patterns, (.*)*x say, have very many
 * ways on some bytes. Its steps are bounded, and beyond the bound a second search takes over that
 * follows all ways at once: slow (about 0.1 us a byte), but its time only grows with the length. It
 * cannot do back-references, nor Perl's language: there the first search is begun again, and looks
 * at the clock. Either ends without an answer after half a second of CPU time, and half a second
 * more for each MB. Everything is allocated when it is opened, but for the second search's work
 * space, which grows at first use. */
#ifndef KPIPE_KGREP_SEARCH_H
#define KPIPE_KGREP_SEARCH_H

#include "kgrep/pattern.h"
#include "util/fault.h"

enum match_result {
    MATCH_NO,
    MATCH_YES,
    MATCH_GAVE_UP /* a bound was hit before there was an answer */
};

struct search;

/* Compiles what pattern_read() made by the rules. NULL: fault is set, 64 where PCRE2 refuses the
 * pattern, 71 where there is no memory. */
struct search *search_open(struct span pattern, const struct pattern_rules *rules,
                           struct fault *fault);

/* Whether the pattern has groups. */
bool search_groups(const struct search *search);

/* `field` is not null. */
enum match_result search_find(struct search *search, struct span field);

/* Where the first match from byte `from` on is that is not empty: of POSIX's expressions the
 * longest one there is from where it begins, but for back-references; of Perl's, and with those,
 * the one that the search takes. *first is what the lowest group did that took part, at NULL: none
 * did; NULL: nobody asks. Only where the rules had `places`. */
enum match_result search_place(struct search *search, struct span field, size_t from,
                               struct span *found, struct span *first);

/* What the last MATCH_GAVE_UP met, in PCRE2's words; lives as long as the search. */
const char *search_why(struct search *search);

void search_close(struct search *search);

/* "PCRE2 10.42 with JIT": what is linked. */
const char *search_library(void);

#endif
