#include "stream/field.h"

#include <inttypes.h>
#include <stdio.h>

bool field_parse(const char *word, struct field *field)
{
    static const struct {
        const char *word;
        enum field_kind kind;
    } words[] = {{"value", FIELD_VALUE},
                 {"key", FIELD_KEY},
                 {"topic", FIELD_TOPIC},
                 {"partition", FIELD_PARTITION},
                 {"any", FIELD_ANY}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word, words[i].word) == 0) {
            *field = (struct field){.kind = words[i].kind};
            return true;
        }
    if (strncmp(word, "header:", 7) != 0 || word[7] == '\0')
        return false;
    *field = (struct field){FIELD_HEADER, span_str(word + 7)};
    return true;
}

/* A field of which a record has one: only at the walk's first step. */
static bool once(struct field_walk *walk, struct span field, struct span *bytes)
{
    *bytes = field;
    return walk->step++ == 0 && field.at != NULL;
}

static bool next_header(struct field_walk *walk, const struct span *name, struct span *bytes)
{
    struct header header;
    while (walk->headers > 0 && frame_header_next(&walk->block, &header)) {
        walk->headers--;
        if (header.value.at != NULL && (name == NULL || span_equal(header.name, *name))) {
            *bytes = header.value;
            return true;
        }
    }
    return false;
}

static bool next_any(const struct frame *frame, struct field_walk *walk, struct span *bytes)
{
    while (walk->step < 2) {
        *bytes = walk->step++ == 0 ? frame->value : frame->key;
        if (bytes->at != NULL)
            return true;
    }
    return next_header(walk, NULL, bytes);
}

bool field_next(const struct field *field, const struct reader *reader, const struct frame *frame,
                struct field_walk *walk, struct span *bytes)
{
    const struct source *source = reader_source(reader, frame->source);
    switch (field->kind) {
    case FIELD_VALUE:
        return once(walk, frame->value, bytes);
    case FIELD_KEY:
        return once(walk, frame->key, bytes);
    case FIELD_HEADER:
        return next_header(walk, &field->name, bytes);
    case FIELD_TOPIC:
        return source != NULL && once(walk, span_of(source->topic, source->topic_size), bytes);
    case FIELD_PARTITION:
        if (source == NULL || source->partition < 0)
            return false;
        snprintf(walk->number, sizeof walk->number, "%" PRId64, source->partition);
        return once(walk, span_str(walk->number), bytes);
    case FIELD_ANY:
        return next_any(frame, walk, bytes);
    }
    return false;
}
