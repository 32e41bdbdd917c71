/* kcat-in/assign: partitions that come and go. Eager: all go before all come. */
#include "kafka/errors.h"
#include "kafka/topics.h"
#include "kcat-in/member.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { COMMITTED_MS = 5000, NONE_AGAIN_MS = 50 };

/* All that was put is asked back: a barrier, its acks, their commit. Bounded: who waits for our
 * revoke is the whole group. */
static void drain(struct member *member)
{
    int64_t end = client_clock() + MEMBER_DRAIN_MS;
    if (ledger_moved(&member->ledger))
        member_barrier(member, false);
    while (member->ledger.acked < member->ledger.barrier && member->fault->status == 0 &&
           !member->left && client_clock() < end)
        member_turn(member, 100);
    member_commit(member, true);
}

static void give_up(struct member *member)
{
    for (size_t i = 0; i < member->part_count; i++) {
        ledger_give_up(&member->ledger, (uint32_t)i);
        member->parts[i].acked = member->parts[i].confirmed = -1;
    }
    if (member->coming != NULL)
        rd_kafka_topic_partition_list_destroy(member->coming);
    member->coming = NULL;
}

void assign_rebalanced(rd_kafka_t *handle, rd_kafka_resp_err_t err,
                       rd_kafka_topic_partition_list_t *parts, void *opaque)
{
    struct client *client = opaque;
    struct member *member = client->owner;
    if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        give_up(member);
        member->coming = rd_kafka_topic_partition_list_copy(parts);
        return;
    }
    if (rd_kafka_assignment_lost(handle))
        fault_note(member->fault, "group %s: our partitions went to others: going on without them",
                   member->options->group);
    else if (member->fault->status == 0)
        drain(member);
    give_up(member);
    rd_kafka_assign(handle, NULL);
}

/* The stable committed offsets. "Nothing stored" can be a coordinator that is just moving: it is
 * believed when it is said twice. */
static bool stored(struct member *member, rd_kafka_topic_partition_list_t *list)
{
    for (int round = 0;; round++) {
        rd_kafka_resp_err_t err = rd_kafka_committed(member->client.handle, list, COMMITTED_MS);
        bool none = false;
        for (int i = 0; i < list->cnt; i++) {
            if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
                err = list->elems[i].err;
            none |= list->elems[i].offset < 0;
        }
        if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            char object[MEMBER_OBJECT];
            snprintf(object, sizeof object, "group %.200s", member->options->group);
            errors_set(member->fault, object, err, "its offsets cannot be read");
            return false;
        }
        if (!none || round == 1)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = NONE_AGAIN_MS * 1000000L}, NULL);
    }
}

/* The offsets of `wanted`'s partitions at the beginning or the end. */
static rd_kafka_topic_partition_list_t *
edges(struct member *member, const rd_kafka_topic_partition_list_t *wanted, int64_t at)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_copy(wanted);
    if (topics_offsets(&member->client, list, at))
        return list;
    rd_kafka_topic_partition_list_destroy(list);
    return NULL;
}

/* One partition's start. False: the stored offset is outside of the log, and that is an error. */
static bool settle(struct member *member, rd_kafka_topic_partition_t *part, int64_t low,
                   int64_t high)
{
    enum group_reset reset = member->options->reset;
    if (part->offset < 0) {
        part->offset = member->options->from_end ? high : low;
    } else if (part->offset < low || part->offset > high) {
        if (reset == GROUP_RESET_ERROR) {
            fault_set(member->fault, STATUS_CONFIG,
                      "%.249s/%" PRId32 "@%" PRId64
                      ": the group's offset is not in the log any more "
                      "(%" PRId64 " to %" PRId64 "): --on-reset earliest or latest",
                      part->topic, part->partition, part->offset, low, high);
            return false;
        }
        part->offset = reset == GROUP_RESET_EARLIEST ? low : high;
    }
    return true;
}

static bool positions(struct member *member, rd_kafka_topic_partition_list_t *list)
{
    if (list->cnt == 0)
        return true;
    if (!stored(member, list))
        return false;
    rd_kafka_topic_partition_list_t *low = edges(member, list, RD_KAFKA_OFFSET_BEGINNING);
    rd_kafka_topic_partition_list_t *high =
        low == NULL ? NULL : edges(member, list, RD_KAFKA_OFFSET_END);
    bool settled = high != NULL;
    for (int i = 0; i < list->cnt && settled; i++)
        settled = settle(member, &list->elems[i], low->elems[i].offset, high->elems[i].offset);
    if (low != NULL)
        rd_kafka_topic_partition_list_destroy(low);
    if (high != NULL)
        rd_kafka_topic_partition_list_destroy(high);
    return settled;
}

/* From now on this partition's records come to the one data queue, and are expected. */
static bool begin_part(struct member *member, const rd_kafka_topic_partition_t *part)
{
    int64_t place = member_place(member, part->topic, part->partition, true);
    if (place < 0 || !ledger_assign(&member->ledger, (uint32_t)place, part->offset)) {
        fault_memory(member->fault);
        return false;
    }
    struct holding *ours = &member->parts[place];
    ours->end = bounded_end(&member->bounded, part->topic, part->partition);
    ours->at_end = part->offset >= ours->end;
    rd_kafka_queue_t *queue =
        rd_kafka_queue_get_partition(member->client.handle, part->topic, part->partition);
    if (queue != NULL) {
        rd_kafka_queue_forward(queue, member->data);
        rd_kafka_queue_destroy(queue);
    }
    return true;
}

void assign_begin(struct member *member)
{
    rd_kafka_topic_partition_list_t *list = member->coming;
    member->coming = NULL;
    if (list == NULL)
        return;
    bool begun = positions(member, list);
    for (int i = 0; i < list->cnt && begun; i++)
        begun = begin_part(member, &list->elems[i]);
    rd_kafka_resp_err_t err = begun ? rd_kafka_assign(member->client.handle, list) : 0;
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        errors_set(member->fault, "the assignment", err, NULL);
    rd_kafka_topic_partition_list_destroy(list);
}
