/* kcat-in/lines: text to records. */
#ifndef KPIPE_KCAT_IN_LINES_H
#define KPIPE_KCAT_IN_LINES_H

#include "kcat-in/shape.h"

struct lines_options {
    struct shape shape;  /* what a line is as a record */
    struct span end;     /* of a record: newline, or what -0 and -D say */
    bool json;           /* a line is an envelope, kjson(5); `shape` is not used */
    bool whole;          /* a file is a record; `end` has size 0 */
    uint64_t count;      /* stop after so many; 0: no limit */
    int64_t interval;    /* milliseconds between barriers; 0: only the FINAL one */
    uint64_t record_cap; /* bytes of a record at most */
    bool broker_known;   /* a file that is not there may have been meant as a topic */
    char *const *files;  /* NULL at the end; "-" is standard input */
};

/* Reads the files one after the other and writes one whole segment: HELLO, a SOURCE a file,
 * records, barriers, FINAL, END. Offsets count a file's records from 0; there are no timestamps.
 * With `json` sources, offsets and timestamps are what the envelopes say. False: the fault is set,
 * and the segment has no END. */
bool lines_run(const struct lines_options *options, struct writer *writer, struct fault *fault);

#endif
