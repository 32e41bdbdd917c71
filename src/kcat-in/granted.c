/* kcat-in/granted: what the sink may commit in its transaction, where it delivers exactly once.
 *
 * Asked as late as can be, when the output of a barrier is in the brokers and only the offsets are
 * missing, so that the generation is the present one however long the pipe is. Asked and answered
 * over the ack socket, also while the pipe is full and in the middle of a revoke. */
#include "kafka/membership.h"
#include "kcat-in/member.h"

static void add_offsets(struct member *member)
{
    for (size_t i = 0; i < member->ledger.place_count; i++) {
        const struct ledger_place *place = &member->ledger.places[i];
        const struct holding *part = &member->parts[i];
        if (!place->owned || place->listed < 0)
            continue;
        struct grant_offset offset = {.topic = span_str(part->topic),
                                      .partition = part->partition,
                                      .offset = place->listed,
                                      .note = span_str(part->note == NULL ? "" : part->note)};
        grant_add(&member->grant, &offset);
    }
}

/* False: we are no member now, or not of this assignment any more. */
static bool make_grant(struct member *member)
{
    struct membership membership;
    rd_kafka_t *handle = member->client.handle;
    bool known = membership_open(&membership, handle) && !rd_kafka_assignment_lost(handle);
    if (known) {
        struct grant grant = {.generation = membership.generation,
                              .group = span_str(membership.group),
                              .member = span_str(membership.member)};
        if (membership.instance != NULL)
            grant.instance = span_str(membership.instance);
        grant_start(&member->grant, &grant);
        add_offsets(member);
        known = !member->grant.failed;
    }
    membership_close(&membership);
    return known;
}

void member_grant(struct member *member)
{
    enum ledger_answer answer = ledger_grant(&member->ledger, member->host.asked);
    if (answer == LEDGER_GRANT && make_grant(member))
        host_grant(&member->host, span_of(member->grant.at, member->grant.size));
    else
        host_refuse(&member->host, answer == LEDGER_EMPTY);
}
