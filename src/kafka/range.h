/* kafka/range: words of the command line that choose partitions and offsets. Pure. */
#ifndef KPIPE_KAFKA_RANGE_H
#define KPIPE_KAFKA_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place in every partition. */
enum range_kind { RANGE_BEGINNING, RANGE_END, RANGE_OFFSET, RANGE_LAST, RANGE_TIME };

struct range {
    enum range_kind kind;
    int64_t value; /* RANGE_OFFSET: it; RANGE_LAST: how many before the end; RANGE_TIME: ms */
};

/* "beginning", "end", N, -N, or "@TIME" (util/when.h; `now` is the present time in ms). False: none
 * of them. */
bool range_parse(const char *word, int64_t now, struct range *range);

/* The offset it means in a partition whose log is [low, high); an offset that is not in it any more
 * is `low`, one that is not in it yet stays. RANGE_TIME: `found`, the first offset whose timestamp
 * is that or later, negative where there is none. */
int64_t range_resolve(const struct range *range, int64_t low, int64_t high, int64_t found);

/* Some partitions of a topic, as "0,2-5" says them. */
enum { RANGE_SPANS = 64 };

struct range_partitions {
    size_t count; /* 0: all */
    struct {
        int32_t first, last;
    } spans[RANGE_SPANS];
};

/* "TOPIC" or "TOPIC:PARTITIONS", which is cut at the colon. False: no topic, or no such list. */
bool range_topic(char *word, struct range_partitions *partitions);

bool range_has(const struct range_partitions *partitions, int32_t partition);

/* The highest partition that is named; -1: all are meant. */
int32_t range_highest(const struct range_partitions *partitions);

#endif
