/* util/clock: the time that only goes forward, for deadlines. */
#ifndef KPIPE_UTIL_CLOCK_H
#define KPIPE_UTIL_CLOCK_H

#include <stdint.h>

/* Milliseconds of the monotonic clock. Safe in a signal handler. */
int64_t clock_ms(void);

#endif
