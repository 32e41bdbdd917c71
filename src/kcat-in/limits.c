/* kcat-in/limits: what may end a group's member: --per-partition, --idle, a topic made again. */
#include "kafka/topics.h"
#include "kcat-in/member.h"
#include "kcat-in/same.h"
#include "util/clock.h"

enum { SAME_EVERY_MS = 5000, SAME_AGAIN_MS = 1000 };

static bool owned(const struct member *member, size_t place)
{
    return place < member->ledger.place_count && member->ledger.places[place].owned;
}

/* A partition that is full is not fetched on for nothing. */
void limits_put(struct member *member, size_t place, const rd_kafka_message_t *message)
{
    struct holding *part = &member->parts[place];
    rd_kafka_timestamp_type_t type;
    mark_seen(&part->mark, rd_kafka_message_timestamp(message, &type));
    part->full = ++part->put == member->options->most;
    if (!part->full)
        return;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, part->topic, part->partition);
    rd_kafka_pause_partitions(member->client.handle, list);
    rd_kafka_topic_partition_list_destroy(list);
}

bool limits_reached(const struct member *member)
{
    bool full = false;
    for (size_t i = 0; i < member->part_count && member->options->most > 0; i++) {
        if (owned(member, i) && !member->parts[i].full && !member->parts[i].at_end)
            return false;
        full |= owned(member, i) && member->parts[i].full;
    }
    return full;
}

/* Whether we have read what is there of ours. False, and the fault is set: nobody says so. */
static bool all_read(struct member *member)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    for (size_t i = 0; i < member->part_count; i++)
        if (owned(member, i) && !member->parts[i].full)
            rd_kafka_topic_partition_list_add(list, member->parts[i].topic,
                                              member->parts[i].partition);
    bool read = list->cnt == 0 || topics_offsets(&member->client, list, RD_KAFKA_OFFSET_END);
    for (int i = 0; read && i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *part = &list->elems[i];
        int64_t place = member_place(member, part->topic, part->partition, false);
        read = member->ledger.places[place].position >= part->offset;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return read;
}

static bool ask_same(struct member *member)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    for (size_t i = 0; i < member->part_count; i++) {
        struct holding *part = &member->parts[i];
        if (owned(member, i))
            same_add(list, part->topic, part->partition, member->ledger.places[i].position,
                     &part->mark);
    }
    bool answered = same_ask(&member->client, list, &member->same_wait_ms);
    rd_kafka_topic_partition_list_destroy(list);
    return answered;
}

void limits_look(struct member *member, bool busy)
{
    int64_t idle = member->options->idle_ms, now = clock_ms();
    if (now - member->asked >= SAME_EVERY_MS) {
        bool answered = ask_same(member);
        member->asked = answered ? now : now - SAME_EVERY_MS + SAME_AGAIN_MS;
    }
    if (idle == 0 || member->heard == 0)
        return;
    if (busy) {
        member->heard = now;
    } else if (now - member->heard >= idle) {
        member->ending |= all_read(member);
        member->heard = now;
    }
}
