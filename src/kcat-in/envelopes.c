#include "kcat-in/envelopes.h"

#include <inttypes.h>

bool envelopes_put(struct envelopes *envelopes, struct span line, const char *file, uint64_t number,
                   uint64_t record_cap, struct writer *writer, struct fault *fault)
{
    struct envelope *envelope = &envelopes->envelope;
    struct record *record = &envelope->record;
    switch (envelope_read(envelope, line)) {
    case ENVELOPE_OK:
        break;
    case ENVELOPE_WRONG:
        fault_set(fault, STATUS_DATA, "%.300s:%" PRIu64 ": %s", file, number, envelope->why);
        return false;
    case ENVELOPE_MEMORY:
        fault_memory(fault);
        return false;
    }
    if (record->key.size + record->value.size + record->headers.size > record_cap) {
        fault_set(fault, STATUS_DATA,
                  "%.300s:%" PRIu64 ": longer than %" PRIu64 " bytes: raise --max-record", file,
                  number, record_cap);
        return false;
    }
    if (envelope->topic.at != NULL)
        record->source =
            places_number(&envelopes->places, envelope->topic, envelope->partition, writer, fault);
    if (fault->status == 0)
        writer_record(writer, record);
    return fault->status == 0;
}

void envelopes_close(struct envelopes *envelopes)
{
    envelope_free(&envelopes->envelope);
    places_close(&envelopes->places);
}
