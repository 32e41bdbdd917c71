/* kcat-in/fetch: topics, or parts of them, to records, without a group.
 *
 * Reads committed records only; commits nothing and is a member of nothing: it needs the right to
 * read the topics and no other. */
#ifndef KPIPE_KCAT_IN_FETCH_H
#define KPIPE_KCAT_IN_FETCH_H

#include "kafka/conf.h"
#include "kcat-in/parts.h"
#include "stream/writer.h"

struct fetch_options {
    const struct conf *conf; /* read */
    struct parts_options parts;
    int64_t before;  /* a record with this timestamp, ms, or a later one is left out; INT64_MAX */
    uint64_t count;  /* stop after so many; 0: no limit */
    int64_t idle_ms; /* stop when nothing has come for so long and nothing is there; 0: never */
    int64_t commit_interval_ms; /* between barriers; 0: only the FINAL one */
    uint64_t record_cap;        /* bytes of key, value and headers of a record at most */
    bool progress;              /* a bounded run says on a terminal how far it is */
};

/* Writes one whole segment: HELLO, a SOURCE a partition, records, barriers, FINAL, END. Output is
 * flushed whenever nothing has come in; may block there. False: the fault is set, and the segment
 * has no END: a signal ends it so too. */
bool fetch_run(const struct fetch_options *options, struct writer *writer, struct fault *fault);

#endif
