/* kcat-in/placing: by which rule the keys of a topic were given their partitions. Pure.
 *
 * Java's clients and kout take murmur2 of the key, librdkafka's own default, and so kcat, CRC-32.
 * Where two topics are counted together and their writers disagree, a key is in two tasks and has
 * two counts. A topic's first records with a key are looked at. */
#ifndef KPIPE_KCAT_IN_PLACING_H
#define KPIPE_KCAT_IN_PLACING_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PLACING_LOOKS = 32, /* of a topic's records */
    PLACING_OTHERS = 8  /* so many elsewhere are no one writer's own choice */
};

enum placing_rule {
    PLACING_OPEN, /* not known yet, or no rule that holds for all */
    PLACING_JAVA, /* murmur2 */
    PLACING_OTHER /* another one, or there were fewer partitions then */
};

/* Zero at the start. */
struct placing {
    uint32_t looks, others;
};

/* A record with a key is in partition `is`, and would be in `java` by murmur2. False: enough was
 * seen before. */
bool placing_look(struct placing *placing, int32_t is, int32_t java);

enum placing_rule placing_rule(const struct placing *placing);

#endif
