/* kdev: a Kafka broker in memory, for trying things: the client library's mock cluster on a fixed
 * port of the loopback. Its page says what it cannot prove. */
#include "kafka/client.h"
#include "kdev/port.h"
#include "util/opt.h"
#include "util/parse.h"
#include "util/sig.h"
#include "util/start.h"

#include <errno.h>
#include <getopt.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PORT = 19092, PORT_MOST = 65535, PARTITIONS_MOST = 1000, TOPIC_MOST = 249 };

static const char *const usage[] = {"[-p PORT] [-t TOPIC:PARTITIONS] ...", NULL};

static const struct opt opts[] = {{'p', "port", "PORT", "on 127.0.0.1 (19092); 0: a free one"},
                                  {'t', "topic", "TOPIC:PARTITIONS", "make this topic; repeatable"},
                                  {0}};

static const struct opt_hint hints[] = {
    {"-b", "kdev is the broker; where: -p PORT"}, {"-n", "there is one broker only"}, {NULL, NULL}};

static const struct opt_tool tool = {"kdev", usage, opts, hints, client_libraries};

struct topic_wanted {
    char name[TOPIC_MOST + 1];
    int partitions;
};

struct kdev {
    struct fault *fault;
    uint16_t port;
    struct topic_wanted *topics; /* owned */
    size_t topic_count;
    rd_kafka_mock_cluster_t *cluster;
};

/* As a real broker has it: what works here works there. */
static bool legal(const char *name, size_t size)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return size > 0 && size <= TOPIC_MOST && strspn(name, letters) >= size &&
           !(size <= 2 && strncmp(name, "..", size) == 0);
}

static bool add_topic(struct kdev *kdev, const char *word)
{
    const char *colon = strrchr(word, ':');
    size_t size = colon == NULL ? 0 : (size_t)(colon - word);
    uint64_t partitions;
    if (!legal(word, size) || !parse_count(colon + 1, 1, &partitions) ||
        partitions > PARTITIONS_MOST) {
        opt_bad_argument(kdev->fault, "-t", word,
                         "want NAME:PARTITIONS, the name of letters, digits, '.', '_', '-'");
        return false;
    }
    struct topic_wanted *topics =
        reallocarray(kdev->topics, kdev->topic_count + 1, sizeof *kdev->topics);
    if (topics == NULL) {
        fault_memory(kdev->fault);
        return false;
    }
    kdev->topics = topics;
    struct topic_wanted *topic = &topics[kdev->topic_count++];
    snprintf(topic->name, sizeof topic->name, "%.*s", (int)size, word);
    topic->partitions = (int)partitions;
    return true;
}

static int options_read(struct kdev *kdev, int argc, char **argv)
{
    uint64_t port;
    int key;
    while ((key = opt_next(&tool, argc, argv, kdev->fault)) >= 0) {
        if (key == 't' && !add_topic(kdev, optarg))
            return OPT_WRONG;
        if (key == 'p') {
            if (!parse_count(optarg, 0, &port) || port > PORT_MOST) {
                opt_bad_argument(kdev->fault, "-p", optarg, "want a port, 0 to 65535");
                return OPT_WRONG;
            }
            kdev->port = (uint16_t)port;
        }
    }
    if (key == OPT_END && optind < argc) {
        fault_set(kdev->fault, STATUS_USAGE, "%s: takes no operands", argv[optind]);
        return OPT_WRONG;
    }
    return key;
}

/* On a thread of the library's. */
static void on_log(const rd_kafka_t *handle, int level, const char *facility, const char *line)
{
    const struct kdev *kdev = rd_kafka_opaque(handle);
    (void)level;
    (void)facility;
    fault_note(kdev->fault, "%s", line);
}

/* Up to 2.0 the mock cluster offers Metadata up to version 2 only, where every topic that is asked
 * for is made, although its code knows version 4, where the client says whether it wants that
 * (KIP-361): an unknown topic must be unknown here too. */
static void obey_clients(struct kdev *kdev)
{
    enum { METADATA = 3, TOPIC_CREATION_OPTIONAL = 4, KNOWS_MORE = 0x02010000 };
    if (rd_kafka_version() < KNOWS_MORE)
        rd_kafka_mock_set_apiversion(kdev->cluster, METADATA, 0, TOPIC_CREATION_OPTIONAL);
}

/* Its thread, unlike the library's others, would take signals, and serve() sleep on. */
static rd_kafka_mock_cluster_t *make_cluster(rd_kafka_t *handle)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(handle, 1);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return cluster;
}

static bool open_cluster(struct kdev *kdev)
{
    char why[512] = "is not there";
    rd_kafka_t *handle = NULL;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_opaque(conf, kdev);
    rd_kafka_conf_set_log_cb(conf, on_log);
    if (rd_kafka_conf_set(conf, "log_level", "3", why, sizeof why) == RD_KAFKA_CONF_OK)
        handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (handle == NULL)
        rd_kafka_conf_destroy(conf);
    else
        kdev->cluster = make_cluster(handle);
    if (kdev->cluster != NULL)
        obey_clients(kdev);
    else
        fault_set(kdev->fault, STATUS_OS, "the mock cluster: %s: raise the limits (ulimit -a)",
                  why);
    return kdev->cluster != NULL;
}

static bool make_topics(struct kdev *kdev)
{
    for (size_t i = 0; i < kdev->topic_count; i++) {
        const struct topic_wanted *topic = &kdev->topics[i];
        rd_kafka_resp_err_t err =
            rd_kafka_mock_topic_create(kdev->cluster, topic->name, topic->partitions, 1);
        if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            fault_set(kdev->fault, STATUS_USAGE, "-t %s: %s: name it once", topic->name,
                      rd_kafka_err2str(err));
            return false;
        }
    }
    return true;
}

static void serve(struct kdev *kdev)
{
    printf("ready: export KPIPE_BROKERS=127.0.0.1:%u\n", (unsigned)kdev->port);
    if (fflush(stdout) != 0) {
        fault_set(kdev->fault, STATUS_IO, "standard output: cannot write: %s", strerror(errno));
        return;
    }
    while (sig_caught() == 0)
        sig_poll(NULL, 0, -1);
    if (sig_caught() == SIGINT)
        fault_signal(kdev->fault, SIGINT);
}

int main(int argc, char **argv)
{
    struct fault fault;
    struct kdev kdev = {.fault = &fault, .port = PORT};
    start(&fault, tool.name);
    int got = options_read(&kdev, argc, argv);

    if (got == OPT_WRONG)
        opt_tell(&tool, &fault);
    else if (got == OPT_END && port_take(&kdev.port, &fault) && open_cluster(&kdev) &&
             make_topics(&kdev))
        serve(&kdev);

    free(kdev.topics);
    fault_tell(&fault);
    /* The cluster is not taken down: that waits for up to a second, and all of it is memory. Its
     * threads still run, so no exit handlers either. */
    _exit(finish(&fault));
}
