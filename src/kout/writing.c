#include "kout/writing.h"

#include "util/opt.h"
#include "util/parse.h"

#include <stdlib.h>
#include <string.h>

bool writing_partition(struct writing *writing, const char *word)
{
    uint64_t number = 0;
    if (strcmp(word, "key") == 0)
        writing->to = WRITING_BY_KEY;
    else if (strcmp(word, "same") == 0)
        writing->to = WRITING_SAME;
    else if (parse_count(word, 0, &number) && number <= INT32_MAX)
        writing->to = WRITING_ONE;
    else
        return false;
    writing->partition = (int32_t)number;
    return true;
}

bool writing_codec(struct writing *writing, const char *word)
{
    static const char *const codecs[] = {"none", "gzip", "snappy", "lz4", "zstd"};
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
        if (strcmp(word, codecs[i]) == 0) {
            writing->codec = codecs[i];
            return true;
        }
    return false;
}

/* Where the setting behind this comma ends: a comma with no '=' before the next one is part of the
 * value (cleanup.policy=compact,delete). */
static char *setting_end(char *at)
{
    char *end = at + strcspn(at, ",");
    while (*end == ',' && end[1 + strcspn(end + 1, ",=")] != '=')
        end += 1 + strcspn(end + 1, ",");
    return end;
}

/* NAME=VALUE, written over. */
static bool add_setting(struct writing *writing, char *word, struct fault *fault)
{
    char *equals = strchr(word, '=');
    if (equals == NULL || !props_name(span_of(word, (size_t)(equals - word))) ||
        equals[1] == '\0') {
        opt_bad_argument(fault, "--create", word, "want NAME=VALUE, as in retention.ms=60000");
        return false;
    }
    *equals = '\0';
    const struct prop setting = {.name = word, .value = equals + 1};
    return props_add(&writing->settings, &setting, fault);
}

static bool add_settings(struct writing *writing, char *at, struct fault *fault)
{
    while (*at == ',') {
        char *end = setting_end(++at), last = *end;
        *end = '\0';
        if (!add_setting(writing, at, fault))
            return false;
        *end = last;
        at = end;
    }
    return true;
}

bool writing_create(struct writing *writing, const char *word, struct fault *fault)
{
    uint64_t partitions = 0;
    char *copy = strdup(word), *comma = copy == NULL ? NULL : strchrnul(copy, ',');
    if (copy == NULL) {
        fault_memory(fault);
        return false;
    }
    char first = *comma;
    *comma = '\0';
    props_close(&writing->settings);
    if (!parse_count(copy, 1, &partitions) || partitions > INT32_MAX) {
        opt_bad_argument(fault, "--create", word, "want a number of partitions first");
    } else {
        writing->create = (int32_t)partitions;
        *comma = first;
        add_settings(writing, comma, fault);
    }
    free(copy);
    return fault->status == 0;
}

bool writing_on_error(struct writing *writing, const char *word)
{
    static const char dlq[] = "dlq:";
    if (strcmp(word, "fail") == 0)
        writing->refused = WRITING_FAIL;
    else if (strcmp(word, "skip") == 0)
        writing->refused = WRITING_SKIP;
    else if (strncmp(word, dlq, sizeof dlq - 1) == 0 && word[sizeof dlq - 1] != '\0')
        writing->refused = WRITING_DLQ;
    else
        return false;
    writing->dead = writing->refused == WRITING_DLQ ? word + sizeof dlq - 1 : NULL;
    return true;
}

void writing_close(struct writing *writing)
{
    props_close(&writing->settings);
}
