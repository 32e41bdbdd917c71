#include "json/envelope.h"

#include "json/base64.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Notes what is wrong; false, for the caller to return. */
__attribute__((format(printf, 2, 3))) static bool wrong(struct envelope *envelope,
                                                        const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(envelope->why, sizeof envelope->why, format, args);
    va_end(args);
    return false;
}

/* In front what was base64, at most as many bytes as the line has; behind it the header block,
 * whose 8 bytes a header can be more than the 6 of "","", in the line. */
static bool reserve(struct envelope *envelope, size_t line)
{
    size_t room = line * 2 + line / 2 + 64;
    envelope->used = 0;
    if (room <= envelope->room)
        return true;
    free(envelope->bytes);
    envelope->bytes = malloc(room);
    envelope->room = envelope->bytes == NULL ? 0 : room;
    return envelope->bytes != NULL;
}

static bool take_base64(struct envelope *envelope, const char *name, const json_t *value,
                        struct span *bytes)
{
    const json_t *digits = json_object_get(value, "base64");
    if (!json_is_string(digits) || json_object_size(value) != 1)
        return wrong(envelope, "%s: want a string, null or {\"base64\":\"...\"}", name);
    struct span text = span_of(json_string_value(digits), json_string_length(digits));
    uint8_t *to = envelope->bytes + envelope->used;
    size_t size = base64_size(text);
    if (size == SIZE_MAX || !base64_read(text, to))
        return wrong(envelope, "%s: is no base64", name);
    *bytes = span_of(to, size);
    envelope->used += size;
    return true;
}

/* A string, bytes that were none, or null. */
static bool take_bytes(struct envelope *envelope, const char *name, const json_t *value,
                       struct span *bytes)
{
    if (json_is_string(value))
        *bytes = span_of(json_string_value(value), json_string_length(value));
    else if (json_is_null(value))
        *bytes = span_of(NULL, 0);
    else
        return take_base64(envelope, name, value, bytes);
    return true;
}

/* A whole number; what is there already, where the member is missing. */
static bool take_number(struct envelope *envelope, const json_t *root, const char *name,
                        int64_t *number)
{
    const json_t *value = json_object_get(root, name);
    if (value == NULL)
        return true;
    if (!json_is_integer(value))
        return wrong(envelope, "%s: want a whole number", name);
    *number = json_integer_value(value);
    return true;
}

static bool take_place(struct envelope *envelope, const json_t *root)
{
    const json_t *topic = json_object_get(root, "topic");
    envelope->topic = span_of(NULL, 0);
    envelope->partition = envelope->record.offset = -1;
    if (topic != NULL && !take_bytes(envelope, "topic", topic, &envelope->topic))
        return false;
    if (envelope->topic.size > ENVELOPE_TOPIC)
        return wrong(envelope, "topic: longer than %d bytes", (int)ENVELOPE_TOPIC);
    return take_number(envelope, root, "partition", &envelope->partition) &&
           take_number(envelope, root, "offset", &envelope->record.offset);
}

static bool take_time(struct envelope *envelope, const json_t *root)
{
    struct record *record = &envelope->record;
    const json_t *type = json_object_get(root, "tstype");
    const char *word = type == NULL ? "create" : json_string_value(type);
    if (json_object_get(root, "ts") == NULL && type == NULL)
        return true;
    if (word != NULL && strcmp(word, "unknown") == 0)
        return true;
    if (word != NULL && strcmp(word, "create") == 0)
        record->time = FRAME_CREATE_TIME;
    else if (word != NULL && strcmp(word, "logappend") == 0)
        record->time = FRAME_LOG_APPEND_TIME;
    else
        return wrong(envelope, "tstype: want create, logappend or unknown");
    if (json_object_get(root, "ts") == NULL)
        return wrong(envelope, "ts: is missing");
    return take_number(envelope, root, "ts", &record->timestamp);
}

static bool take_headers(struct envelope *envelope, const json_t *root, size_t line)
{
    const json_t *list = json_object_get(root, "headers");
    uint8_t *start = envelope->bytes + line, *to = start;
    if (list == NULL)
        return true;
    if (!json_is_array(list) || json_array_size(list) % 2 != 0)
        return wrong(envelope, "headers: want a list: name, value, name, value ...");
    for (size_t i = 0; i < json_array_size(list); i += 2) {
        struct header header;
        if (!take_bytes(envelope, "a header's name", json_array_get(list, i), &header.name) ||
            !take_bytes(envelope, "a header's value", json_array_get(list, i + 1), &header.value))
            return false;
        if (header.name.at == NULL)
            return wrong(envelope, "a header's name: is null");
        to = frame_header_put(to, &header);
        envelope->record.header_count++;
    }
    envelope->record.headers = span_of(start, (size_t)(to - start));
    return true;
}

/* A payload that is missing was meant otherwise: a null one is a tombstone. */
static bool take_record(struct envelope *envelope, const json_t *root, size_t line)
{
    struct record *record = &envelope->record;
    const json_t *key = json_object_get(root, "key"), *payload = json_object_get(root, "payload");
    if (!json_is_object(root))
        return wrong(envelope, "is no envelope: want {\"payload\":...}");
    if (payload == NULL)
        return wrong(envelope, "payload: is missing: null for a tombstone");
    return take_place(envelope, root) && take_time(envelope, root) &&
           take_headers(envelope, root, line) &&
           (key == NULL || take_bytes(envelope, "key", key, &record->key)) &&
           take_bytes(envelope, "payload", payload, &record->value);
}

enum envelope_result envelope_read(struct envelope *envelope, struct span line)
{
    json_error_t error;
    json_decref(envelope->tree);
    envelope->tree = NULL;
    envelope->record = (struct record){0};
    if (!reserve(envelope, line.size))
        return ENVELOPE_MEMORY;
    envelope->tree = json_loadb((const char *)line.at, line.size,
                                JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (envelope->tree == NULL) {
        if (json_error_code(&error) == json_error_out_of_memory)
            return ENVELOPE_MEMORY;
        wrong(envelope, "is no JSON: column %d: %s", error.column, error.text);
        return ENVELOPE_WRONG;
    }
    return take_record(envelope, envelope->tree, line.size) ? ENVELOPE_OK : ENVELOPE_WRONG;
}

void envelope_free(struct envelope *envelope)
{
    json_decref(envelope->tree);
    free(envelope->bytes);
    *envelope = (struct envelope){0};
}
