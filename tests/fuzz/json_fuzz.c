/* Any line as an envelope: it is refused with a reason, or the record it makes comes back from what
 * json_put() writes of it. And any bytes as a record's fields: they come back too. */
#include "fuzz.h"
#include "util/utf8.h"
#include "json/envelope.h"
#include "json/write.h"

static bool same(struct span a, struct span b)
{
    return a.at == NULL || b.at == NULL ? a.at == b.at : span_equal(a, b);
}

static void same_record(const struct envelope *a, const struct envelope *b)
{
    const struct record *x = &a->record, *y = &b->record;
    MUST(same(a->topic, b->topic));
    MUST(a->topic.at == NULL || a->partition == b->partition);
    MUST(x->offset == y->offset && x->time == y->time);
    MUST(x->time == 0 || x->timestamp == y->timestamp);
    MUST(same(x->key, y->key) && same(x->value, y->value));
    MUST(x->header_count == y->header_count);
    MUST(x->header_count == 0 || same(x->headers, y->headers));
}

/* What a stream would carry, written: a line without its newline, valid UTF-8, no control in it. */
static struct span written(const struct envelope *envelope, struct out *out)
{
    const struct record *record = &envelope->record;
    uint8_t topic[ENVELOPE_TOPIC + 1];
    struct source source = {(char *)topic, envelope->topic.size, envelope->partition, -1};
    struct reader reader = {.sources = &source, .source_count = 1};
    struct frame frame = {.flags = record->time,
                          .source = envelope->topic.at != NULL,
                          .offset = record->offset,
                          .timestamp = record->timestamp,
                          .key = record->key,
                          .value = record->value,
                          .headers = record->headers,
                          .header_count = record->header_count};
    if (envelope->topic.at != NULL)
        memcpy(topic, envelope->topic.at, envelope->topic.size);
    json_put(out, NULL, &reader, &frame);
    struct span line = span_of(out->buffer, out->have);
    MUST(line.size > 1 && line.at[line.size - 1] == '\n');
    line.size--;
    MUST(utf8_valid(line));
    for (size_t i = 0; i < line.size; i++)
        MUST(line.at[i] >= 0x20 && line.at[i] != 0x7F);
    return line;
}

/* Writes the record, reads it, compares. */
static void turn(const struct envelope *envelope)
{
    static struct fault fault = {.tool = "json"};
    struct envelope again = {0};
    struct out out;
    MUST(out_open(&out, -1, "memory", &fault) && out_queue(&out));
    MUST(envelope_read(&again, written(envelope, &out)) == ENVELOPE_OK);
    same_record(envelope, &again);
    envelope_free(&again);
    free(out.buffer);
}

/* Up to 255 bytes of the input, or null. */
static struct span field(const uint8_t **at, const uint8_t *end)
{
    size_t left = (size_t)(end - *at);
    if (left == 0 || **at == 0xFF)
        return span_of(NULL, 0);
    size_t size = **at > left - 1 ? left - 1 : **at;
    struct span bytes = span_of(*at + 1, size);
    *at += size + 1;
    return bytes;
}

static void bytes_as_fields(const uint8_t *at, const uint8_t *end)
{
    uint8_t block[600];
    struct envelope envelope = {.partition = -1, .topic = field(&at, end)};
    struct record *record = &envelope.record;
    struct header header = {field(&at, end), field(&at, end)};
    record->key = field(&at, end);
    record->value = span_of(at, (size_t)(end - at));
    if (header.name.at != NULL) {
        record->header_count = 1;
        record->headers = span_of(block, (size_t)(frame_header_put(block, &header) - block));
    }
    if (record->value.size > 1) {
        memcpy(&envelope.partition, &(int64_t){-record->value.at[0]}, sizeof envelope.partition);
        record->offset = (int64_t)((uint64_t)record->value.at[1] << 56);
    }
    turn(&envelope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct envelope envelope = {0};
    switch (envelope_read(&envelope, span_of(data, size))) {
    case ENVELOPE_OK:
        turn(&envelope);
        break;
    case ENVELOPE_WRONG:
        MUST(envelope.why[0] != '\0');
        break;
    case ENVELOPE_MEMORY:
        break;
    }
    envelope_free(&envelope);
    bytes_as_fields(data, data + size);
    return 0;
}
