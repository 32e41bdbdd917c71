/* kcat-in/bounded: -e in a group: done when the GROUP has committed what was there at the start. */
#include "kafka/topics.h"
#include "kcat-in/member.h"
#include "util/clock.h"

#include <inttypes.h>
#include <stdlib.h>

enum { LOOK_MS = 200, TELL_MS = 5000, COMMITTED_MS = 5000 };

static rd_kafka_topic_partition_list_t *all_parts(struct member *member)
{
    const struct rd_kafka_metadata *metadata = client_metadata(&member->client, NULL);
    if (metadata == NULL)
        return NULL;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    for (int i = 0; i < metadata->topic_cnt; i++)
        if (wanted_topic(member->options->wanted, metadata->topics[i].topic))
            for (int32_t p = 0; p < metadata->topics[i].partition_cnt; p++)
                rd_kafka_topic_partition_list_add(list, metadata->topics[i].topic, p);
    rd_kafka_metadata_destroy(metadata);
    if (list->cnt == 0)
        fault_set(member->fault, STATUS_NOINPUT,
                  "-t %.300s: no topic matches: check the pattern and the brokers",
                  member->options->wanted->names[0]);
    return list;
}

/* Partitions without a record: nothing will be committed there. Their end becomes 0. */
static void drop_empty(struct member *member, rd_kafka_topic_partition_list_t *ends)
{
    rd_kafka_topic_partition_list_t *low = rd_kafka_topic_partition_list_copy(ends);
    if (topics_offsets(&member->client, low, RD_KAFKA_OFFSET_BEGINNING))
        for (int i = 0; i < ends->cnt; i++)
            if (ends->elems[i].offset <= low->elems[i].offset)
                ends->elems[i].offset = 0;
    rd_kafka_topic_partition_list_destroy(low);
}

bool bounded_open(struct member *member)
{
    struct bounded *bounded = &member->bounded;
    rd_kafka_topic_partition_list_t *ends = all_parts(member);
    if (ends == NULL)
        return false;
    if (ends->cnt > 0 && topics_offsets(&member->client, ends, RD_KAFKA_OFFSET_END))
        drop_empty(member, ends);
    bounded->ends = ends;
    bounded->deadline = clock_ms() + member->options->timeout_ms;
    return member->fault->status == 0;
}

int64_t bounded_end(const struct bounded *bounded, const char *topic, int32_t partition)
{
    if (bounded->ends == NULL)
        return INT64_MAX;
    const rd_kafka_topic_partition_t *end =
        rd_kafka_topic_partition_list_find(bounded->ends, topic, partition);
    return end == NULL ? 0 : end->offset; /* made since: nothing of it is ours to read */
}

/* The first partition that the group has not committed to its end; NULL: none. */
static const rd_kafka_topic_partition_t *behind(const struct bounded *bounded,
                                                const rd_kafka_topic_partition_list_t *committed)
{
    for (int i = 0; i < committed->cnt; i++)
        if (bounded->ends->elems[i].offset > 0 &&
            committed->elems[i].offset < bounded->ends->elems[i].offset)
            return &committed->elems[i];
    return NULL;
}

static void wait_for(struct member *member, const rd_kafka_topic_partition_t *part, int64_t now)
{
    struct bounded *bounded = &member->bounded;
    bool ours = false;
    for (size_t i = 0; i < member->part_count; i++)
        ours |= member->ledger.place_count > i && member->ledger.places[i].owned &&
                !member->parts[i].at_end;
    if (ours) { /* we are still reading: that is progress */
        bounded->deadline = now + member->options->timeout_ms;
        bounded->told = now;
        return;
    }
    if (bounded->told == 0)
        bounded->told = now;
    if (now >= bounded->deadline) {
        fault_set(member->fault, STATUS_RETRY,
                  "%.249s/%" PRId32
                  ": another member of group %.200s holds it and has not committed "
                  "it to its end: start again, or raise --timeout",
                  part->topic, part->partition, member->options->group);
    } else if (now - bounded->told >= TELL_MS) {
        bounded->told = now + 3600000;
        fault_note(member->fault,
                   "waiting for %s/%" PRId32 ", which another member of the group holds",
                   part->topic, part->partition);
    }
}

void bounded_look(struct member *member)
{
    struct bounded *bounded = &member->bounded;
    int64_t now = clock_ms();
    if (bounded->ends == NULL || bounded->reached || now < bounded->next_look)
        return;
    bounded->next_look = now + LOOK_MS;
    rd_kafka_topic_partition_list_t *committed = rd_kafka_topic_partition_list_copy(bounded->ends);
    if (committed->cnt == 0 || rd_kafka_committed(member->client.handle, committed, COMMITTED_MS) ==
                                   RD_KAFKA_RESP_ERR_NO_ERROR) {
        const rd_kafka_topic_partition_t *part = behind(bounded, committed);
        bounded->reached = part == NULL;
        if (part != NULL)
            wait_for(member, part, now);
    }
    rd_kafka_topic_partition_list_destroy(committed);
}

void bounded_close(struct bounded *bounded)
{
    if (bounded->ends != NULL)
        rd_kafka_topic_partition_list_destroy(bounded->ends);
    bounded->ends = NULL;
}
