/* kcat-in/screen: progress on a terminal, in one line that is drawn anew in its place.
 *
 * Only where standard error is a terminal that can clear a line, and only while we are in its
 * foreground: never a byte into a log. There is no timer: who works asks now and then, between two
 * batches, whether a line is due. HELLO tells the stages behind us by FRAME_PROGRESS, so that each
 * clears the line before it writes to the terminal. */
#ifndef KPIPE_KCAT_IN_SCREEN_H
#define KPIPE_KCAT_IN_SCREEN_H

#include "kcat-in/progress.h"
#include "util/clock.h"
#include "util/fault.h"

struct screen {
    bool on;
    bool shared;         /* and stages behind us may write there, too: for HELLO */
    struct fault *fault; /* its messages clear the line */
    const char *what;    /* that is being counted; NULL: nothing yet */
    int64_t due;         /* ms: when to draw */
    struct progress progress;
};

void screen_open(struct screen *screen, bool wanted, struct fault *fault);

/* Whether it is time to say how far we are, of what: a second after that began, then a few times a
 * second. `what` is compared as a pointer. */
static inline bool screen_due(const struct screen *screen, const char *what)
{
    return screen->on && (screen->what != what || clock_ms() >= screen->due);
}

/* When it is due: draws the line, or, with a new `what`, begins to measure. */
void screen_draw(struct screen *screen, const char *what, const struct progress_sum *sum);

/* Leaves nothing there: before our end, and where nothing is being counted any more. */
void screen_clear(struct screen *screen);

#endif
