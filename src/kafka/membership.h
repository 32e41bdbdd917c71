/* kafka/membership: what a consumer is in its group at this moment: by this the broker tells a
 * member from one that has been replaced (KIP-447). */
#ifndef KPIPE_KAFKA_MEMBERSHIP_H
#define KPIPE_KAFKA_MEMBERSHIP_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

struct membership {
    int32_t generation; /* or, with group.protocol=consumer, the member's epoch */
    const char *group, *member;
    const char *instance; /* the static member's name; NULL: none */
    void *bytes;          /* owned: the texts are in it */
};

/* One snapshot. The client library gives the generation only inside of its serialized metadata; the
 * member's id there must be the one that it gives when asked. False: it is no member now, or its
 * library's format is not known: nothing may be committed then, for a commit with generation -1 or
 * without a member is not fenced at all. Close it in both cases. */
bool membership_open(struct membership *membership, rd_kafka_t *handle);

void membership_close(struct membership *membership);

#endif
