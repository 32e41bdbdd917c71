#include "kcat-in/put.h"

#include <inttypes.h>

bool put_message(const rd_kafka_message_t *message, uint32_t source, uint64_t cap,
                 struct message_block *block, struct writer *writer, struct fault *fault)
{
    struct record record;
    if (!message_record(message, block, &record, fault))
        return false;
    record.source = source;
    uint64_t size = (uint64_t)record.key.size + record.value.size + record.headers.size;
    if (size > cap) {
        fault_set(fault, STATUS_DATA,
                  "%.249s/%" PRId32 "@%" PRId64 ": a record of %" PRIu64
                  " bytes is over the cap of %" PRIu64 ": raise --max-record",
                  rd_kafka_topic_name(message->rkt), message->partition, message->offset, size,
                  cap);
        return false;
    }
    writer_record(writer, &record);
    return true;
}
