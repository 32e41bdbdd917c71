/* kafka/props: the client library's properties as users give them: which are refused and why, and
 * which are secrets. Pure. The names are librdkafka's (its CONFIGURATION.md). */
#ifndef KPIPE_KAFKA_PROPS_H
#define KPIPE_KAFKA_PROPS_H

#include "util/fault.h"
#include "util/span.h"

/* Where something stands in a file, for messages. file NULL: on the command line, by -X. */
struct props_place {
    const char *file; /* the holder's */
    size_t line, column;
};

struct prop {
    char *name, *value; /* owned */
    struct props_place place;
    bool hidden; /* the value is never told: a secret, or what some file says */
};

/* In the order in which they are set: a later one stands over an earlier one. */
struct props {
    struct prop *list; /* owned, with the strings in it */
    size_t count;
};

/* Adds a copy. False: no memory, the fault is set. */
bool props_add(struct props *props, const struct prop *prop, struct fault *fault);

/* Wipes the values, and gives all back. */
void props_close(struct props *props);

/* The last one of this name; NULL: none. */
const struct prop *props_find(const struct props *props, const char *name);

enum { PROPS_NAME = 128 };

/* Whether it can be a name at all: up to PROPS_NAME letters, digits, '.', '_' and '-'. What cannot
 * is not repeated in a message: it may be a slip that has a secret in it. */
bool props_name(struct span name);

/* Whether its value is one that nobody else should see. */
bool props_secret(const char *name);

/* Whether its value is the path of a file, and whether that file is a secret. */
bool props_path(const char *name);
bool props_key(const char *name);

/* Why this property cannot be set to this value, and what to do instead: "what: remedy", static.
 * NULL: it can. Refused are the ones that could run code of others, and those that kpipe's promises
 * rest on; `group` refuses what only a group promises. */
const char *props_refused(const struct prop *prop, bool group);

/* Whether `prop`, one of props, takes away what TLS promises; the text says how. NULL: it does not.
 * Such a one is taken from the command line only, and told at each run. */
const char *props_weak(const struct props *props, const struct prop *prop);

/* Sets the fault: "-X NAME: WHAT" with 64, or "FILE:LINE:COLUMN: NAME: WHAT" with 78. Returns the
 * status that stands. */
int props_fault(struct fault *fault, struct props_place place, const char *name, const char *what);

#endif
