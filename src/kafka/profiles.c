#include "kafka/profiles.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

struct parse {
    struct profiles *profiles;
    struct fault *fault;
    struct span text;
    yaml_parser_t parser;
    yaml_event_t event; /* the current one */
    yaml_mark_t key;    /* where the last key stands */
};

/* What to do with the value of `key`: it is the current event. */
typedef bool take_value(struct parse *parse, const char *key);

static struct props_place place(const struct parse *parse, yaml_mark_t mark)
{
    return (struct props_place){parse->profiles->file, mark.line + 1, mark.column + 1};
}

/* Sets the fault at the mark. Returns false. */
__attribute__((format(printf, 3, 4))) static bool wrong(struct parse *parse, yaml_mark_t mark,
                                                        const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    struct props_place at = place(parse, mark);
    fault_set(parse->fault, STATUS_CONFIG, "%s:%zu:%zu: %s", at.file, at.line, at.column, what);
    return false;
}

/* Whether the byte at the mark is '@', which YAML keeps to itself: lines are counted, and columns
 * as long as they are bytes. */
static bool bare_at(const struct parse *parse, yaml_mark_t mark)
{
    struct span rest = parse->text;
    for (size_t line = 0; line < mark.line; line++) {
        const uint8_t *end = memchr(rest.at, '\n', rest.size);
        if (end == NULL)
            return false;
        rest.size -= (size_t)(end + 1 - rest.at);
        rest.at = end + 1;
    }
    return mark.column < rest.size && rest.at[mark.column] == '@';
}

/* What the library says; its texts are its own words and have nothing of the file in them. */
static bool not_yaml(struct parse *parse)
{
    const yaml_parser_t *parser = &parse->parser;
    bool placed = parser->error == YAML_SCANNER_ERROR || parser->error == YAML_PARSER_ERROR;
    yaml_mark_t mark = placed ? parser->problem_mark : parser->mark;
    if (parser->error == YAML_MEMORY_ERROR) {
        fault_memory(parse->fault);
        return false;
    }
    if (placed && bare_at(parse, mark))
        return wrong(parse, mark, "a word with @ must be quoted: \"@FILE\"");
    return wrong(parse, mark, "is not YAML: %s: see kpipe.conf(5)", parser->problem);
}

/* Names for nodes, and types for them, are ways to say one thing twice. */
static bool plain_node(struct parse *parse)
{
    const yaml_event_t *event = &parse->event;
    const yaml_char_t *anchor = NULL, *tag = NULL;
    bool directives = false;
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        anchor = event->data.alias.anchor;
        break;
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    case YAML_DOCUMENT_START_EVENT:
        directives = event->data.document_start.version_directive != NULL ||
                     event->data.document_start.tag_directives.start !=
                         event->data.document_start.tag_directives.end;
        break;
    default:
        break;
    }
    if (anchor == NULL && tag == NULL && !directives)
        return true;
    return wrong(parse, event->start_mark, "no anchors, aliases, tags or directives: write it out");
}

static bool next(struct parse *parse)
{
    yaml_event_delete(&parse->event);
    if (!yaml_parser_parse(&parse->parser, &parse->event))
        return not_yaml(parse);
    return plain_node(parse);
}

static const char *scalar(const struct parse *parse)
{
    return (const char *)parse->event.data.scalar.value;
}

/* The current event is one value, and not nothing: "K:" alone and "K: ~" are slips. */
static bool one_value(struct parse *parse, const char *key)
{
    const yaml_event_t *event = &parse->event;
    if (event->type != YAML_SCALAR_EVENT)
        return wrong(parse, event->start_mark, "%s: wants one value, not a list or a block", key);
    if (strlen(scalar(parse)) != event->data.scalar.length)
        return wrong(parse, event->start_mark, "%s: has a NUL byte: leave it out", key);
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (event->data.scalar.length == 0 || (plain && strcmp(scalar(parse), "~") == 0) ||
        (plain && strcmp(scalar(parse), "null") == 0))
        return wrong(parse, event->start_mark, "%s: has no value: give it one", key);
    return true;
}

/* The current event as a key that was not there before: a copy at the end of *seen. */
static const char *take_key(struct parse *parse, struct props *seen)
{
    const yaml_event_t *event = &parse->event;
    struct span text = {0};
    if (event->type == YAML_SCALAR_EVENT)
        text = span_of(scalar(parse), event->data.scalar.length);
    if (!props_name(text)) {
        wrong(parse, event->start_mark, "is no name: want NAME: VALUE, with a space between them");
        return NULL;
    }
    const struct prop *before = props_find(seen, scalar(parse));
    if (before != NULL) {
        wrong(parse, event->start_mark, "%s: stands there twice, first in line %zu: leave one out",
              scalar(parse), before->place.line);
        return NULL;
    }
    char none[] = "";
    const struct prop key = {.name = (char *)event->data.scalar.value,
                             .value = none,
                             .place = place(parse, event->start_mark)};
    return props_add(seen, &key, parse->fault) ? seen->list[seen->count - 1].name : NULL;
}

/* The current event is a mapping's start: to its end. */
static bool each(struct parse *parse, const char *name, take_value *take)
{
    struct props seen = {0};
    bool going = parse->event.type == YAML_MAPPING_START_EVENT;
    if (!going)
        wrong(parse, parse->event.start_mark, "%s: wants NAME: VALUE lines, indented", name);
    while (going) {
        going = next(parse);
        if (going && parse->event.type == YAML_MAPPING_END_EVENT)
            break;
        parse->key = parse->event.start_mark;
        const char *key = going ? take_key(parse, &seen) : NULL;
        going = key != NULL && next(parse) && take(parse, key);
    }
    props_close(&seen);
    return going;
}

static struct profile *current(struct parse *parse)
{
    return &parse->profiles->list[parse->profiles->count - 1];
}

static bool copy(struct parse *parse, char **to)
{
    *to = strdup(scalar(parse));
    if (*to == NULL)
        fault_memory(parse->fault);
    return *to != NULL;
}

static bool take_property(struct parse *parse, const char *key)
{
    if (!one_value(parse, key))
        return false;
    struct props *props = &current(parse)->props;
    const struct prop prop = {.name = (char *)(uintptr_t)key,
                              .value = (char *)parse->event.data.scalar.value,
                              .place = place(parse, parse->key),
                              .hidden = props_secret(key) || scalar(parse)[0] == '@'};
    return props_add(props, &prop, parse->fault);
}

static bool take_profile(struct parse *parse, const char *key)
{
    if (strcmp(key, "properties") == 0)
        return each(parse, key, take_property);
    if (strcmp(key, "brokers") == 0)
        return one_value(parse, key) && copy(parse, &current(parse)->brokers);
    return wrong(parse, parse->key, "%s: unknown: brokers or properties%s", key,
                 strchr(key, '.') != NULL ? ", and this stands below properties" : "");
}

static bool take_profiles(struct parse *parse, const char *key)
{
    struct profiles *profiles = parse->profiles;
    struct profile *list = reallocarray(profiles->list, profiles->count + 1, sizeof *list);
    if (list == NULL) {
        fault_memory(parse->fault);
        return false;
    }
    profiles->list = list;
    list[profiles->count++] = (struct profile){.name = strdup(key)};
    if (current(parse)->name == NULL) {
        fault_memory(parse->fault);
        return false;
    }
    return each(parse, key, take_profile);
}

static bool take_top(struct parse *parse, const char *key)
{
    if (strcmp(key, "profiles") == 0)
        return each(parse, key, take_profiles);
    if (strcmp(key, "default") != 0)
        return wrong(parse, parse->key, "%s: unknown: default or profiles", key);
    parse->profiles->standard_place = place(parse, parse->event.start_mark);
    return one_value(parse, key) && copy(parse, &parse->profiles->standard);
}

static bool skip(struct parse *parse, int events)
{
    while (events > 0 && next(parse))
        events--;
    return events == 0;
}

/* Stream, document, the one mapping, and nothing behind it. An empty file has no document. */
static bool document(struct parse *parse)
{
    if (!skip(parse, 2))
        return false;
    if (parse->event.type == YAML_STREAM_END_EVENT)
        return wrong(parse, parse->event.start_mark, "is empty: see kpipe.conf(5)");
    if (!next(parse) || !each(parse, "the file", take_top) || !skip(parse, 2))
        return false;
    if (parse->event.type != YAML_STREAM_END_EVENT)
        return wrong(parse, parse->event.start_mark, "a second document: one only");
    return true;
}

static void find_plain(struct profiles *profiles)
{
    for (size_t i = 0; i < profiles->count; i++)
        for (size_t j = 0; j < profiles->list[i].props.count; j++) {
            struct prop *prop = &profiles->list[i].props.list[j];
            if (profiles->plain == NULL && props_secret(prop->name) && prop->value[0] != '@')
                profiles->plain = prop;
        }
}

bool profiles_parse(struct profiles *profiles, const char *file, struct span text,
                    struct fault *fault)
{
    struct parse parse = {.profiles = profiles, .fault = fault, .text = text};
    *profiles = (struct profiles){.file = file};
    if (!yaml_parser_initialize(&parse.parser)) {
        fault_memory(fault);
        return false;
    }
    yaml_parser_set_encoding(&parse.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parse.parser, text.at, text.size);
    bool parsed = document(&parse);
    if (parsed && profiles->standard != NULL &&
        profiles_find(profiles, profiles->standard) == NULL) {
        props_fault(fault, profiles->standard_place, "default", "no such profile: name one");
        parsed = false;
    }
    find_plain(profiles);
    yaml_event_delete(&parse.event);
    yaml_parser_delete(&parse.parser);
    return parsed;
}

const struct profile *profiles_find(const struct profiles *profiles, const char *name)
{
    for (size_t i = 0; i < profiles->count; i++)
        if (strcmp(profiles->list[i].name, name) == 0)
            return &profiles->list[i];
    return NULL;
}

void profiles_close(struct profiles *profiles)
{
    for (size_t i = 0; i < profiles->count; i++) {
        struct profile *profile = &profiles->list[i];
        free(profile->name);
        free(profile->brokers);
        props_close(&profile->props);
    }
    free(profiles->list);
    free(profiles->standard);
    *profiles = (struct profiles){0};
}
