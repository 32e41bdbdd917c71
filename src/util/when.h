/* util/when: a point in time as people type it. Pure but for the time zone. */
#ifndef KPIPE_UTIL_WHEN_H
#define KPIPE_UTIL_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* Into milliseconds since 1970 in UTC, as Kafka's timestamps; not before 1970. `now` is the present
 * time in these. The words:
 *
 *     now  -1h              that duration (parse_duration()) ago
 *     1700000000            seconds since 1970; from 100000000000 on, milliseconds
 *     2026-11-22            that day's beginning
 *     2026-11-22T10:30:00   RFC 3339, with a fraction or without; a space for the T; without
 * seconds
 *
 * A zone, Z or +01:00, may stand behind the last; where there is none it is the local one (TZ).
 * False: none of them, or no such day or hour. */
bool when_parse(const char *word, int64_t now, int64_t *ms);

#endif
