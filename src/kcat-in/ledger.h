/* kcat-in/ledger: which offsets may be committed when the far end has a barrier's data. Pure.
 *
 * A partition is a place, a small number (its SOURCE id less 1). While it is ours it is in a stint;
 * a stint ends when the partition is given up and never goes on. A barrier remembers where each
 * partition stood; its ack makes those positions committable, but only of partitions whose stint
 * has not ended since: a late ack must not overwrite the next owner's offset (no broker checks
 * that). The first barrier of a stint lists its partition, moved or not.
 *
 * Where the far end commits the offsets itself, exactly once, it asks before each barrier, and is
 * granted the offsets of all partitions as of that barrier: only in order, each after the one
 * before was acked, and only while no partition was given up with records that were put and not
 * acked. From then on nothing is granted any more: a commit without its offset would skip or double
 * them. */
#ifndef KPIPE_KCAT_IN_LEDGER_H
#define KPIPE_KCAT_IN_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger_place {
    int64_t position; /* the next offset to read */
    int64_t ready;    /* acked and not handed to the caller yet; -1: nothing */
    int64_t listed;   /* the position as of the barrier that was granted or acked last; -1: none */
    uint32_t stint;   /* the present or last one's number, from 1 */
    bool owned;
    bool moved; /* since the last barrier, or the stint is new */
};

struct ledger_entry {
    int64_t barrier, position;
    uint32_t place, stint;
};

struct ledger {
    struct ledger_place *places;
    size_t place_count;
    struct ledger_entry *entries; /* of the barriers not acked, oldest first */
    size_t head, count, room;     /* entries[head] up to entries[count] */
    int64_t barrier, acked;       /* the last numbers; 0: none */
    bool torn;                    /* a stint ended with records that were put and not acked */
};

enum ledger_answer {
    LEDGER_GRANT, /* every owned place whose `listed` is not -1 */
    LEDGER_EMPTY, /* nothing was put, and no position moved, since the barrier before */
    LEDGER_DENY
};

void ledger_open(struct ledger *ledger);
void ledger_close(struct ledger *ledger);

/* The place is ours from `position` on: a new stint. False: no memory. */
bool ledger_assign(struct ledger *ledger, uint32_t place, int64_t position);

/* The place is not ours any more: what its open barriers hold is forgotten. */
void ledger_give_up(struct ledger *ledger, uint32_t place);

/* Whether a record at `offset` of `place` is to be put: ours, and not before its position. */
bool ledger_wants(const struct ledger *ledger, uint32_t place, int64_t offset);

/* Everything before `position` has been put, or is no record (aborted, a control record). */
void ledger_move(struct ledger *ledger, uint32_t place, int64_t position);

/* Whether a barrier now would hold anything. */
bool ledger_moved(const struct ledger *ledger);

/* A barrier stands here in the stream. Its number (1, 2, ...); 0: no memory, nothing changed. */
int64_t ledger_barrier(struct ledger *ledger);

/* The far end has all up to `barrier`. False: it cannot, no such barrier was put or it said more
 * before. Acks are cumulative; saying the same again changes nothing. */
bool ledger_ack(struct ledger *ledger, int64_t barrier);

/* What the far end gets that asks to commit `barrier` itself. */
enum ledger_answer ledger_grant(struct ledger *ledger, int64_t barrier);

/* The next position that may be committed, once. False: no more. */
bool ledger_commit(struct ledger *ledger, uint32_t *place, int64_t *position);

/* Nothing was put that is not acked. */
static inline bool ledger_settled(const struct ledger *ledger)
{
    return ledger->acked == ledger->barrier && !ledger_moved(ledger);
}

#endif
