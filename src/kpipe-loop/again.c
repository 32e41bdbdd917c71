#include "kpipe-loop/again.h"

#include "util/fault.h"

#include <signal.h>

void again_open(struct again *again, int64_t most_wait_ms, uint64_t tries)
{
    *again = (struct again){.most_wait_ms = most_wait_ms, .tries = tries};
}

static bool passes(int status)
{
    switch (status) {
    case STATUS_UNAVAILABLE:
    case STATUS_RETRY:
    case 128 + SIGABRT:
    case 128 + SIGKILL:
    case 128 + SIGSEGV:
        return true;
    default:
        return false;
    }
}

static int64_t next_wait(const struct again *again, int64_t lasted_ms)
{
    int64_t wait = again->wait_ms == 0 || lasted_ms >= again->most_wait_ms ? AGAIN_WAIT_MS
                                                                           : 2 * again->wait_ms;
    return wait < again->most_wait_ms ? wait : again->most_wait_ms;
}

enum again_verdict again_after(struct again *again, int status, bool acked, int64_t lasted_ms)
{
    if (!passes(status))
        return AGAIN_END;
    if (acked)
        again->fruitless = 0;
    else if (status != STATUS_UNAVAILABLE)
        again->fruitless++;
    again->wait_ms = next_wait(again, lasted_ms);
    return again->fruitless < again->tries ? AGAIN_RUN : AGAIN_FRUITLESS;
}
