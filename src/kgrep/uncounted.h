/* kgrep/uncounted: a PCRE2 pattern of kgrep/ere made fit for the search that follows all ways at
 * once. Pure: text to text.
 *
 * PCRE2's DFA matcher tells x+ and x{2,} of different lengths apart, as if each were another way:
 * on 3,000 a's (a+)+b took minutes. Written as xx* and x{2}x* there is one. And it calls out,
 * (?C1), at each place where a search begins and each turn of a repeated group, so that it can be
 * told that its time is up: counted repeats, x{1,1000}, are as many ways as before. */
#ifndef KPIPE_KGREP_UNCOUNTED_H
#define KPIPE_KGREP_UNCOUNTED_H

#include "kgrep/buffer.h"
#include "util/span.h"

/* Appends the pattern. A lack of memory shows in `out`. */
void uncounted(struct buffer *out, struct span pattern);

#endif
