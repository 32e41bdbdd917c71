/* kcat-in/progress: how far a run has come, and the line that says so. Pure: the terminal is
 * kcat-in/screen's. */
#ifndef KPIPE_KCAT_IN_PROGRESS_H
#define KPIPE_KCAT_IN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROGRESS_LINE = 256, PROGRESS_WHAT = 96 };

/* What has been done since the start. */
struct progress_sum {
    uint64_t records, bytes;
    int64_t done, all; /* work, in offsets or records; all 0: nobody knows how much there is */
    bool endless;      /* a part of it has no end: all says nothing */
};

/* A partition's share of the work. */
struct progress_part {
    int64_t start, position; /* offsets: where reading began, and the next one */
    int64_t end;             /* nothing from here on is wanted; INT64_MAX: no end */
    uint64_t put, most;      /* records of it, and how many are wanted; most 0: all */
    bool done;
};

/* Adds a partition to done and all: in records where so many are wanted and as many may come. */
void progress_part(struct progress_sum *sum, const struct progress_part *part);

/* `count` records are wanted in all: that is the work where more of it is done so, or where nothing
 * else says how much there is. */
void progress_count(struct progress_sum *sum, uint64_t count);

/* Rates a second, over the last seconds; since the start, as long as that is less. */
struct progress {
    int64_t began, at; /* ms */
    struct progress_sum sum;
    double records, bytes, done;
};

void progress_start(struct progress *progress, const struct progress_sum *sum, int64_t now);
void progress_step(struct progress *progress, const struct progress_sum *sum, int64_t now);

/* "kcat-in: 1234567 records, 812 k/s, 96 MB/s, 45 %, 1:23 left", `what` in the place of "records",
 * in less than `columns` characters: what does not fit is left out, the share last of all. Returns
 * the length; 0: nothing fits. */
size_t progress_line(const struct progress *progress, const char *what, int columns,
                     char line[PROGRESS_LINE]);

#endif
