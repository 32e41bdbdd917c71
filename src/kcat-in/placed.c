/* kcat-in/placed: tells once where two topics of a store place their keys by different rules. */
#include "kcat-in/member.h"

#include <stdlib.h>

static struct placing *placing_of(struct member *member, const char *topic, size_t *number)
{
    const struct wanted *wanted = member->options->wanted;
    for (*number = 0; *number < wanted->count; ++*number)
        if (strcmp(wanted->names[*number], topic) == 0)
            return &member->placings[*number];
    return NULL;
}

static void tell(struct member *member, size_t java, size_t other)
{
    const char **names = member->options->wanted->names;
    fault_note(
        member->fault,
        "topics %s and %s: place their keys by different rules: Java's in %s, another in %s: "
        "a key of both has two counts: write one of them anew: kcat-in -t %s | kout -t NEW",
        names[java], names[other], names[java], names[other], names[other]);
}

bool placed_open(struct member *member)
{
    size_t topics = member->options->wanted->count;
    if (!member->restore.on || topics < 2 || member->partitions < 2)
        return true;
    member->placings = calloc(topics, sizeof *member->placings);
    if (member->placings == NULL)
        fault_memory(member->fault);
    return member->placings != NULL;
}

void placed_look(struct member *member, struct holding *part, const rd_kafka_message_t *message)
{
    size_t number, i, count = member->options->wanted->count;
    struct placing *placing = placing_of(member, part->topic, &number);
    if (placing == NULL || message->key == NULL)
        return;
    int32_t java = rd_kafka_msg_partitioner_murmur2(message->rkt, message->key, message->key_len,
                                                    (int32_t)member->partitions, NULL, NULL);
    part->placed = !placing_look(placing, message->partition, java);
    enum placing_rule rule = placing_rule(placing);
    for (i = 0; i < count && rule != PLACING_OPEN; i++) {
        enum placing_rule there = placing_rule(&member->placings[i]);
        if (there == PLACING_OPEN || there == rule)
            continue;
        tell(member, rule == PLACING_JAVA ? number : i, rule == PLACING_JAVA ? i : number);
        placed_close(member);
        return;
    }
}

void placed_close(struct member *member)
{
    free(member->placings);
    member->placings = NULL;
}
