/* text/split: a line into key and value. Pure. */
#ifndef KPIPE_TEXT_SPLIT_H
#define KPIPE_TEXT_SPLIT_H

#include "util/span.h"

/* The first `separator` in `line` splits it: *key is what stands before it, the value what stands
 * after. Without one the key is null and the value the whole line. Views into `line`. */
struct span split_key(struct span line, struct span separator, struct span *key);

#endif
