/* kafka/store: the topic that a store is kept in, GROUP-NAME-changelog: read, made and checked.
 *
 * Compacted: the last record of a key stands (kdelivery(7)). Who restores a store, who writes it
 * and who looks at it agree here. */
#ifndef KPIPE_KAFKA_STORE_H
#define KPIPE_KAFKA_STORE_H

#include "kafka/client.h"

/* A handle that reads a store fast: "read_committed" to read it, and to fetch a group's stable
 * offsets where `group` is not NULL; "read_uncommitted" to ask for its high watermarks. False: the
 * fault is set. */
bool store_client(struct client *client, const struct conf *conf, const char *isolation,
                  const char *group, struct fault *fault);

/* Makes the topic where it is missing. False: the fault is set. */
bool store_make(struct client *client, const char *topic, int32_t partitions);

/* Whether the topic, which has `has` partitions, has as many as the source's topics, and is
 * compacted. False: the fault is set: 78. */
bool store_check(struct client *client, const char *topic, int32_t has, int32_t partitions);

#endif
