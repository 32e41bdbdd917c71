/* kpipe-adm/dump: the counts of a store as lines. */
#ifndef KPIPE_KPIPE_ADM_DUMP_H
#define KPIPE_KPIPE_ADM_DUMP_H

#include "stream/out.h"

/* "KEY tab COUNT", the key escaped (util/escape); or {"task":N,"key":KEY,"count":N}, the key as in
 * kjson(5). */
void dump_row(struct out *out, bool json, uint32_t task, struct span key, uint64_t count);

/* "KEY tab COUNT tab COUNT" or {"key":KEY,"count":N,"other":N}; NULL: there is none, "-" or null.
 */
void dump_pair(struct out *out, bool json, struct span key, const uint64_t *count,
               const uint64_t *other);

#endif
