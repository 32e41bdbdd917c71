/* kcat-in/assign: partitions that come and go. Eagerly, all go before all come; cooperatively, and
 * with group.protocol=consumer, only those that move. */
#include "kafka/errors.h"
#include "kafka/topics.h"
#include "kcat-in/member.h"
#include "util/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { COMMITTED_MS = 2000, NONE_AGAIN_MS = 50, TELL_MS = 5000 };

/* All that was put is asked back: a barrier, its acks, their commit. Bounded: who waits for our
 * revoke is the whole group. */
static void drain(struct member *member)
{
    int64_t end = clock_ms() + MEMBER_DRAIN_MS;
    if (ledger_moved(&member->ledger))
        member_barrier(member, false);
    while (member->ledger.acked < member->ledger.barrier && member->fault->status == 0 &&
           !member->left && clock_ms() < end)
        member_turn(member, 100);
    member_commit(member, true);
    if (member->once && member->ledger.acked < member->ledger.barrier && !member->left)
        fault_set(
            member->fault, STATUS_RETRY,
            "group %s: partitions had to be given up before the far end had them: start again",
            member->options->group);
}

/* At least once goes on without them: their records come again, to whoever has them now. Exactly
 * once cannot: filters and sink hold what was made of them. */
static void lost(struct member *member)
{
    static const char what[] = "our partitions went to others";
    if (member->once && member->fault->status == 0 && !member->left)
        fault_set(member->fault, STATUS_RETRY, "group %s: %s: start again", member->options->group,
                  what);
    else
        fault_note(member->fault, "group %s: %s: going on without them", member->options->group,
                   what);
}

static void forget_coming(struct member *member)
{
    if (member->coming != NULL)
        rd_kafka_topic_partition_list_destroy(member->coming);
    member->coming = NULL;
    member->heard = 0;
    member->coming_since = 0;
}

/* Those of `parts`, or all where it is NULL. */
static void give_up(struct member *member, const rd_kafka_topic_partition_list_t *parts)
{
    for (size_t i = 0; i < member->part_count; i++) {
        struct holding *part = &member->parts[i];
        if (parts != NULL &&
            rd_kafka_topic_partition_list_find(parts, part->topic, part->partition) == NULL)
            continue;
        ledger_give_up(&member->ledger, (uint32_t)i);
        part->acked = part->confirmed = -1;
    }
}

static bool cooperative(rd_kafka_t *handle)
{
    const char *protocol = rd_kafka_rebalance_protocol(handle);
    return protocol != NULL && strcmp(protocol, "COOPERATIVE") == 0;
}

static void revoked(struct member *member, rd_kafka_topic_partition_list_t *parts)
{
    rd_kafka_t *handle = member->client.handle;
    bool gone = rd_kafka_assignment_lost(handle);
    if (gone)
        lost(member);
    else if (member->fault->status == 0 && !member->left)
        drain(member);
    restore_drop(member, cooperative(handle) ? parts : NULL, gone ? FRAME_LOST : FRAME_REVOKED);
    if (!cooperative(handle)) {
        give_up(member, NULL);
        forget_coming(member);
        rd_kafka_assign(handle, NULL);
        return;
    }
    give_up(member, parts);
    for (int i = 0; i < parts->cnt && member->coming != NULL; i++)
        rd_kafka_topic_partition_list_del(member->coming, parts->elems[i].topic,
                                          parts->elems[i].partition);
    rd_kafka_error_t *error = rd_kafka_incremental_unassign(handle, parts);
    if (error != NULL)
        rd_kafka_error_destroy(error);
}

void assign_rebalanced(rd_kafka_t *handle, rd_kafka_resp_err_t err,
                       rd_kafka_topic_partition_list_t *parts, void *opaque)
{
    struct client *client = opaque;
    struct member *member = client->owner;
    if (err != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        revoked(member, parts);
        return;
    }
    if (!cooperative(handle))
        give_up(member, NULL);
    forget_coming(member); /* the library waits for our assign before it gives more */
    member->coming = rd_kafka_topic_partition_list_copy(parts);
}

enum stored { STORED, STORED_AGAIN, STORED_FAILED };

/* An offset that belongs to an open transaction is not stable, and comes when that has ended: for
 * most it is a dead sink's, whose transaction times out. */
static enum stored not_yet(struct member *member, rd_kafka_resp_err_t err)
{
    int64_t now = clock_ms();
    char object[MEMBER_OBJECT];
    if (member->coming_since == 0)
        member->coming_since = now;
    int64_t waited = now - member->coming_since;
    if (errors_passing(err) && waited < member->options->timeout_ms) {
        if (waited >= TELL_MS && !member->told_unstable)
            fault_note(member->fault,
                       "group %s: waiting for its offsets: the brokers do not give them yet (%s)",
                       member->options->group, rd_kafka_err2str(err));
        member->told_unstable |= waited >= TELL_MS;
        return STORED_AGAIN;
    }
    snprintf(object, sizeof object, "group %.200s", member->options->group);
    errors_set(member->fault, object, err, "its offsets cannot be read");
    return STORED_FAILED;
}

/* The stable committed offsets. "Nothing stored" is also what a coordinator says that gives the
 * group up between looking whether the group is its own and looking it up: GroupMetadataManager
 * until Kafka 3. It has given it up by the time that is heard: who is asked then knows the offsets,
 * or says that it does not yet, and that the log behind it is not confirmed is waited out (a stable
 * fetch). So it is believed when it is said twice, one after the other; where the brokers have
 * refused an answer since the partitions came, something is moving, and time is left in between. */
static enum stored stored(struct member *member, rd_kafka_topic_partition_list_t *list)
{
    for (int round = 0;; round++) {
        rd_kafka_resp_err_t err = rd_kafka_committed(member->client.handle, list, COMMITTED_MS);
        bool none = false;
        for (int i = 0; i < list->cnt; i++) {
            if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
                err = list->elems[i].err;
            none |= list->elems[i].offset < 0;
        }
        if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
            return not_yet(member, err);
        if (!none || round == 1)
            return STORED;
        if (member->coming_since != 0)
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

/* One partition's start; `found`: for -o @TIME. A place past the end is the end: it is what will be
 * committed. False: the stored offset is outside of the log, and that is an error. */
static bool settle(struct member *member, rd_kafka_topic_partition_t *part, int64_t low,
                   int64_t high, int64_t found)
{
    enum group_reset reset = member->restore.on ? GROUP_RESET_ERROR : member->options->reset;
    if (part->offset < 0) {
        int64_t from = range_resolve(&member->options->from, low, high, found);
        part->offset = from < high ? from : high;
    } else if (part->offset < low || part->offset > high) {
        if (reset == GROUP_RESET_ERROR) {
            fault_set(member->fault, STATUS_CONFIG,
                      "%.249s/%" PRId32 "@%" PRId64
                      ": the group's offset is not in the log any more "
                      "(%" PRId64 " to %" PRId64 "): %s",
                      part->topic, part->partition, part->offset, low, high,
                      member->restore.on ? "kpipe(7) tells how a store starts over"
                                         : "--on-reset earliest or latest");
            return false;
        }
        part->offset = reset == GROUP_RESET_EARLIEST ? low : high;
    }
    return true;
}

/* Whether there is a partition for which the group has an offset stored, or has none. */
static bool any_stored(const rd_kafka_topic_partition_list_t *list, bool is)
{
    for (int i = 0; i < list->cnt; i++)
        if ((list->elems[i].offset >= 0) == is)
            return true;
    return false;
}

/* From the stored offsets to where reading starts. The leaders are asked only what that needs: each
 * question is a round trip before the first record. False: the fault is set. */
static bool positions(struct member *member, rd_kafka_topic_partition_list_t *list)
{
    const struct range *from = &member->options->from;
    bool none = any_stored(list, false), some = any_stored(list, true);
    const bool needed[] = {true, some || from->kind != RANGE_BEGINNING,
                           none && from->kind == RANGE_TIME};
    const int64_t asked[] = {RD_KAFKA_OFFSET_BEGINNING, RD_KAFKA_OFFSET_END, from->value};
    rd_kafka_topic_partition_list_t *at[3] = {NULL};
    bool settled = true;
    for (int i = 0; i < 3 && settled; i++)
        settled = !needed[i] || (at[i] = edges(member, list, asked[i])) != NULL;
    for (int i = 0; i < list->cnt && settled; i++)
        settled = settle(member, &list->elems[i], at[0]->elems[i].offset,
                         needed[1] ? at[1]->elems[i].offset : INT64_MAX,
                         needed[2] ? at[2]->elems[i].offset : -1);
    for (int i = 0; i < 3; i++)
        if (at[i] != NULL)
            rd_kafka_topic_partition_list_destroy(at[i]);
    return settled;
}

/* Where this partition's records go: to the one data queue, or nowhere yet. */
static void forward(struct member *member, const struct holding *part, rd_kafka_queue_t *to)
{
    rd_kafka_queue_t *queue =
        rd_kafka_queue_get_partition(member->client.handle, part->topic, part->partition);
    if (queue == NULL)
        return;
    rd_kafka_queue_forward(queue, to);
    rd_kafka_queue_destroy(queue);
}

void assign_open_part(struct member *member, size_t place)
{
    const struct holding *part = &member->parts[place];
    if (ledger_assign(&member->ledger, (uint32_t)place, part->start))
        forward(member, part, member->data);
    else
        fault_memory(member->fault);
}

/* Keeps the metadata of the partition's committed offset, for those that will be committed. */
static bool keep_note(struct holding *part, struct span note)
{
    free(part->note);
    part->note = note.size == 0 ? NULL : strndup((const char *)note.at, note.size);
    return note.size == 0 || part->note != NULL;
}

/* A partition that has come. Its records wait where its state is not there yet (kcat-in/restore).
 */
static void begin_part(struct member *member, const rd_kafka_topic_partition_t *part)
{
    int64_t place = member_place(member, part->topic, part->partition, true);
    struct holding *ours = place < 0 ? NULL : &member->parts[place];
    if (ours == NULL || !keep_note(ours, span_of(part->metadata, part->metadata_size))) {
        fault_memory(member->fault);
        return;
    }
    ours->start = part->offset;
    ours->end = bounded_end(&member->bounded, part->topic, part->partition);
    ours->at_end = part->offset >= ours->end;
    if (member->restore.on)
        forward(member, ours, NULL);
    else
        assign_open_part(member, (size_t)place);
}

static void assign(struct member *member, const rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_t *handle = member->client.handle;
    rd_kafka_error_t *error =
        cooperative(handle) ? rd_kafka_incremental_assign(handle, list) : NULL;
    rd_kafka_resp_err_t err =
        cooperative(handle) ? rd_kafka_error_code(error) : rd_kafka_assign(handle, list);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        errors_set(member->fault, "the assignment", err, NULL);
    if (error != NULL)
        rd_kafka_error_destroy(error);
}

void assign_begin(struct member *member)
{
    rd_kafka_topic_partition_list_t *list = member->coming, *found = NULL;
    if (list == NULL || member->fault->status != 0)
        return;
    enum stored got = list->cnt == 0 ? STORED : stored(member, list);
    if (got == STORED_AGAIN)
        return;
    if (got == STORED)
        found = rd_kafka_topic_partition_list_copy(list);
    if (got == STORED && (list->cnt == 0 || positions(member, list))) {
        for (int i = 0; i < list->cnt; i++)
            begin_part(member, &list->elems[i]);
        assign(member, list);
        if (member->restore.on && member->fault->status == 0)
            restore_begin(member, found);
    }
    if (found != NULL)
        rd_kafka_topic_partition_list_destroy(found);
    forget_coming(member);
    member->heard = clock_ms();
}
