/* util/clock: the time that only goes forward, for deadlines; and that of the day. */
#ifndef KPIPE_UTIL_CLOCK_H
#define KPIPE_UTIL_CLOCK_H

#include <stdint.h>

/* Milliseconds of the monotonic clock. Safe in a signal handler. */
int64_t clock_ms(void);

/* Milliseconds since 1970, as Kafka's timestamps are. */
int64_t clock_wall_ms(void);

#endif
