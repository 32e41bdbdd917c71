#include "kafka/value.h"

#include "kafka/trusted.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *value_variable(const char *name)
{
    const char *value = secure_getenv(name);
    return value == NULL || *value == '\0' ? NULL : value;
}

char *value_join(struct fault *fault, const char *format, ...)
{
    char *made;
    va_list args;
    va_start(args, format);
    int size = vasprintf(&made, format, args);
    va_end(args);
    if (size < 0)
        fault_memory(fault);
    return size < 0 ? NULL : made;
}

/* A path as it was written, from its place; owned by the caller. NULL: the fault is set. */
static char *path_of(const char *word, struct props_place place, struct fault *fault)
{
    const char *home = value_variable("HOME");
    const char *slash = place.file == NULL ? NULL : strrchr(place.file, '/');
    if (strncmp(word, "~/", 2) == 0 && home != NULL)
        return value_join(fault, "%s/%s", home, word + 2);
    if (word[0] == '/' || slash == NULL)
        return value_join(fault, "%s", word);
    return value_join(fault, "%.*s/%s", (int)(slash - place.file), place.file, word);
}

/* Where "@WORD" leads. */
static char *source_of(const struct prop *prop, struct fault *fault)
{
    const char *word = prop->value + 1, *credentials = value_variable("CREDENTIALS_DIRECTORY");
    if (strchr(word, '/') != NULL)
        return path_of(word, prop->place, fault);
    if (*word != '\0' && credentials != NULL)
        return value_join(fault, "%s/%s", credentials, word);
    props_fault(fault, prop->place, prop->name,
                *word == '\0' ? "@ alone names nothing: a file is @./FILE or @/PATH"
                              : "@NAME is a credential, and CREDENTIALS_DIRECTORY is not set: "
                                "a file is @./FILE or @/PATH");
    return NULL;
}

/* "@FILE" becomes what the file says. */
static bool fetch(struct prop *prop, struct fault *fault)
{
    struct trusted trusted;
    char *path = source_of(prop, fault);
    if (path == NULL || !trusted_read(&trusted, path, props_secret(prop->name), fault)) {
        free(path);
        return false;
    }
    if (trusted.size > 0 && trusted.text[trusted.size - 1] == '\n')
        trusted.text[--trusted.size] = '\0';
    if (trusted.size == 0)
        fault_set(fault, STATUS_CONFIG, "%s: is empty: put the value of %.128s into it", path,
                  prop->name);
    free(path);
    free(prop->value);
    prop->value = trusted.text; /* wiped with the properties */
    return fault->status == 0;
}

/* The library would say that something failed, and not what. */
static bool locate(struct prop *prop, struct fault *fault)
{
    char *path = path_of(prop->value, prop->place, fault);
    if (path == NULL)
        return false;
    free(prop->value);
    prop->value = path;
    if (access(path, R_OK) != 0) {
        char why[320];
        snprintf(why, sizeof why, "%.250s: %s: name the file", path, strerror(errno));
        props_fault(fault, prop->place, prop->name, why);
    }
    return fault->status == 0 && (!props_key(prop->name) || trusted_secret(path, fault));
}

bool value_resolve(struct prop *prop, struct fault *fault)
{
    if (prop->value[0] == '@')
        return fetch(prop, fault);
    if (props_path(prop->name) && strcmp(prop->value, "probe") != 0)
        return locate(prop, fault);
    return true;
}
