#include "kafka/range.h"

#include "util/when.h"

#include <ctype.h>
#include <string.h>

/* Digits at *word, past them afterwards; -1: none, or over `most`. */
static int64_t number(const char **word, int64_t most)
{
    int64_t value = 0;
    if (!isdigit((unsigned char)**word))
        return -1;
    for (; isdigit((unsigned char)**word); (*word)++) {
        int digit = **word - '0';
        if (value > (most - digit) / 10)
            return -1;
        value = value * 10 + digit;
    }
    return value;
}

bool range_parse(const char *word, int64_t now, struct range *range)
{
    *range = (struct range){RANGE_BEGINNING, 0};
    if (strcmp(word, "beginning") == 0)
        return true;
    range->kind = RANGE_END;
    if (strcmp(word, "end") == 0)
        return true;
    range->kind = RANGE_TIME;
    if (word[0] == '@')
        return when_parse(word + 1, now, &range->value);
    range->kind = word[0] == '-' ? RANGE_LAST : RANGE_OFFSET;
    word += word[0] == '-';
    range->value = number(&word, INT64_MAX);
    return range->value >= 0 && *word == '\0';
}

int64_t range_resolve(const struct range *range, int64_t low, int64_t high, int64_t found)
{
    switch (range->kind) {
    case RANGE_END:
        return high;
    case RANGE_OFFSET:
        return range->value > low ? range->value : low;
    case RANGE_LAST:
        return range->value < high - low ? high - range->value : low;
    case RANGE_TIME:
        return found < 0 ? high : found > low ? found : low;
    default:
        return low;
    }
}

/* One "N" or "N-M". */
static bool span(const char **word, struct range_partitions *partitions)
{
    if (partitions->count == RANGE_SPANS)
        return false;
    int64_t first = number(word, INT32_MAX), last = first;
    if (**word == '-') {
        (*word)++;
        last = number(word, INT32_MAX);
    }
    if (first < 0 || last < first)
        return false;
    partitions->spans[partitions->count].first = (int32_t)first;
    partitions->spans[partitions->count++].last = (int32_t)last;
    return true;
}

bool range_topic(char *word, struct range_partitions *partitions)
{
    partitions->count = 0;
    char *colon = word[0] == '^' ? NULL : strchr(word, ':');
    if (colon == NULL)
        return word[0] != '\0';
    const char *list = colon + 1;
    while (span(&list, partitions)) {
        if (*list == '\0') {
            *colon = '\0';
            return word[0] != '\0';
        }
        if (*list++ != ',')
            return false;
    }
    return false;
}

bool range_has(const struct range_partitions *partitions, int32_t partition)
{
    for (size_t i = 0; i < partitions->count; i++)
        if (partition >= partitions->spans[i].first && partition <= partitions->spans[i].last)
            return true;
    return partitions->count == 0;
}

int32_t range_highest(const struct range_partitions *partitions)
{
    int32_t highest = -1;
    for (size_t i = 0; i < partitions->count; i++)
        if (partitions->spans[i].last > highest)
            highest = partitions->spans[i].last;
    return highest;
}
