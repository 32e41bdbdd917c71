#include "kout/rate.h"

enum { NS_A_MS = 1000000, NS_A_SECOND = 1000000000 };

void rate_open(struct rate *rate, uint64_t records)
{
    *rate = (struct rate){.share = records == 0 ? 0 : (int64_t)(NS_A_SECOND / records)};
}

int rate_wait(const struct rate *rate, int64_t now)
{
    int64_t early = rate->due - now * NS_A_MS - (int64_t)RATE_SLICE * NS_A_MS;
    if (rate->share == 0 || early <= 0)
        return 0;
    return (int)((early + NS_A_MS - 1) / NS_A_MS);
}

void rate_take(struct rate *rate, int64_t now)
{
    if (rate->due < now * NS_A_MS)
        rate->due = now * NS_A_MS;
    rate->due += rate->share;
}
