#include "kafka/membership.h"

#include <stddef.h>
#include <string.h>

/* rdkafka_cgrp.c, 1.6 to 2.16: "CGMDv2:" generation, in the machine's order | group NUL |
 * member NUL | 1: no instance, 0: instance NUL */
static const char magic[7] = "CGMDv2:";

static bool take(const char **at, const char *end, void *to, size_t size)
{
    if ((size_t)(end - *at) < size)
        return false;
    memcpy(to, *at, size);
    *at += size;
    return true;
}

static const char *take_text(const char **at, const char *end)
{
    const char *text = *at, *nul = memchr(text, '\0', (size_t)(end - text));
    if (nul == NULL)
        return NULL;
    *at = nul + 1;
    return text;
}

static bool parse(struct membership *membership, size_t size)
{
    const char *at = membership->bytes, *end = at + size;
    char start[sizeof magic], no_instance;
    if (!take(&at, end, start, sizeof start) || memcmp(start, magic, sizeof magic) != 0 ||
        !take(&at, end, &membership->generation, sizeof membership->generation))
        return false;
    membership->group = take_text(&at, end);
    membership->member = membership->group == NULL ? NULL : take_text(&at, end);
    if (membership->member == NULL || !take(&at, end, &no_instance, 1))
        return false;
    if (no_instance == 0)
        membership->instance = take_text(&at, end);
    return at == end && (no_instance == 1 || membership->instance != NULL);
}

bool membership_open(struct membership *membership, rd_kafka_t *handle)
{
    size_t size;
    *membership = (struct membership){.generation = -1};
    rd_kafka_consumer_group_metadata_t *metadata = rd_kafka_consumer_group_metadata(handle);
    if (metadata == NULL)
        return false;
    rd_kafka_error_t *error =
        rd_kafka_consumer_group_metadata_write(metadata, &membership->bytes, &size);
    rd_kafka_consumer_group_metadata_destroy(metadata);
    if (error != NULL) {
        rd_kafka_error_destroy(error);
        membership->bytes = NULL;
        return false;
    }
    char *member = rd_kafka_memberid(handle);
    bool known = member != NULL && *member != '\0' && parse(membership, size) &&
                 membership->generation >= 0 && strcmp(member, membership->member) == 0;
    if (member != NULL)
        rd_kafka_mem_free(handle, member);
    return known;
}

void membership_close(struct membership *membership)
{
    if (membership->bytes != NULL)
        rd_kafka_mem_free(NULL, membership->bytes);
    membership->bytes = NULL;
}
