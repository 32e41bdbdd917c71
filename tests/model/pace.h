/* model/pace: when barriers come and how much is on its way, from kdelivery(7) alone. It shares no
 * file and no type with src/, and knows no window: it says what must be, what must not, and how
 * much may be on its way at most after a slow acknowledgement. */
#ifndef KPIPE_MODEL_PACE_H
#define KPIPE_MODEL_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum { PACE_BARRIERS = 4096, PACE_SLOW_MS = 1000 };

struct pace {
    int64_t interval, count, spool; /* 0: none */
    bool command;                   /* the far end is one, which runs as long as it runs */
    int64_t put, acked, bytes;      /* records in all; acknowledged; bytes since the last barrier */
    int64_t at[PACE_BARRIERS], time[PACE_BARRIERS], before[PACE_BARRIERS];
    int64_t barrier, heard; /* the last that was put; that was acknowledged */
    int64_t most;           /* on its way, since the last slow acknowledgement; 0: no such limit */
};

static inline int64_t pace_since(const struct pace *model)
{
    return model->put - model->at[model->barrier];
}

/* "every --commit-interval and every --commit-count records while there is data"; "after half of
 * the spool". `moved`: offsets moved, with records or without. */
static inline bool pace_must(const struct pace *model, bool moved, int64_t now)
{
    int64_t since = pace_since(model);
    bool data = moved || since > 0;
    return data && ((model->count > 0 && since >= model->count) ||
                    (model->spool > 0 && model->bytes >= model->spool / 2) ||
                    (model->interval > 0 && now - model->time[model->barrier] >= model->interval));
}

/* With no reason a barrier comes only where there is a limit on what may be on its way. */
static inline bool pace_may(const struct pace *model, bool moved, int64_t now)
{
    return pace_must(model, moved, now) || (model->most > 0 && pace_since(model) > 0);
}

static inline void pace_barrier(struct pace *model, int64_t now)
{
    model->barrier++;
    model->at[model->barrier] = model->put;
    model->time[model->barrier] = now;
    model->before[model->barrier] = model->acked;
    model->bytes = 0;
}

/* "where an acknowledgement takes over 1 s, the source halves how many records it puts before it
 * waits for one ...; where they are quick again, it puts more": to which limit is not told. Whether
 * this one was slow. */
static inline bool pace_ack(struct pace *model, int64_t barrier, int64_t now)
{
    int64_t flew = model->at[barrier] - model->before[barrier];
    bool slow = now - model->time[barrier] > PACE_SLOW_MS && !model->command;
    model->acked = model->at[barrier] > model->acked ? model->at[barrier] : model->acked;
    model->heard = barrier;
    if (slow && (model->most == 0 || flew / 2 < model->most))
        model->most = flew / 2 > 0 ? flew / 2 : 1;
    return slow;
}

#endif
