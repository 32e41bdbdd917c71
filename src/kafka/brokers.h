/* kafka/brokers: the list of brokers as it is written. Pure. */
#ifndef KPIPE_KAFKA_BROKERS_H
#define KPIPE_KAFKA_BROKERS_H

#include "util/span.h"

/* The first of "HOST:PORT,..." that is none, as a view into the list; size 0: all are. A broker is
 * a name, an address, or one of IPv6 in brackets; without a port it is Kafka's 9092; the client
 * library takes a protocol before it, as in SSL://HOST. */
struct span brokers_wrong(const char *list);

#endif
