/* kafka/conf: which brokers, and how to speak to them: -b, -F and -X, the environment, and the
 * configuration file, kpipe.conf(5), put together before anything is opened.
 *
 * A struct conf is zero at first, then filled from the command line, then read. */
#ifndef KPIPE_KAFKA_CONF_H
#define KPIPE_KAFKA_CONF_H

#include "kafka/props.h"

struct conf {
    const char *brokers; /* -b, borrowed; after conf_read() the brokers to use */
    const char *profile; /* -F, borrowed: a profile's name, or a file's, with '/' in it */
    struct props sets;   /* -X; after conf_read() in props */
    struct props props;  /* after conf_read(): the properties to set, the profile's first */
    char *file;          /* owned: the configuration file that was read; NULL: none */
    char *own_brokers;   /* owned: the profile's */
};

/* Takes the argument of -X, NAME=VALUE. False: the fault is set, 64. */
bool conf_set(struct conf *conf, const char *word, struct fault *fault);

/* Finds the brokers, reads the profile and the files that values name; `group`: for a consumer
 * group. Refuses what must not be set. False: the fault is set: 78, or 64 for what -X says. */
bool conf_read(struct conf *conf, bool group, struct fault *fault);

/* Whether brokers may be known without -b: KPIPE_BROKERS is set or a configuration file is there.
 */
bool conf_known(void);

/* Wipes the values, and gives all back. */
void conf_close(struct conf *conf);

#endif
