/* kafka/settings: what a handle of the client library is set to: first what the kit has as
 * defaults, then what the user sets, and over it what the kit promises. */
#ifndef KPIPE_KAFKA_SETTINGS_H
#define KPIPE_KAFKA_SETTINGS_H

#include "kafka/client.h"

/* Puts all of it into `conf`. False: the fault is set: 64 or 78, the user's mistake. */
bool settings_put(rd_kafka_conf_t *conf, const struct client_options *options, struct fault *fault);

#endif
