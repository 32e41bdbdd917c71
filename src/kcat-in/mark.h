/* kcat-in/mark: by which a partition's log is known again. Pure.
 *
 * A topic that is deleted and made again while it is read goes on under the same name; no client
 * library tells a reader its id (KIP-516). But the first offset whose timestamp is a given one or
 * later can only rise in one and the same log: records go at its start and come at its end. Where
 * it falls, the log is another one. */
#ifndef KPIPE_KCAT_IN_MARK_H
#define KPIPE_KCAT_IN_MARK_H

#include <stdbool.h>
#include <stdint.h>

/* Zero at the start. */
struct mark {
    int64_t after;        /* the greatest timestamp seen and 1 ms; 0: none was seen */
    int64_t time, offset; /* the first offset of that time was here at least; 0: not known yet */
    int64_t position;     /* as it was when mark_ask() was called */
};

/* A record was read; its timestamp in ms, negative where it has none. */
static inline void mark_seen(struct mark *mark, int64_t time)
{
    if (time >= mark->after)
        mark->after = time + 1;
}

/* Whether records were read and nothing was asked yet: the sooner it is, the better. */
static inline bool mark_new(const struct mark *mark)
{
    return mark->after != 0 && mark->time == 0;
}

/* The time to ask for; 0: nothing can be asked yet. Everything below `position` has been read. */
int64_t mark_ask(struct mark *mark, int64_t position);

/* The answer for it, negative where no record is as late. False: it is another log. */
bool mark_answer(struct mark *mark, int64_t offset);

#endif
