/* kout/report: what the client library says of the records that were handed over to it.
 *
 * A message's opaque tells which record it is: where it is from, or with `careful` its number in
 * the load. */
#ifndef KPIPE_KOUT_REPORT_H
#define KPIPE_KOUT_REPORT_H

#include "kout/send.h"

/* The opaque of a record in the output's bucket; of one for topic `dead`. */
void *report_opaque(const struct send *send, uint32_t index);
void *report_ticket(const struct send *send, uint32_t index);

/* A delivery report: the client's callback. */
void report_delivered(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque);

/* The library did not take it. */
void report_unsent(struct send *send, rd_kafka_topic_t *topic, rd_kafka_resp_err_t err,
                   int32_t partition, void *opaque);

/* After the library was served: records that were refused become the fault. A batch's reports come
 * together, so that the likeliest of them can be named. */
void report_blame(struct send *send);

/* The transaction takes nothing more, and no report has said why. */
void report_stalled(struct send *send);

/* The number in its load of a record in the output's bucket. */
static inline uint64_t report_number(const struct send *send, uint32_t index)
{
    return send->out.seen - send->load - send->out.bucket.count + index;
}

/* Where a record is from, "topic/partition@offset" or the like. Returns `to`. */
const char *report_place(const struct send *send, const void *ticket, char to[PLACE_MOST]);

#endif
