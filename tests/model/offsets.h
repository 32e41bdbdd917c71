/* model/offsets: which offsets may be committed, from kdelivery(7) alone. It shares no file and no
 * type with src/, and keeps no ledger: it remembers how far each partition was when each barrier
 * was put, and says what is right. */
#ifndef KPIPE_MODEL_OFFSETS_H
#define KPIPE_MODEL_OFFSETS_H

#include <stdbool.h>
#include <stdint.h>

enum { OFFSETS_PARTS = 3, OFFSETS_BARRIERS = 1000 };

struct offsets {
    bool owned[OFFSETS_PARTS];
    int64_t next[OFFSETS_PARTS];                     /* the first that was not put */
    int64_t at[OFFSETS_PARTS][OFFSETS_BARRIERS + 1]; /* the same when barrier n was put */
    int64_t since[OFFSETS_PARTS];                    /* the first barrier since it came */
    int64_t barrier, acked;
    bool torn; /* it went with records that were put and not acknowledged */
};

enum offsets_word { OFFSETS_GRANT, OFFSETS_EMPTY, OFFSETS_DENY };

static inline void offsets_come(struct offsets *model, int part, int64_t position)
{
    model->owned[part] = true;
    model->next[part] = position;
    model->since[part] = model->barrier + 1;
}

/* "An acknowledgement that comes late commits nothing of a partition that went away in between,
 * even if it has come back." What may be committed of it now; -1: nothing. */
static inline int64_t offsets_safe(const struct offsets *model, int part)
{
    bool ours = model->owned[part] && model->acked >= model->since[part];
    return ours ? model->at[part][model->acked] : -1;
}

static inline void offsets_go(struct offsets *model, int part)
{
    if (model->owned[part] && model->next[part] != offsets_safe(model, part))
        model->torn = true;
    model->owned[part] = false;
}

static inline bool offsets_wants(const struct offsets *model, int part, int64_t offset)
{
    return model->owned[part] && offset >= model->next[part];
}

static inline void offsets_barrier(struct offsets *model)
{
    model->barrier++;
    for (int i = 0; i < OFFSETS_PARTS; i++)
        model->at[i][model->barrier] = model->next[i];
}

/* Nothing is left that a barrier would hold: no partition moved, and none is new. */
static inline bool offsets_still(const struct offsets *model)
{
    for (int i = 0; i < OFFSETS_PARTS; i++)
        if (model->owned[i] &&
            (model->since[i] > model->barrier || model->next[i] != model->at[i][model->barrier]))
            return false;
    return true;
}

/* What barrier n's offset of a partition is, where it may be committed with it; -1: not its. */
static inline int64_t offsets_of(const struct offsets *model, int part, int64_t barrier)
{
    return model->owned[part] && model->since[part] <= barrier ? model->at[part][barrier] : -1;
}

/* "DENY where a partition went away with records that were put and not acknowledged; EMPTY where
 * there is nothing to commit." In order, and never twice. */
static inline enum offsets_word offsets_asked(const struct offsets *model, int64_t barrier)
{
    if (model->torn || barrier != model->acked + 1 || barrier > model->barrier)
        return OFFSETS_DENY;
    for (int i = 0; i < OFFSETS_PARTS; i++)
        if (offsets_of(model, i, barrier) != offsets_safe(model, i))
            return OFFSETS_GRANT;
    return OFFSETS_EMPTY;
}

#endif
