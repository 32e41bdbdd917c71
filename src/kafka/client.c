#include "kafka/client.h"

#include "kafka/errors.h"
#include "util/sig.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

int64_t client_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* "HOST:PORT/bootstrap: Connect to ... failed: Connection refused (after 0ms in state CONNECT)":
 * the part that is for people. */
static void keep_reason(struct client *client, rd_kafka_resp_err_t err, const char *reason)
{
    static const char bootstrap[] = "/bootstrap: ";
    const char *start = strstr(reason, bootstrap), *end = strstr(reason, " (after ");
    start = start == NULL ? reason : start + sizeof bootstrap - 1;
    size_t size = end == NULL || end < start ? strlen(start) : (size_t)(end - start);
    snprintf(client->reason, sizeof client->reason, "%.*s", (int)size, start);
    client->error = err;
}

/* "TOPIC [PARTITION]: reason", from the metadata: a topic that is deleted shows in no other way. */
static void topic_error(struct client *client, rd_kafka_resp_err_t err, const char *reason)
{
    char object[CLIENT_REASON];
    snprintf(object, sizeof object, "topic %.*s", (int)strcspn(reason, ":"), reason);
    errors_set(client->fault, object, err, NULL);
}

static void brokers_error(struct client *client, rd_kafka_resp_err_t err, const char *reason)
{
    char object[CLIENT_REASON];
    snprintf(object, sizeof object, "brokers %.400s", client->brokers);
    errors_set(client->fault, object, err, reason);
}

static void on_error(rd_kafka_t *handle, int code, const char *reason, void *opaque)
{
    struct client *client = opaque;
    rd_kafka_resp_err_t err = (rd_kafka_resp_err_t)code;
    char why[CLIENT_REASON];
    if (err == RD_KAFKA_RESP_ERR__FATAL)
        brokers_error(client, rd_kafka_fatal_error(handle, why, sizeof why), why);
    else if (errors_status(err) == STATUS_NOINPUT ||
             err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        topic_error(client, err, reason);
    else if (errors_status(err) == STATUS_AUTH)
        brokers_error(client, err, reason);
    else if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        client->down = true; /* each one's reason comes by itself */
    else if (client->reached)
        fault_note(client->fault, "kafka: %s", reason);
    else
        keep_reason(client, err, reason);
}

/* What on_error() gets is logged as FAIL besides. */
static void on_log(const rd_kafka_t *handle, int level, const char *facility, const char *line)
{
    const struct client *client = rd_kafka_opaque(handle);
    (void)level;
    if (strcmp(facility, "FAIL") != 0)
        fault_note(client->fault, "kafka: %s", line);
}

static const struct client_property always[] = {
    {"log.queue", "true", false},
    {"log.thread.name", "false", false},
    {"log.connection.close", "false", false}, /* idle connections are closed by brokers: no news */
    {"socket.keepalive.enable", "true", false},
    {"socket.nagle.disable", "true", false},
    {"allow.auto.create.topics", "false", false}, /* producers have it on in this library */
    {"enable.metrics.push", "false", true},       /* KIP-714, from 2.5 on */
    {NULL, NULL, false}};

static bool set(rd_kafka_conf_t *conf, const struct client_property *property, struct fault *fault)
{
    char why[CLIENT_REASON];
    rd_kafka_conf_res_t got =
        rd_kafka_conf_set(conf, property->name, property->value, why, sizeof why);
    if (got == RD_KAFKA_CONF_OK || (got == RD_KAFKA_CONF_UNKNOWN && property->optional))
        return true;
    fault_set(fault, STATUS_CONFIG, "%s: %s: mend what is set", property->name, why);
    return false;
}

static bool set_all(rd_kafka_conf_t *conf, const struct client_property *properties,
                    struct fault *fault)
{
    for (; properties != NULL && properties->name != NULL; properties++)
        if (!set(conf, properties, fault))
            return false;
    return true;
}

static bool configure(struct client *client, rd_kafka_conf_t *conf,
                      const struct client_options *options)
{
    char id[FAULT_TOOL + 8];
    snprintf(id, sizeof id, "kpipe-%s", client->fault->tool);
    const struct client_property own[] = {{"bootstrap.servers", client->brokers, false},
                                          {"client.id", id, false},
                                          {NULL, NULL, false}};
    rd_kafka_conf_set_opaque(conf, client);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    if (options->delivered != NULL)
        rd_kafka_conf_set_dr_msg_cb(conf, options->delivered);
    return set_all(conf, own, client->fault) && set_all(conf, always, client->fault) &&
           set_all(conf, options->properties, client->fault);
}

/* -b, else the environment; NULL: fault is set. */
static const char *choose_brokers(const char *brokers, struct fault *fault)
{
    if (brokers == NULL)
        brokers = getenv("KPIPE_BROKERS");
    if (brokers != NULL && brokers[0] != '\0')
        return brokers;
    fault_set(fault, STATUS_CONFIG,
              "no brokers: -b HOST:PORT or KPIPE_BROKERS; to try: "
              "kdev & export KPIPE_BROKERS=127.0.0.1:19092");
    return NULL;
}

static bool make_handle(struct client *client, const struct client_options *options)
{
    char why[CLIENT_REASON];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (!configure(client, conf, options)) {
        rd_kafka_conf_destroy(conf);
        return false;
    }
    client->handle = rd_kafka_new(options->type, conf, why, sizeof why);
    if (client->handle == NULL) {
        rd_kafka_conf_destroy(conf);
        errors_set(client->fault, "the Kafka client", rd_kafka_last_error(), why);
    }
    return client->handle != NULL;
}

bool client_open(struct client *client, const struct client_options *options, struct fault *fault)
{
    *client = (struct client){.fault = fault, .owner = options->owner, .wake = -1};
    client->brokers = choose_brokers(options->brokers, fault);
    if (client->brokers == NULL || !make_handle(client, options))
        return false;
    client->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (client->wake < 0) {
        fault_set(fault, STATUS_OS, "eventfd: cannot be made: raise the limit (ulimit -n)");
        client_close(client);
        return false;
    }
    rd_kafka_set_log_queue(client->handle, NULL);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(client->handle);
    client_watch(client, queue);
    rd_kafka_queue_destroy(queue);
    return true;
}

void client_serve(struct client *client, int wait_ms)
{
    rd_kafka_poll(client->handle, wait_ms);
}

void client_watch(struct client *client, rd_kafka_queue_t *queue)
{
    static const uint64_t one = 1;
    rd_kafka_queue_io_event_enable(queue, client->wake, &one, sizeof one);
}

void client_woken(struct client *client)
{
    uint64_t times;
    ssize_t got = read(client->wake, &times, sizeof times);
    (void)got; /* nothing there is fine */
}

static void unreachable(struct client *client)
{
    if (client->error == RD_KAFKA_RESP_ERR_NO_ERROR)
        keep_reason(client, RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer");
    int status = errors_status(client->error);
    fault_set(client->fault, status,
              "brokers %.300s: cannot be reached: %s: check -b or KPIPE_BROKERS; to try: "
              "kdev & export KPIPE_BROKERS=127.0.0.1:19092",
              client->brokers, client->reason);
}

/* In slices, so that a signal is seen; longer ones where a broker is slow and not just away. */
const struct rd_kafka_metadata *client_metadata(struct client *client, rd_kafka_topic_t *topic)
{
    int64_t start = client_clock(), waited = 0;
    int slice = 250;
    while (client->fault->status == 0 && waited < CLIENT_START_MS &&
           !(client->down && waited > CLIENT_DOWN_MS)) {
        const struct rd_kafka_metadata *metadata;
        int rest = CLIENT_START_MS - (int)waited;
        rd_kafka_resp_err_t err =
            rd_kafka_metadata(client->handle, 0, topic, &metadata, slice < rest ? slice : rest);
        if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            client->reached = true;
            return metadata;
        }
        if (sig_caught() != 0)
            fault_signal(client->fault, sig_caught());
        else if (!errors_passing(err))
            errors_set(client->fault, "metadata", err, NULL);
        if (err == RD_KAFKA_RESP_ERR__TIMED_OUT)
            slice *= 2;
        client_serve(client, 20);
        waited = client_clock() - start;
    }
    unreachable(client);
    return NULL;
}

static void *destroy(void *handle)
{
    rd_kafka_destroy(handle);
    return NULL;
}

/* Registered last, so run first: handlers of libraries whose threads still run are not safe. */
static void leave(int status, void *unused)
{
    (void)unused;
    fflush(NULL);
    _exit(status);
}

/* False: it is still under way. */
static bool destroy_bounded(rd_kafka_t *handle)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, destroy, handle) != 0) {
        rd_kafka_destroy(handle);
        return true;
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += CLIENT_CLOSE_MS / 1000;
    return pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &until) == 0;
}

void client_close(struct client *client)
{
    bool closed = client->handle == NULL || destroy_bounded(client->handle);
    if (!closed)
        on_exit(leave, NULL); /* its threads may still write to client->wake */
    else if (client->wake >= 0)
        close(client->wake);
    client->handle = NULL;
    client->wake = -1;
}

const char *client_libraries(void)
{
    static char text[CLIENT_REASON];
    char features[CLIENT_REASON / 2];
    size_t size = sizeof features;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (rd_kafka_conf_get(conf, "builtin.features", features, &size) != RD_KAFKA_CONF_OK)
        features[0] = '\0';
    rd_kafka_conf_destroy(conf);
    snprintf(text, sizeof text, "librdkafka %s (%s)", rd_kafka_version_str(), features);
    return text;
}
