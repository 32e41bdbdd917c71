/* kcat-in/member: one turn of its event loop, and what is committed. */
#include "kcat-in/member.h"

#include "util/clock.h"
#include "util/sig.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int64_t member_place(struct member *member, const char *topic, int32_t partition, bool add)
{
    for (size_t n = 0; n < member->part_count; n++) {
        size_t i = (member->last_part + n) % member->part_count;
        const struct holding *part = &member->parts[i];
        if (part->partition == partition && strcmp(part->topic, topic) == 0) {
            member->last_part = i;
            return (int64_t)i;
        }
    }
    if (!add)
        return -1;
    struct holding *parts = reallocarray(member->parts, member->part_count + 1, sizeof *parts);
    char *name = strdup(topic);
    if (parts != NULL)
        member->parts = parts;
    if (parts == NULL || name == NULL) {
        free(name);
        return -1;
    }
    member->parts[member->part_count] = (struct holding){
        .topic = name, .partition = partition, .end = INT64_MAX, .acked = -1, .confirmed = -1};
    writer_source(member->writer, (uint32_t)member->part_count + 1, span_str(topic), partition, -1);
    return (int64_t)member->part_count++;
}

void member_barrier(struct member *member, bool final)
{
    int64_t number = ledger_barrier(&member->ledger);
    if (number == 0) {
        fault_memory(member->fault);
        return;
    }
    if (member->first == 0 && member->put > 0)
        member->first = number;
    writer_barrier(member->writer, number, final);
    pacing_barrier(&member->pacing, number, clock_ms());
}

/* Acked and not confirmed yet: what a commit holds, so that one that failed is asked again. */
static rd_kafka_topic_partition_list_t *uncommitted(struct member *member)
{
    uint32_t place;
    int64_t position;
    while (ledger_commit(&member->ledger, &place, &position))
        member->parts[place].acked = position;
    if (member->once) {
        for (size_t i = 0; i < member->part_count; i++)
            member->parts[i].confirmed = member->parts[i].acked;
        return NULL;
    }
    rd_kafka_topic_partition_list_t *list = NULL;
    for (size_t i = 0; i < member->part_count; i++) {
        const struct holding *part = &member->parts[i];
        if (part->acked < 0 || part->acked == part->confirmed)
            continue;
        if (list == NULL)
            list = rd_kafka_topic_partition_list_new((int)member->part_count);
        rd_kafka_topic_partition_list_add(list, part->topic, part->partition)->offset = part->acked;
    }
    return list;
}

static void confirm(struct member *member, const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++) {
        int64_t place = member_place(member, list->elems[i].topic, list->elems[i].partition, false);
        if (place >= 0 && list->elems[i].err == RD_KAFKA_RESP_ERR_NO_ERROR &&
            member->parts[place].acked >= list->elems[i].offset)
            member->parts[place].confirmed = list->elems[i].offset;
    }
}

static void take_commit(struct member *member, rd_kafka_event_t *event)
{
    const rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(event);
    if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR && list != NULL)
        confirm(member, list);
    rd_kafka_event_destroy(event);
    member->committing = false;
}

/* Waits for the answer to the commit that is on its way. */
static void await_commit(struct member *member)
{
    int64_t end = clock_ms() + MEMBER_DRAIN_MS;
    while (member->committing && clock_ms() < end) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(member->commits, 100);
        if (event != NULL)
            take_commit(member, event);
    }
}

static void commit_now(struct member *member, rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (!member->committing)
        err = rd_kafka_commit(member->client.handle, list, 0);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
        confirm(member, list);
    else
        fault_note(member->fault, "group %s: a commit failed: %s: some records will come again",
                   member->options->group, rd_kafka_err2str(err));
}

/* One at a time: when a coordinator dies the library sends again what it has not answered, and an
 * older one could come last. */
void member_commit(struct member *member, bool wait)
{
    if (wait)
        await_commit(member);
    rd_kafka_topic_partition_list_t *list = uncommitted(member);
    if (list == NULL)
        return;
    if (wait)
        commit_now(member, list);
    else if (member->committing)
        member->more = true;
    else
        member->committing = rd_kafka_commit_queue(member->client.handle, list, member->commits,
                                                   NULL, NULL) == RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_topic_partition_list_destroy(list);
}

static void take_commits(struct member *member)
{
    rd_kafka_event_t *event;
    while ((event = rd_kafka_queue_poll(member->commits, 0)) != NULL)
        take_commit(member, event);
    if (member->committing || !member->more)
        return;
    member->more = false;
    member_commit(member, false);
}

/* kpipe-loop(1) wants to know whether a run got anywhere: a byte in its file says so. Where that
 * cannot be written, it does not know. */
static void note_first_ack(void)
{
    const char *file = secure_getenv("KPIPE_LOOP");
    int fd = file == NULL ? -1 : open(file, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t written = write(fd, "+", 1);
    (void)written;
    close(fd);
}

/* Everything up to `barrier` is safe at the far end. */
static void take_ack(struct member *member, int64_t barrier)
{
    if (barrier == member->ledger.acked)
        return;
    if (member->first > member->ledger.acked && member->first <= barrier)
        note_first_ack();
    if (!ledger_ack(&member->ledger, barrier))
        fault_set(member->fault, STATUS_STREAM, "the ack socket: an ACK for a barrier never put");
    for (int64_t n = barrier - PACING_BARRIERS + 1; n <= barrier; n++)
        if (n > 0)
            pacing_ack(&member->pacing, n, clock_ms());
    member_commit(member, false);
}

static void take_event(struct member *member, enum host_event event, int status)
{
    switch (event) {
    case HOST_BYE:
        member->left = true;
        if (status != 0)
            fault_inherit(member->fault, status, NULL, 0, NULL, 0);
        break;
    case HOST_LOST:
        member->left = true;
        fault_set(
            member->fault, STATUS_RETRY,
            "group %s: the far end died before it had everything: start again: nothing is lost",
            member->options->group);
        break;
    case HOST_STOP:
        member->ending = true;
        break;
    case HOST_PREPARE:
        member_grant(member);
        break;
    default:
        break;
    }
}

static void hear(struct member *member)
{
    int status = 0;
    enum host_event event;
    while ((event = host_next(&member->host, &status)) != HOST_NOTHING) {
        if (host_ready(&member->host) == member->options->sinks)
            take_ack(member, host_acked(&member->host));
        take_event(member, event, status);
    }
}

/* The first signal asks for a clean end, a second one for an end. */
static void take_signal(struct member *member)
{
    int signal = sig_take();
    if (signal == 0)
        return;
    if (member->signal != 0)
        fault_signal(member->fault, signal);
    member->signal = signal;
    member->ending = true;
}

void member_turn(struct member *member, int wait_ms)
{
    struct out *out = &member->writer->out;
    bool restoring = member->restore.reading > 0;
    struct pollfd fds[3 + HOST_FDS] = {
        {.fd = out->fd, .events = (short)(out->have > 0 ? POLLOUT : 0)},
        {.fd = member->client.wake, .events = POLLIN},
        {.fd = restoring ? member->restore.reader.wake : -1, .events = POLLIN}};
    size_t count = 3 + (member->options->written ? 0 : host_fds(&member->host, fds + 3));
    sig_poll(fds, count, wait_ms);
    take_signal(member);
    if ((fds[0].revents & (POLLERR | POLLHUP)) != 0 && !out->failed &&
        !(member->ended && out->have == 0))
        out_lost(out);
    client_woken(&member->client);
    bool empty = out_drain(out);
    if (member->options->written && empty)
        take_ack(member, member->ledger.barrier);
    if (!member->options->written)
        hear(member);
    take_commits(member);
}
