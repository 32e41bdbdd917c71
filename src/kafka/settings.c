#include "kafka/settings.h"

#include <inttypes.h>
#include <stdio.h>

static const struct client_property always[] = {
    {"log.queue", "true", CLIENT_PROMISE},
    {"log.thread.name", "false", CLIENT_DEFAULT},
    {"log.connection.close", "true", CLIENT_DEFAULT}, /* so a TLS port answers plain words */
    {"socket.keepalive.enable", "true", CLIENT_DEFAULT},
    {"socket.nagle.disable", "true", CLIENT_DEFAULT},
    {"ssl.endpoint.identification.algorithm", "https", CLIENT_OPTIONAL},
    {"sasl.kerberos.min.time.before.relogin", "0", CLIENT_OPTIONAL}, /* else it runs kinit by sh */
    {"allow.auto.create.topics", "false",
     CLIENT_PROMISE},                                  /* producers have it on in this library */
    {"enable.metrics.push", "false", CLIENT_OPTIONAL}, /* KIP-714, from 2.5 on */
    {NULL, NULL, CLIENT_DEFAULT}};

/* Topics are read fast, in the order of their offsets, and nothing of it is committed behind our
 * back. fetch.max.bytes is what a broker may send at once, beyond which it still sends one whole
 * batch; queued.min.messages is half of the client's own, as fast and in less memory;
 * fetch.queue.backoff.ms is from 2.2 on, before it kafka/ahead does its work. A partition that a
 * fetch has left out, a new or a full one, waits for the end of that fetch: fetch.wait.max.ms is
 * what that costs where all others are quiet, and how often an idle tool asks. retry.backoff.ms is
 * how long offsets are not asked for again that a commit has only just let go: its marks are
 * written behind its answer. */
static const struct client_property reading[] = {
    {"enable.auto.commit", "false", CLIENT_PROMISE},
    {"enable.auto.offset.store", "false", CLIENT_PROMISE},
    {"auto.offset.reset", "error", CLIENT_PROMISE},
    {"enable.partition.eof", "true", CLIENT_PROMISE},
    {"check.crcs", "true", CLIENT_DEFAULT},
    {"fetch.wait.max.ms", "100", CLIENT_DEFAULT},
    {"fetch.max.bytes", "52428800", CLIENT_DEFAULT},
    {"queued.min.messages", "50000", CLIENT_DEFAULT},
    {"fetch.queue.backoff.ms", "10", CLIENT_OPTIONAL},
    {"retry.backoff.ms", "20", CLIENT_DEFAULT},
    {NULL, NULL, CLIENT_DEFAULT}};

/* Those of this rank and above. */
static bool set_all(rd_kafka_conf_t *conf, const struct client_property *properties,
                    enum client_rank least, struct fault *fault)
{
    char why[CLIENT_REASON];
    for (const struct client_property *property = properties; property->name != NULL; property++)
        if (property->rank >= least &&
            rd_kafka_conf_set(conf, property->name, property->value, why, sizeof why) !=
                RD_KAFKA_CONF_OK &&
            property->rank != CLIENT_OPTIONAL) {
            fault_set(fault, STATUS_CONFIG, "%s: %s: mend what is set", property->name, why);
            return false;
        }
    return true;
}

/* The library's words may have the value in them. */
static bool set_given(rd_kafka_conf_t *conf, const struct props *props, struct fault *fault)
{
    for (size_t i = 0; i < props->count; i++) {
        const struct prop *prop = &props->list[i];
        char why[CLIENT_REASON];
        rd_kafka_conf_res_t got = rd_kafka_conf_set(conf, prop->name, prop->value, why, sizeof why);
        if (got == RD_KAFKA_CONF_OK)
            continue;
        if (got == RD_KAFKA_CONF_UNKNOWN)
            snprintf(why, sizeof why, "no property of librdkafka %s: see its CONFIGURATION.md",
                     rd_kafka_version_str());
        else if (prop->hidden)
            snprintf(why, sizeof why, "librdkafka does not take this value: mend it");
        props_fault(fault, prop->place, prop->name, why);
        return false;
    }
    return true;
}

bool settings_put(rd_kafka_conf_t *conf, const struct client_options *options, struct fault *fault)
{
    enum { SETS = 4 };
    static const struct client_property none = {NULL, NULL, CLIENT_DEFAULT};
    uint64_t receive = (UINT64_C(64) << 20) + options->record_cap;
    char id[FAULT_TOOL + 8], receive_max[24];
    snprintf(id, sizeof id, "kpipe-%s", fault->tool);
    snprintf(receive_max, sizeof receive_max, "%" PRIu64,
             receive > INT32_MAX ? INT32_MAX : receive);
    const struct client_property own[] = {
        {"bootstrap.servers", options->conf->brokers, CLIENT_PROMISE},
        {"client.id", id, CLIENT_DEFAULT},
        {options->record_cap == 0 ? NULL : "receive.message.max.bytes", receive_max,
         CLIENT_DEFAULT},
        {NULL, NULL, CLIENT_DEFAULT}};
    const struct client_property *const sets[SETS] = {own, always, options->reads ? reading : &none,
                                                      options->properties};
    for (int i = 0; i < SETS; i++)
        if (!set_all(conf, sets[i], CLIENT_DEFAULT, fault))
            return false;
    if (!set_given(conf, &options->conf->props, fault))
        return false;
    for (int i = 0; i < SETS; i++)
        if (!set_all(conf, sets[i], CLIENT_PROMISE, fault))
            return false;
    return true;
}
