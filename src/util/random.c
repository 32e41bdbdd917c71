#include "util/random.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

bool random_fill(void *to, size_t size, struct fault *fault)
{
    if (getrandom(to, size, 0) == (ssize_t)size)
        return true;
    fault_set(fault, STATUS_OS, "getrandom: has no random bytes: %s", strerror(errno));
    return false;
}
