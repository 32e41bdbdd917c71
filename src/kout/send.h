/* kout/send: records to a topic through the client library: copied, by partition, each report
 * looked at. What is common to at least once (produce) and exactly once (exactly).
 *
 * Idempotent, acknowledged by all replicas in sync; unless kout/writing says otherwise, keys go to
 * the partition that Kafka's Java client would choose (murmur2), records without a key to one
 * partition for a while and then to another (KIP-480). Null and empty, headers, timestamps and the
 * order within a partition are kept.
 */
#ifndef KPIPE_KOUT_SEND_H
#define KPIPE_KOUT_SEND_H

#include "kafka/topics.h"
#include "kout/bucket.h"
#include "kout/sift.h"
#include "kout/writing.h"
#include "stream/reader.h"

struct send_options {
    const struct conf *conf; /* read */
    const char *topic;
    const struct writing *writing; /* read, until the end */
    int grace_ms; /* after a fault, how long what is on its way may take to arrive */
    const char *transactional_id; /* NULL: no transactions */
    void (*configure)(rd_kafka_conf_t *,
                      void *owner); /* as in client_options; owner: struct send */
    void *requests;                 /* for configure */
};

/* A topic that is written to, and what was taken for it. */
struct lane {
    struct topic topic;
    struct bucket bucket;
    bool now;      /* records' timestamps are not kept */
    uint64_t seen; /* records, for messages */
};

/* The record that is most likely to blame of those that were refused together. */
struct suspect {
    size_t count; /* of them; 0: none was refused */
    rd_kafka_resp_err_t err;
    int32_t partition;
    void *opaque;
    size_t size;
    bool keyless;
};

/* What is known, within a load, of records that will be refused. */
struct lesson {
    bool keyless;  /* those without a key: the topic is compacted */
    bool sizeless; /* sizes teach nothing: a batch is compressed */
    size_t size;   /* those of so many bytes (message_size) and more; 0: not known */
    rd_kafka_resp_err_t keyless_err;
};

/* What is known of a load, whose records may have to be put again by another instance. */
struct known {
    struct sift sift;
    struct lesson lesson;
    uint32_t shift;   /* where its records without a key go */
    uint64_t refused; /* records left out, of all loads */
};

struct send {
    struct fault *fault;
    const struct reader *reader; /* its signals are not ours */
    const struct writing *writing;
    struct client client;
    struct lane out, kept; /* the output; and state (kout/changelog), where there is any */
    size_t flight;         /* bytes handed over and not reported yet */
    int grace_ms;
    int64_t end;  /* after a fault: until then what was handed over may arrive; 0: no fault yet */
    bool once;    /* in transactions */
    bool careful; /* what is refused is left out: kout/refuse */
    bool doomed;  /* careful, once: a record was refused: the transaction can only be aborted */
    int64_t stalled; /* once: the transaction takes no more, and by then its report must say why */
    struct suspect suspect;
    struct known known; /* careful */
    size_t batch;       /* careful: the most bytes of a batch */
    uint64_t load;      /* careful: the load begins behind so many records */
    struct topic dead;  /* where they go instead; handle NULL: nowhere */
    bool lost;          /* a record was not delivered, or that time is over: no point in going on */
    void *requests;     /* the options' */
};

/* Connects, and makes sure of the topic: makes it where it is missing and --create says so. False:
 * the fault is set; close it in both cases. */
bool send_open(struct send *send, const struct send_options *options, const struct reader *reader,
               struct fault *fault);

/* Takes from one that is about to be closed, and gives to one that was opened, what is known of the
 * load. */
struct known send_known(struct send *send);
void send_learn(struct send *send, struct known *known);

/* Takes a record. Its bytes must stay until the next send_now(), which this may call itself. A
 * record that cannot be delivered is the fault, now or when its report comes. */
void send_put(struct send *send, const struct frame *frame);

/* Also writes to this topic, which must exist: send_keep() gives it a record for a partition, as
 * send_put() does. The name must outlive it. */
bool send_keep_at(struct send *send, const char *topic);
void send_keep(struct send *send, const struct frame *frame, int32_t partition);

/* Careful, once: all that is put from now on is a barrier's records, from the first one; `again`:
 * the same ones that were put before, in another transaction. */
void send_load(struct send *send, bool again);

/* Hands over what was taken: nothing is borrowed afterwards. */
void send_now(struct send *send);

/* No more can be handed over. */
static inline bool send_stopped(const struct send *send)
{
    return send->lost || send->doomed || send->stalled != 0;
}

/* Serves the library, for at most wait_ms. */
void send_serve(struct send *send, int wait_ms);

/* The library has as much as it may hold: waits a little for it to have less. */
void send_make_way(struct send *send);

/* Whether every report has come, or the transaction is doomed; waits at most wait_ms, and then
 * hurries them. */
bool send_reported(struct send *send, int wait_ms);

/* Waits until they have; after a fault only for the time of grace. */
void send_settle(struct send *send);

/* Tells how many were left out, if any. */
void send_tell(const struct send *send);

void send_close(struct send *send);

#endif
