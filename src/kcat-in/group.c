#include "kcat-in/group.h"

#include "kcat-in/member.h"
#include "util/clock.h"

#include <signal.h>
#include <stdlib.h>

enum { QUEUE_MOST = OUT_BUFFER }; /* bytes that wait for the pipe; then the topics wait */

static bool enough(const struct member *member)
{
    return member->options->count > 0 && member->put >= member->options->count;
}

static bool may_put(const struct member *member)
{
    return member->fault->status == 0 && !member->ending && !enough(member) &&
           member->writer->out.have < QUEUE_MOST && pacing_open_to(&member->pacing);
}

/* All that we hold is read to its end and committed. */
static bool settled(const struct member *member)
{
    for (size_t i = 0; i < member->part_count; i++)
        if (i < member->ledger.place_count && member->ledger.places[i].owned &&
            (!member->parts[i].at_end || member->parts[i].acked != member->parts[i].confirmed))
            return false;
    return ledger_settled(&member->ledger);
}

static bool all_read(const struct member *member)
{
    bool any = false;
    for (size_t i = 0; i < member->part_count; i++)
        if (i < member->ledger.place_count && member->ledger.places[i].owned) {
            any = true;
            if (!member->parts[i].at_end)
                return false;
        }
    return any;
}

static void look_for_the_end(struct member *member)
{
    if (enough(member) || limits_reached(member))
        member->ending = true;
    if (member->bounded.ends == NULL || member->ending)
        return;
    if (all_read(member) && ledger_moved(&member->ledger))
        member_barrier(member, false);
    bool was = member->bounded.settled, is = member->bounded.settled = settled(member);
    if (is && !was) /* that may have been the last of it: now, not at the next look's time */
        member->bounded.next_look = 0;
    if (is || !all_read(member))
        bounded_look(member);
    if (member->bounded.reached)
        member->ending = true;
}

static bool going_on(const struct member *member)
{
    return member->fault->status == 0 && !member->ending && !member->left;
}

/* How far a bounded run is: of the partitions that are ours. */
static void show(struct member *member)
{
    static const char what[] = "records";
    const struct out *out = &member->writer->out;
    const struct group_options *options = member->options;
    if ((!options->exit_at_end && options->count == 0 && options->most == 0) ||
        member->restore.reading > 0 || !screen_due(&member->screen, what))
        return;
    struct progress_sum sum = {.records = member->put, .bytes = out->total + out->have};
    for (size_t i = 0; i < member->ledger.place_count && i < member->part_count; i++) {
        const struct holding *part = &member->parts[i];
        const struct progress_part of = {.start = part->start,
                                         .position = member->ledger.places[i].position,
                                         .end = part->end,
                                         .put = part->put,
                                         .most = options->most,
                                         .done = part->at_end || part->full};
        if (member->ledger.places[i].owned)
            progress_part(&sum, &of);
    }
    progress_count(&sum, options->count);
    screen_draw(&member->screen, what, &sum);
}

static void read_topics(struct member *member)
{
    while (going_on(member)) {
        take_news(member);
        bool may = may_put(member), got = may && take_batch(member);
        if (member->writer->out.have < QUEUE_MOST)
            got |= restore_turn(member);
        limits_look(member, got || !may);
        int64_t now = clock_ms();
        bool moved = ledger_moved(&member->ledger);
        if (pacing_due(&member->pacing, moved, now))
            member_barrier(member, false);
        look_for_the_end(member);
        show(member);
        int wait = got ? 0 : pacing_wait(&member->pacing, moved, now);
        if (wait < 0 || wait > 100)
            wait = member->bounded.ends != NULL || member->options->idle_ms > 0 ? 50 : 1000;
        member_turn(member, going_on(member) ? wait : 0);
    }
    screen_clear(&member->screen);
}

/* FINAL, END, the last acks, the last commit. */
static bool end_cleanly(struct member *member)
{
    struct out *out = &member->writer->out;
    int64_t end = clock_ms() + MEMBER_POLL_MS;
    member_barrier(member, true);
    writer_end(member->writer);
    member->ended = true;
    while (member->fault->status == 0 && !member->left && clock_ms() < end &&
           (out->have > 0 || member->ledger.acked < member->ledger.barrier))
        member_turn(member, 100);
    member_commit(member, true);
    for (size_t i = 0; i < member->part_count; i++)
        if (member->parts[i].acked != member->parts[i].confirmed)
            fault_set(
                member->fault, STATUS_RETRY,
                "group %s: the last offsets could not be committed: start again: some records "
                "come twice",
                member->options->group);
    if (member->ledger.acked < member->ledger.barrier && !member->left)
        fault_set(member->fault, STATUS_RETRY,
                  "group %s: the far end did not acknowledge the last records: start again",
                  member->options->group);
    return out->have == 0;
}

static void close_all(struct member *member)
{
    if (member->signal == SIGINT && member->fault->status == 0)
        fault_signal(member->fault, SIGINT);
    host_done(&member->host, member->fault->status);
    host_close(&member->host);
    if (member->client.handle != NULL) {
        member->left = true; /* the revoke that closing brings has nothing to drain */
        client_leave(&member->client);
    }
    rd_kafka_queue_t *queues[] = {member->data, member->commits, member->control};
    for (int i = 0; i < 3; i++)
        if (queues[i] != NULL)
            rd_kafka_queue_destroy(queues[i]);
    if (member->coming != NULL)
        rd_kafka_topic_partition_list_destroy(member->coming);
    bounded_close(&member->bounded);
    restore_close(&member->restore);
    placed_close(member);
    client_close(&member->client);
    for (size_t i = 0; i < member->part_count; i++) {
        free(member->parts[i].topic);
        free(member->parts[i].note);
    }
    free(member->parts);
    message_block_free(&member->block);
    grant_free(&member->grant);
    ledger_close(&member->ledger);
}

bool group_run(const struct group_options *options, struct writer *writer, bool *ended,
               struct fault *fault)
{
    struct member member = {.options = options, .fault = fault, .writer = writer};
    member.host.fd = -1;
    member.client.wake = member.restore.reader.wake = member.restore.looker.wake = -1;
    *ended = false;
    ledger_open(&member.ledger);
    screen_open(&member.screen, options->progress, fault);
    if (out_queue(&writer->out) && join_ready(&member) && restore_open(&member) &&
        placed_open(&member) && (!options->exit_at_end || bounded_open(&member)) &&
        join_group(&member))
        read_topics(&member);
    if (fault->status == 0)
        *ended = end_cleanly(&member);
    close_all(&member);
    return fault->status == 0;
}
