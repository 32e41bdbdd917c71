#include "kafka/client.h"

#include "kafka/errors.h"
#include "kafka/settings.h"
#include "util/clock.h"
#include "util/sig.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* A connection that was closed: an idle one, too. In a TLS handshake it is cut off. */
static const char disconnected[] = ": Disconnected", cut_off[] = "unexpected eof while reading";

static const char strange[] = "it does not answer as a Kafka broker: is "
                              "security.protocol what it wants?";

static bool hung_up(const char *reason)
{
    return strstr(reason, disconnected) != NULL || strstr(reason, cut_off) != NULL ||
           strstr(reason, ": Broken pipe") != NULL || strstr(reason, "reset by peer") != NULL;
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
    if (hung_up(reason))
        snprintf(client->reason, sizeof client->reason,
                 "it hung up at once: is security.protocol what it wants?");
    client->error = err;
}

static void brokers_error(struct client *client, rd_kafka_resp_err_t err, const char *reason)
{
    char object[CLIENT_REASON];
    snprintf(object, sizeof object, "brokers %.400s", client->brokers);
    errors_set(client->fault, object, err, reason);
}

/* Whether a login by SCRAM can be refused though user and password are right: until 2.6.1 the
 * library sent a nonce that Kafka 3 let pass and Kafka 4 does not (librdkafka #4895). */
static bool scram_is_broken(rd_kafka_t *handle)
{
    char mechanism[64];
    size_t size = sizeof mechanism;
    return rd_kafka_version() < 0x020601ff &&
           rd_kafka_conf_get(rd_kafka_conf(handle), "sasl.mechanisms", mechanism, &size) ==
               RD_KAFKA_CONF_OK &&
           strncmp(mechanism, "SCRAM", 5) == 0;
}

static void refused_login(struct client *client, rd_kafka_t *handle, const char *reason)
{
    keep_reason(client, RD_KAFKA_RESP_ERR__AUTHENTICATION, reason);
    if (scram_is_broken(handle))
        fault_set(client->fault, STATUS_AUTH,
                  "brokers %.300s: %s: check user and password; SCRAM on Kafka 4 needs librdkafka "
                  "2.6.1, and this is %s: take a newer one, or PLAIN",
                  client->brokers, client->reason, rd_kafka_version_str());
    else
        brokers_error(client, client->error, client->reason);
}

/* What is wrong for good and what may pass: the library calls one refused certificate now SSL, now
 * TRANSPORT, and SSL also a handshake that was cut off, as a broker does that is restarted; what no
 * broker says is a bad message to it. */
static rd_kafka_resp_err_t sort_out(rd_kafka_resp_err_t err, const char *reason)
{
    if (strstr(reason, "certificate verify failed") != NULL)
        return RD_KAFKA_RESP_ERR__SSL;
    if (err == RD_KAFKA_RESP_ERR__SSL && strstr(reason, cut_off) != NULL)
        return RD_KAFKA_RESP_ERR__TRANSPORT;
    if (err == RD_KAFKA_RESP_ERR__BAD_MSG)
        return RD_KAFKA_RESP_ERR__TRANSPORT;
    return err;
}

/* "TOPIC [PARTITION]: reason", from the metadata: a topic that is deleted shows in no other way. */
static void topic_error(struct client *client, rd_kafka_resp_err_t err, const char *reason)
{
    char object[CLIENT_REASON];
    snprintf(object, sizeof object, "topic %.*s", (int)strcspn(reason, ":"), reason);
    errors_set(client->fault, object, err, NULL);
}

static void on_error(rd_kafka_t *handle, int code, const char *reason, void *opaque)
{
    struct client *client = opaque;
    rd_kafka_resp_err_t err = (rd_kafka_resp_err_t)code;
    char why[CLIENT_REASON];
    if (err == RD_KAFKA_RESP_ERR__FATAL)
        brokers_error(client, rd_kafka_fatal_error(handle, why, sizeof why), why);
    else if (err == RD_KAFKA_RESP_ERR__AUTHENTICATION)
        refused_login(client, handle, reason);
    else if (errors_status(err) == STATUS_NOINPUT ||
             err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        topic_error(client, err, reason);
    else if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        client->down = true; /* each one's reason comes by itself */
    else if (errors_status(err) == STATUS_AUTH)
        brokers_error(client, err, reason);
    else if (!client->reached)
        keep_reason(client, sort_out(err, reason),
                    err == RD_KAFKA_RESP_ERR__BAD_MSG ? strange : reason);
    else if (strstr(reason, disconnected) == NULL) /* brokers close what idles: no news */
        fault_note(client->fault, "kafka: %s", reason);
}

/* "Configuration property NAME is a producer property and will be ignored by this consumer
 * instance": a profile is for both ends. */
static bool of_other_end(const char *line)
{
    return strstr(line, " will be ignored by this ") != NULL;
}

/* A producer's id could not be had yet: "...: retrying". What lasts ends the wait for it. */
static bool passes(const char *facility, const char *line)
{
    return strcmp(facility, "GETPID") == 0 && strstr(line, "retrying") != NULL;
}

static bool hushed(const struct client *client, const char *facility)
{
    return client->hushed != NULL && strcmp(facility, client->hushed) == 0;
}

/* What on_error() gets is logged as FAIL besides; that a broker hung up newer libraries log only.
 */
static void on_log(const rd_kafka_t *handle, int level, const char *facility, const char *line)
{
    struct client *client = rd_kafka_opaque(handle);
    if (strcmp(facility, "FAIL") != 0) {
        if (!of_other_end(line) && !passes(facility, line) && !hushed(client, facility))
            fault_note(client->fault, "kafka: %s", line);
    } else if (!client->reached && level < LOG_DEBUG && hung_up(line)) {
        keep_reason(client, RD_KAFKA_RESP_ERR__TRANSPORT, line);
    }
}

static bool configure(struct client *client, rd_kafka_conf_t *conf,
                      const struct client_options *options)
{
    rd_kafka_conf_set_opaque(conf, client);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    if (options->delivered != NULL)
        rd_kafka_conf_set_dr_msg_cb(conf, options->delivered);
    if (options->rebalanced != NULL)
        rd_kafka_conf_set_rebalance_cb(conf, options->rebalanced);
    if (!settings_put(conf, options, client->fault))
        return false;
    if (options->configure != NULL)
        options->configure(conf, options->owner);
    return true;
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
    client->brokers = options->conf->brokers;
    if (!make_handle(client, options))
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
    if (options->reads)
        ahead_open(&client->ahead, client->handle);
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
    if (errors_status(client->error) != STATUS_UNAVAILABLE) {
        brokers_error(client, client->error, client->reason);
        return;
    }
    fault_set(client->fault, STATUS_UNAVAILABLE,
              "brokers %.300s: cannot be reached: %s: check -b, KPIPE_BROKERS or the profile; to "
              "try: kdev & export KPIPE_BROKERS=127.0.0.1:19092",
              client->brokers, client->reason);
}

/* In slices, so that a signal is seen; longer ones where a broker is slow and not just away. */
const struct rd_kafka_metadata *client_metadata(struct client *client, rd_kafka_topic_t *topic)
{
    int64_t start = clock_ms(), waited = 0;
    int slice = 250;
    while (client->fault->status == 0 && waited < CLIENT_START_MS &&
           !(client->down && waited > CLIENT_DOWN_MS)) {
        const struct rd_kafka_metadata *metadata;
        int rest = CLIENT_START_MS - (int)waited;
        rd_kafka_resp_err_t err = rd_kafka_metadata(client->handle, topic == NULL, topic, &metadata,
                                                    slice < rest ? slice : rest);
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
        waited = clock_ms() - start;
    }
    unreachable(client);
    return NULL;
}

/* Asynchronously, so that it can be given up: the group then learns it from the session's end. */
void client_leave(struct client *client)
{
    int64_t end = clock_ms() + CLIENT_CLOSE_MS;
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(client->handle);
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(client->handle, queue);
    if (error != NULL)
        rd_kafka_error_destroy(error);
    while (!rd_kafka_consumer_closed(client->handle) && clock_ms() < end) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(client->handle, 20);
        if (message != NULL)
            rd_kafka_message_destroy(message);
    }
    rd_kafka_queue_destroy(queue);
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

/* A member under cooperative-sticky that leaves before it was given partitions ends the process by
 * an assertion in rd_kafka_destroy() (librdkafka #4312, until 2.3.0). It has left the group by
 * then. */
static bool destroy_aborts(rd_kafka_t *handle)
{
    char strategy[CLIENT_REASON];
    size_t size = sizeof strategy;
    return rd_kafka_version() < 0x02030000 && rd_kafka_type(handle) == RD_KAFKA_CONSUMER &&
           rd_kafka_conf_get(rd_kafka_conf(handle), "partition.assignment.strategy", strategy,
                             &size) == RD_KAFKA_CONF_OK &&
           strstr(strategy, "cooperative-sticky") != NULL;
}

static bool close_handle(rd_kafka_t *handle)
{
    return handle == NULL || (!destroy_aborts(handle) && destroy_bounded(handle));
}

void client_close(struct client *client)
{
    if (!close_handle(client->handle))
        on_exit(leave, NULL); /* its threads may still write to client->wake */
    else if (client->wake >= 0)
        close(client->wake);
    ahead_close(&client->ahead);
    client->handle = NULL;
    client->wake = -1;
}

/* Whether it is linked is the Makefile's choice, or that of whoever preloads it. */
static void add_allocator(char *text, size_t room)
{
    int (*version)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "mi_version");
    size_t used = strlen(text);
    if (version != NULL)
        snprintf(text + used, room - used, "; mimalloc %d.%d.%d", version() / 100,
                 version() / 10 % 10, version() % 10);
    else
        snprintf(text + used, room - used, "; the C library's malloc");
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
    add_allocator(text, sizeof text);
    return text;
}
