/* kafka/client: one handle of the client library, as both ends use it.
 *
 * Its callbacks run on the caller's thread, inside of client_serve() and of those of the library's
 * calls that serve a queue. The library's log lines and errors go to stderr by fault_note(),
 * escaped, once a broker has been reached; before that they become the one line of the fault. A
 * refused login, a topic that has gone and the idempotent producer's fatal errors set the fault at
 * any time. A descriptor says when there is something to serve, so that an idle tool sleeps.
 * Written for librdkafka 2.0.2; what newer ones bring is set where it is known. */
#ifndef KPIPE_KAFKA_CLIENT_H
#define KPIPE_KAFKA_CLIENT_H

#include "kafka/ahead.h"
#include "kafka/conf.h"

#include <librdkafka/rdkafka.h>

enum {
    CLIENT_START_MS = 5000, /* a broker must have answered by then */
    CLIENT_DOWN_MS = 2000,  /* and where all of them refuse, by then: one may be starting up */
    CLIENT_CLOSE_MS = 2000, /* closing waits so long, then the process's end does it */
    CLIENT_REASON = 512
};

enum client_rank {
    CLIENT_DEFAULT,  /* the user's stand over it */
    CLIENT_OPTIONAL, /* the same, and a library that does not know it does without */
    CLIENT_PROMISE   /* stands over the user's */
};

struct client_property {
    const char *name, *value;
    enum client_rank rank;
};

struct client_options {
    const struct conf *conf; /* read: the brokers, and what the user sets */
    rd_kafka_type_t type;
    bool reads;          /* topics: a consumer that is set as all such are ... */
    uint64_t record_cap; /* ... for records of up to so many bytes; 0: what the library takes */
    const struct client_property *properties; /* beyond and over these; name NULL ends */
    void (*delivered)(rd_kafka_t *, const rd_kafka_message_t *, void *opaque); /* or NULL */
    /* Consumers in a group: partitions come and go; or NULL. */
    void (*rebalanced)(rd_kafka_t *, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t *,
                       void *opaque);
    void (*configure)(rd_kafka_conf_t *, void *owner); /* more to set at the end; or NULL */
    void *owner;
};

struct client {
    rd_kafka_t *handle; /* owned */
    struct ahead ahead; /* of those that read: how messages are taken */
    struct fault *fault;
    const char *brokers; /* the conf's */
    void *owner;         /* for the caller's own callbacks: their opaque is the client */
    int wake;            /* an eventfd: readable when there is something to serve; owned */
    const char *hushed;  /* log lines of this facility are not told; the caller's, NULL: all are */
    bool reached;        /* a broker has answered */
    bool down;           /* all of them have refused at some time */
    rd_kafka_resp_err_t error;
    char reason[CLIENT_REASON]; /* why none was reached, in the library's words */
};

/* Makes the handle; connects in the background. False: fault is set: 64 or 78 where it is what the
 * user set. The options are used during the call only, but for the conf's brokers and the owner. */
bool client_open(struct client *client, const struct client_options *options, struct fault *fault);

/* Runs the callbacks of what has happened; waits at most wait_ms for something to happen. */
void client_serve(struct client *client, int wait_ms);

/* Has client->wake become readable when `queue`, which was empty, has something. */
void client_watch(struct client *client, rd_kafka_queue_t *queue);

/* Takes what made client->wake readable off it: before the queues are looked at, never after. */
void client_woken(struct client *client);

/* A topic's metadata, or all topics' where it is NULL, owned by the caller
 * (rd_kafka_metadata_destroy); whether the topic exists stands in it. NULL: fault is set (no broker
 * answers, a signal). At most CLIENT_START_MS. */
const struct rd_kafka_metadata *client_metadata(struct client *client, rd_kafka_topic_t *topic);

/* Leaves the consumer group, for at most CLIENT_CLOSE_MS (a join under way can hold it for 5 s).
 * Runs the rebalance callback. */
void client_leave(struct client *client);

/* Closes in order, for at most CLIENT_CLOSE_MS; what is stuck then (a name server that does not
 * answer), or would not survive it, is left to the process's end, which skips exit handlers because
 * threads still run. All messages, topics and queues of the handle must have been given back. */
void client_close(struct client *client);

/* "librdkafka 2.0.2 (FEATURES); ALLOCATOR" for --version. Static. */
const char *client_libraries(void);

#endif
