#include "kcat-in/wanted.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct wanted_topic {
    const char *name; /* borrowed */
    bool pattern;
    regex_t regex; /* of a pattern */
    struct range_partitions partitions;
};

/* Room for one more in both lists. */
static bool grow(struct wanted *wanted)
{
    size_t count = wanted->count + 1;
    struct wanted_topic *list = reallocarray(wanted->list, count, sizeof *list);
    if (list != NULL)
        wanted->list = list;
    const char **names = reallocarray(wanted->names, count, sizeof *names);
    if (names != NULL)
        wanted->names = names;
    return list != NULL && names != NULL;
}

static bool compile(struct wanted_topic *topic, struct fault *fault)
{
    char why[128];
    int wrong = regcomp(&topic->regex, topic->name, REG_EXTENDED | REG_NOSUB);
    if (wrong == 0)
        return true;
    regerror(wrong, &topic->regex, why, sizeof why);
    fault_set(fault, STATUS_USAGE, "-t %.300s: %s: mend the pattern", topic->name, why);
    return false;
}

static bool name_is_one(const char *name, struct fault *fault)
{
    if (strchr(name, ',') != NULL)
        fault_set(fault, STATUS_USAGE, "-t %.300s: one topic each: -t ONE -t TWO", name);
    return fault->status == 0;
}

bool wanted_add(struct wanted *wanted, char *word, struct fault *fault)
{
    if (!grow(wanted)) {
        fault_memory(fault);
        return false;
    }
    struct wanted_topic *topic = &wanted->list[wanted->count];
    *topic = (struct wanted_topic){.name = word, .pattern = word[0] == '^'};
    if (!range_topic(word, &topic->partitions))
        fault_set(fault, STATUS_USAGE, "-t %.300s: want TOPIC, or some partitions: TOPIC:0,2-5",
                  word);
    else if (topic->pattern ? !compile(topic, fault) : !name_is_one(word, fault))
        return false;
    if (fault->status != 0)
        return false;
    wanted->names[wanted->count++] = word;
    return true;
}

void wanted_close(struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (wanted->list[i].pattern)
            regfree(&wanted->list[i].regex);
    free(wanted->list);
    free(wanted->names);
    *wanted = (struct wanted){0};
}

static bool internal(const char *name)
{
    return strncmp(name, "__", 2) == 0;
}

static bool means(const struct wanted_topic *topic, const char *name)
{
    if (!topic->pattern)
        return strcmp(topic->name, name) == 0;
    if (internal(name) && !internal(topic->name + 1))
        return false;
    return regexec(&topic->regex, name, 0, NULL, 0) == 0;
}

bool wanted_topic(const struct wanted *wanted, const char *topic)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (means(&wanted->list[i], topic))
            return true;
    return false;
}

bool wanted_partition(const struct wanted *wanted, const char *topic, int32_t partition)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (range_has(&wanted->list[i].partitions, partition) && means(&wanted->list[i], topic))
            return true;
    return false;
}

int32_t wanted_highest(const struct wanted *wanted, const char *topic)
{
    int32_t highest = -1;
    for (size_t i = 0; i < wanted->count; i++) {
        int32_t last = range_highest(&wanted->list[i].partitions);
        if (last > highest && means(&wanted->list[i], topic))
            highest = last;
    }
    return highest;
}

bool wanted_patterns(const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (wanted->list[i].pattern)
            return true;
    return false;
}

bool wanted_some(const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (wanted->list[i].partitions.count > 0)
            return true;
    return false;
}

bool wanted_internal(const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (internal(wanted->list[i].name + wanted->list[i].pattern))
            return true;
    return false;
}
