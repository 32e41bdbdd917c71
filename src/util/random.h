/* util/random: bytes that nobody can guess. */
#ifndef KPIPE_UTIL_RANDOM_H
#define KPIPE_UTIL_RANDOM_H

#include "util/fault.h"

/* Fills `to`; size is at most 256. False: fault is set. */
bool random_fill(void *to, size_t size, struct fault *fault);

#endif
