/* kcat-in/wanted: which topics and partitions are to be read, as -t says it. Pure. */
#ifndef KPIPE_KCAT_IN_WANTED_H
#define KPIPE_KCAT_IN_WANTED_H

#include "kafka/range.h"
#include "util/fault.h"

struct wanted_topic; /* one -t */

struct wanted {
    struct wanted_topic *list; /* owned */
    const char **names;        /* owned: of each its topic's name, or its ^regex; borrowed words */
    size_t count;
};

/* One more -t: "TOPIC", "TOPIC:PARTITIONS", which is cut at the colon, or "^REGEX", an extended one
 * of POSIX as in the client library. The word must outlive it. False: the fault is set. */
bool wanted_add(struct wanted *wanted, char *word, struct fault *fault);

void wanted_close(struct wanted *wanted);

/* Whether this topic is meant. A pattern means none of Kafka's own topics, which begin with "__",
 * unless it begins with "^__". */
bool wanted_topic(const struct wanted *wanted, const char *topic);

bool wanted_partition(const struct wanted *wanted, const char *topic, int32_t partition);

/* The highest partition of the topic that is named; -1: none is. */
int32_t wanted_highest(const struct wanted *wanted, const char *topic);

/* Whether one of them is a pattern. */
bool wanted_patterns(const struct wanted *wanted);

/* Whether one of them names partitions. */
bool wanted_some(const struct wanted *wanted);

/* Whether topics that begin with "__" are meant: names or patterns of theirs are there. */
bool wanted_internal(const struct wanted *wanted);

#endif
