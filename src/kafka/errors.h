/* kafka/errors: what the client library's errors mean here: a status, and what to do about it.
 *
 * One table for both ends. Codes it does not know are 75: Kafka adds errors with each release, most
 * of them passing ones, and trying again loses nothing. */
#ifndef KPIPE_KAFKA_ERRORS_H
#define KPIPE_KAFKA_ERRORS_H

#include "util/fault.h"

#include <librdkafka/rdkafka.h>

/* The status of an error: 69 no broker, 66 no such topic, 77 refused us, 65 refused the record, 78
 * something must be mended first, 75 try again. Never 0. */
int errors_status(rd_kafka_resp_err_t err);

/* Whether asking again a moment later may well succeed: no leader yet, a broker just starting. */
bool errors_passing(rd_kafka_resp_err_t err);

/* Whether the broker refused what was to be written, and would again: the record is at fault. */
bool errors_refused(rd_kafka_resp_err_t err);

/* What is wrong, in a few words, static. */
const char *errors_what(rd_kafka_resp_err_t err);

/* Sets the fault to "OBJECT: what is wrong: what to do". `detail` is what the library says beyond
 * the code, or NULL. Returns the status that stands. */
int errors_set(struct fault *fault, const char *object, rd_kafka_resp_err_t err,
               const char *detail);

#endif
