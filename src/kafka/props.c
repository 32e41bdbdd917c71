#include "kafka/props.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char code[] = "could run code of others: leave it out";
static const char kinit[] = "kpipe runs no kinit: run it, or k5start, beside the pipeline";
static const char oauth[] = "there is no login by a web service: PLAIN, SCRAM or a TLS key";
static const char program[] = "is for programs: leave it out";
static const char brokers[] = "is said otherwise: -b, KPIPE_BROKERS or a profile's brokers";
static const char offsets[] = "offsets are committed when the far end has the data: leave it out";
static const char start[] = "is said at each run: -o FROM, --on-reset";
static const char once[] =
    "records are written in order, once, to all replicas in sync: leave it out";
static const char mechanisms[] = "no such way here: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or GSSAPI";

/* A row with `allowed` refuses every other word of the value. */
static const struct rule {
    const char *pattern, *why;
    const char *allowed; /* words between spaces */
    bool group;          /* with -g only */
} rules[] = {
    {"plugin.*", code, NULL, false},
    {"ssl.engine*", code, NULL, false},
    {"ssl.providers", code, NULL, false},
    {"sasl.kerberos.kinit.cmd", kinit, NULL, false}, /* a shell's line */
    {"sasl.kerberos.keytab", kinit, NULL, false},    /* goes into it */
    {"sasl.kerberos.min.time.before.relogin", kinit, NULL, false},
    {"sasl.oauthbearer.*", oauth, NULL, false},
    {"enable.sasl.oauthbearer.*", oauth, NULL, false},
    {"https.*", oauth, NULL, false},
    {"sasl.mechanism", mechanisms, " PLAIN SCRAM-SHA-256 SCRAM-SHA-512 GSSAPI ", false},
    {"sasl.mechanisms", mechanisms, " PLAIN SCRAM-SHA-256 SCRAM-SHA-512 GSSAPI ", false},

    {"*_cb", program, NULL, false},
    {"opaque", program, NULL, false},
    {"interceptors", program, NULL, false},
    {"default_topic_conf", program, NULL, false},
    {"enabled_events", program, NULL, false},
    {"log.queue", program, NULL, false},
    {"internal.*", program, NULL, false},

    {"bootstrap.servers", brokers, NULL, false},
    {"metadata.broker.list", brokers, NULL, false},
    {"group.id", "the group is -g GROUP: leave it out", NULL, false},
    {"group.protocol", "classic or consumer", " classic consumer ", false},
    {"partition.assignment.strategy", "range, roundrobin or cooperative-sticky",
     " range roundrobin cooperative-sticky ", false},
    {"enable.auto.*", offsets, NULL, false},
    {"auto.commit.*", offsets, NULL, false},
    {"offset.store.*", offsets, NULL, false},
    {"auto.offset.reset", start, NULL, false},
    {"isolation.level", "a group reads what is committed: leave it out, or leave -g out",
     " read_committed ", true},
    {"enable.partition.eof", "is how -e finds the end: leave it out", NULL, false},
    {"transactional.id", "is chosen by kout itself: leave it out", NULL, false},
    {"enable.idempotence", once, NULL, false},
    {"acks", once, NULL, false},
    {"request.required.acks", once, NULL, false},
    {"delivery.report.only.error", once, NULL, false},
    {"partitioner*", "partitions are chosen as Kafka's Java client does: leave it out", NULL,
     false},
    {"allow.auto.create.topics", "a topic is made on purpose, not by a slip: leave it out", NULL,
     false},
};

/* Space before a word, and its case, mean nothing to the library. */
static const char *skip(const char *value)
{
    return value + strspn(value, " \t\n\v\f\r");
}

static bool is(const char *value, const char *word)
{
    return strcasecmp(skip(value), word) == 0;
}

/* Every word of a list like "range,roundrobin" is among the allowed ones. */
static bool allowed(const char *value, const char *words)
{
    for (;; value++) {
        char word[64];
        value = skip(value);
        size_t size = strcspn(value, ",");
        int n = snprintf(word, sizeof word, " %.*s ", (int)size, value);
        if (size != strcspn(value, ", ") || size == 0 || n >= (int)sizeof word ||
            strcasestr(words, word) == NULL)
            return false;
        value += size;
        if (*value == '\0')
            return true;
    }
}

/* "topic.NAME" is NAME to the library. */
static bool matches(const char *pattern, const char *name)
{
    return fnmatch(pattern, name, 0) == 0 ||
           (strncmp(name, "topic.", 6) == 0 && fnmatch(pattern, name + 6, 0) == 0);
}

const char *props_refused(const struct prop *prop, bool group)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct rule *rule = &rules[i];
        if (matches(rule->pattern, prop->name) && (group || !rule->group) &&
            (rule->allowed == NULL || !allowed(prop->value, rule->allowed)))
            return rule->why;
    }
    return NULL;
}

/* PLAIN sends the password as it is. The later of the mechanism's two names counts. */
static bool sends_password(const struct props *props)
{
    const struct prop *one = props_find(props, "sasl.mechanism");
    const struct prop *other = props_find(props, "sasl.mechanisms");
    const struct prop *last = one == NULL || (other != NULL && other > one) ? other : one;
    return last != NULL && is(last->value, "PLAIN");
}

const char *props_weak(const struct props *props, const struct prop *prop)
{
    const char *name = prop->name, *value = prop->value;
    if (props_find(props, name) != prop)
        return NULL;
    if (strcmp(name, "enable.ssl.certificate.verification") == 0 && !is(value, "true"))
        return "whoever answers is taken for the broker";
    if (strcmp(name, "ssl.endpoint.identification.algorithm") == 0 && !is(value, "https"))
        return "any host that the authority knows is taken for the broker";
    if (strcmp(name, "security.protocol") == 0 && is(value, "sasl_plaintext") &&
        sends_password(props))
        return "the password goes over the wire for all to read";
    return NULL;
}

bool props_secret(const char *name)
{
    static const char *const secrets[] = {"*password*", "*passphrase*", "*secret*", "*.pem"};
    static const char *const public[] = {"ssl.ca.pem", "ssl.certificate.pem"};
    for (size_t i = 0; i < sizeof public / sizeof public[0]; i++)
        if (strcmp(name, public[i]) == 0)
            return false;
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        if (fnmatch(secrets[i], name, FNM_CASEFOLD) == 0)
            return true;
    return false;
}

bool props_path(const char *name)
{
    return fnmatch("ssl.*.location", name, 0) == 0;
}

bool props_key(const char *name)
{
    return strcmp(name, "ssl.key.location") == 0 || strcmp(name, "ssl.keystore.location") == 0;
}

bool props_name(struct span name)
{
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    for (size_t i = 0; i < name.size; i++)
        if (memchr(bytes, name.at[i], sizeof bytes - 1) == NULL)
            return false;
    return name.size > 0 && name.size <= PROPS_NAME;
}

bool props_add(struct props *props, const struct prop *prop, struct fault *fault)
{
    struct prop *list = reallocarray(props->list, props->count + 1, sizeof *list);
    if (list != NULL)
        props->list = list;
    struct prop copy = *prop;
    copy.name = strdup(prop->name);
    copy.value = strdup(prop->value);
    if (list == NULL || copy.name == NULL || copy.value == NULL) {
        free(copy.name);
        free(copy.value);
        fault_memory(fault);
        return false;
    }
    props->list[props->count++] = copy;
    return true;
}

void props_close(struct props *props)
{
    for (size_t i = 0; i < props->count; i++) {
        explicit_bzero(props->list[i].value, strlen(props->list[i].value));
        free(props->list[i].value);
        free(props->list[i].name);
    }
    free(props->list);
    *props = (struct props){0};
}

const struct prop *props_find(const struct props *props, const char *name)
{
    for (size_t i = props->count; i-- > 0;)
        if (strcmp(props->list[i].name, name) == 0)
            return &props->list[i];
    return NULL;
}

int props_fault(struct fault *fault, struct props_place place, const char *name, const char *what)
{
    if (place.file == NULL)
        return fault_set(fault, STATUS_USAGE, "-X %.128s: %s", name, what);
    return fault_set(fault, STATUS_CONFIG, "%s:%zu:%zu: %.128s: %s", place.file, place.line,
                     place.column, name, what);
}
