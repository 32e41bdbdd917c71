/* kcat-in/put: a message of the client library into the stream. */
#ifndef KPIPE_KCAT_IN_PUT_H
#define KPIPE_KCAT_IN_PUT_H

#include "kafka/message.h"
#include "stream/writer.h"

/* Puts `message`, which is no error, as a record of `source`. `block` holds its headers meanwhile.
 * False: no memory, or over `cap` bytes: the fault is set and names topic/partition@offset. */
bool put_message(const rd_kafka_message_t *message, uint32_t source, uint64_t cap,
                 struct message_block *block, struct writer *writer, struct fault *fault);

#endif
