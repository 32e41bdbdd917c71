/* kafka/profiles: the text of a configuration file, kpipe.conf(5), to profiles. The one file that
 * knows libyaml. Pure.
 *
 *     default: NAME
 *     profiles:
 *       NAME:
 *         brokers: HOST:PORT,...
 *         properties:
 *           PROPERTY: VALUE
 *
 * Strict: one document, no anchors, aliases, tags, directives or lists; an unknown key, a doubled
 * one, a value that is missing is refused with its place. Deeper than this it never goes. */
#ifndef KPIPE_KAFKA_PROFILES_H
#define KPIPE_KAFKA_PROFILES_H

#include "kafka/props.h"

struct profile {
    char *name;
    char *brokers; /* NULL: none named */
    struct props props;
};

struct profiles {
    const char *file; /* the caller's: the name of the file, for messages */
    struct profile *list;
    size_t count;
    char *standard; /* `default`; NULL: none */
    struct props_place standard_place;
    struct prop *plain; /* a secret that stands in the file itself, borrowed; NULL: none */
};

/* False: the fault is set, 78; *profiles is to be closed all the same. A secret's value is in no
 * message. */
bool profiles_parse(struct profiles *profiles, const char *file, struct span text,
                    struct fault *fault);

/* NULL: there is none of this name. */
const struct profile *profiles_find(const struct profiles *profiles, const char *name);

void profiles_close(struct profiles *profiles);

#endif
