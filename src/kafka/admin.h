/* kafka/admin: topics that are made, and how they are set. */
#ifndef KPIPE_KAFKA_ADMIN_H
#define KPIPE_KAFKA_ADMIN_H

#include "kafka/client.h"
#include "kafka/props.h"

enum { ADMIN_VALUE = 64 };

/* Makes the topic where it is missing, with the brokers' usual replication and these settings of
 * its own, and waits until all its leaders are at work: others may do the same at this moment, and
 * the first one's is the topic. At most a few CLIENT_START_MS. False: the fault is set. */
bool admin_ensure(struct client *client, const char *topic, int32_t partitions,
                  const struct props *settings);

/* What a topic's setting is; cut where it is longer. At most CLIENT_START_MS. False: the fault is
 * set. */
bool admin_setting(struct client *client, const char *topic, const char *name,
                   char value[ADMIN_VALUE]);

#endif
