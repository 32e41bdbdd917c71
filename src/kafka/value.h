/* kafka/value: what a property's value leads to: the files that it names.
 *
 * "@FILE" is what the file says, without one newline at its end: a path has a '/' in it, and a name
 * without one is a credential of systemd's, in $CREDENTIALS_DIRECTORY. A path begins with /, or
 * with ~/, or else at the folder of the configuration file that says it; on the command line, here.
 */
#ifndef KPIPE_KAFKA_VALUE_H
#define KPIPE_KAFKA_VALUE_H

#include "kafka/props.h"

/* Puts into prop->value what the library is to get: what "@FILE" says, or the path of a file that
 * is there. A secret must be in a file that others cannot read (kafka/trusted). False: the fault is
 * set. */
bool value_resolve(struct prop *prop, struct fault *fault);

/* An environment variable that says something; NULL in a program that runs with other rights than
 * its user's. */
const char *value_variable(const char *name);

/* A new string, owned by the caller; NULL: no memory, the fault is set. */
char *value_join(struct fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
