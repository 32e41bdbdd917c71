#include "kafka/kcatconf.h"

#include "kafka/props.h"
#include "util/escape.h"

#include <stdlib.h>

static const char blanks[] = " \t\r";

static struct span trim(struct span text)
{
    while (text.size > 0 && strchr(blanks, text.at[0]) != NULL && text.at[0] != '\0')
        text = span_of(text.at + 1, text.size - 1);
    while (text.size > 0 && strchr(blanks, text.at[text.size - 1]) != NULL)
        text.size--;
    return text;
}

/* The next line that is neither empty nor a comment, taken off the text. False: there is none. */
static bool next_line(struct span *text, struct span *line)
{
    while (text->size > 0) {
        const uint8_t *end = memchr(text->at, '\n', text->size);
        size_t size = end == NULL ? text->size : (size_t)(end - text->at);
        *line = trim(span_of(text->at, size));
        size += end != NULL;
        *text = span_of(text->at + size, text->size - size);
        if (line->size > 0 && line->at[0] != '#')
            return true;
    }
    return false;
}

/* NAME=VALUE, with blanks around both. */
static bool split(struct span line, struct span *name, struct span *value)
{
    const uint8_t *equals = memchr(line.at, '=', line.size);
    if (equals == NULL)
        return false;
    size_t size = (size_t)(equals - line.at);
    *name = trim(span_of(line.at, size));
    *value = trim(span_of(equals + 1, line.size - size - 1));
    return props_name(*name);
}

bool kcatconf_is(struct span text)
{
    struct span line, name, value;
    return next_line(&text, &line) && split(line, &name, &value);
}

/* U+FEFF, U+FFFE and U+FFFF are characters, but none that YAML takes as they are (YAML 1.1, 5.1).
 */
static bool outside_yaml(struct span text)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF}, none[] = {0xEF, 0xBF};
    return text.size >= 3 && (memcmp(text.at, mark, sizeof mark) == 0 ||
                              (memcmp(text.at, none, sizeof none) == 0 && text.at[2] >= 0xBE));
}

/* As YAML: in quotes where it is not one plain word. */
static void show_value(FILE *to, const char *value)
{
    struct span text = span_str(value);
    if (props_name(text) && value[0] != '-' && strcmp(value, "null") != 0) {
        fputs(value, to);
        return;
    }
    putc('"', to);
    while (text.size > 0) {
        char one[ESCAPE_MOST];
        size_t taken = outside_yaml(text) ? 0 : escape_plain(text.at, text.size), made = taken;
        if (taken == 0)
            made = escape_byte(one, text.at[0]);
        else if (text.at[0] == '"' || text.at[0] == '\\')
            putc('\\', to);
        fwrite(taken == 0 ? (const void *)one : text.at, 1, made, to);
        text = span_of(text.at + (taken + (taken == 0)), text.size - (taken + (taken == 0)));
    }
    putc('"', to);
}

static bool names_brokers(const struct prop *prop)
{
    return strcmp(prop->name, "bootstrap.servers") == 0 ||
           strcmp(prop->name, "metadata.broker.list") == 0;
}

/* Why a profile cannot have it; NULL: it can. */
static const char *unfit(const struct props *props, const struct prop *prop)
{
    const char *why = prop->value[0] == '\0' ? "has no value" : props_refused(prop, false);
    return why != NULL ? why : props_weak(props, prop);
}

static void show_property(FILE *to, const struct props *props, const struct prop *prop)
{
    const char *why = unfit(props, prop);
    if (why != NULL) {
        fprintf(to, "      # %s: %s\n", prop->name, why);
        return;
    }
    fprintf(to, "      %s: ", prop->name);
    if (props_secret(prop->name))
        fprintf(to, "\"@~/.config/%s\" # a file with it alone, chmod 600", prop->name);
    else
        show_value(to, prop->value);
    putc('\n', to);
}

/* A later line of the same name stands over an earlier one, as in kcat. */
static bool counts(const struct props *props, const struct prop *prop)
{
    return !names_brokers(prop) && props_find(props, prop->name) == prop;
}

static const char *find_brokers(const struct props *props)
{
    const char *brokers = NULL;
    for (size_t i = 0; i < props->count; i++)
        if (names_brokers(&props->list[i]) && props->list[i].value[0] != '\0')
            brokers = props->list[i].value;
    return brokers;
}

static bool any_fits(const struct props *props)
{
    for (size_t i = 0; i < props->count; i++)
        if (counts(props, &props->list[i]) && unfit(props, &props->list[i]) == NULL)
            return true;
    return false;
}

static void show(FILE *to, const struct props *props)
{
    const char *brokers = find_brokers(props);
    bool any = any_fits(props);
    fprintf(to, "default: kcat\nprofiles:\n  kcat:%s\n", brokers == NULL && !any ? " {}" : "");
    if (brokers != NULL) {
        fputs("    brokers: ", to);
        show_value(to, brokers);
        putc('\n', to);
    }
    if (any)
        fputs("    properties:\n", to);
    for (size_t i = 0; i < props->count; i++)
        if (counts(props, &props->list[i]))
            show_property(to, props, &props->list[i]);
}

bool kcatconf_show(FILE *to, struct span text, struct fault *fault)
{
    struct props props = {0};
    struct span line, name, value;
    while (fault->status == 0 && next_line(&text, &line)) {
        if (!split(line, &name, &value))
            continue;
        struct prop prop = {.name = strndup((const char *)name.at, name.size),
                            .value = strndup((const char *)value.at, value.size)};
        if (prop.name == NULL || prop.value == NULL)
            fault_memory(fault);
        else
            props_add(&props, &prop, fault);
        if (prop.value != NULL)
            explicit_bzero(prop.value, strlen(prop.value));
        free(prop.value);
        free(prop.name);
    }
    if (fault->status == 0)
        show(to, &props);
    props_close(&props);
    return fault->status == 0;
}
