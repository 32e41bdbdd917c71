/* kout/hand: hands records over to the client library, copied, a partition's in one call where it
 * can. What becomes of them the reports say (kout/send). */
#ifndef KPIPE_KOUT_HAND_H
#define KPIPE_KOUT_HAND_H

#include "kout/send.h"

/* All that the lane's bucket holds, by partition; it is not emptied. */
void hand_lane(struct send *send, struct lane *lane);

/* Of its sorted bucket these of one partition, in their order. */
void hand_run(struct send *send, const struct lane *lane, int32_t partition, struct bucket_run run);

/* One message as the library takes it, by and by where it holds as much as it may; `headers` are
 * its own afterwards. */
struct hand_message {
    rd_kafka_topic_t *topic;
    int32_t partition;
    struct span key, value;
    rd_kafka_headers_t *headers; /* NULL: none */
    int64_t time;                /* 0: now */
    void *opaque;
};
void hand_message(struct send *send, const struct hand_message *message);

#endif
