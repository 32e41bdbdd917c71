/* kcat-in/group: topics to records as a member of a consumer group.
 *
 * Offsets are committed when the far end has the data: the sinks say so over the ack socket, or,
 * with `written`, when the bytes have left. kdelivery(7) tells the whole protocol; this file's
 * order of calls is: HELLO, OPEN, READY of every sink, only then the group is joined; records and
 * barriers; FINAL, END, the last acks, the last commit, DONE, and the group is left. */
#ifndef KPIPE_KCAT_IN_GROUP_H
#define KPIPE_KCAT_IN_GROUP_H

#include "kafka/conf.h"
#include "kcat-in/wanted.h"
#include "stream/writer.h"

enum group_reset { GROUP_RESET_ERROR, GROUP_RESET_EARLIEST, GROUP_RESET_LATEST };

struct group_options {
    const struct conf *conf; /* read, for a group */
    const char *group;
    const struct wanted *wanted; /* without partitions */
    bool exit_at_end;  /* stop when the group has committed all that was there at the start */
    struct range from; /* where nothing is stored */
    bool written;      /* no sink answers: what was written is acked */
    uint64_t count;    /* stop after so many of ours; 0: no limit */
    uint64_t most;     /* records of a partition; 0: no limit; those after them are not committed */
    int64_t idle_ms;   /* stop when nothing has come for so long and nothing is there; 0: never */
    uint64_t record_cap;
    int64_t interval_ms; /* between barriers; 0: 1 s, but for a bounded run into a command, which
                            wants one mail and not many: only at the end */
    uint64_t barrier_count;
    int sinks;
    int64_t ready_ms;       /* how long a sink may take to be there and ready */
    int64_t timeout_ms;     /* how long a bounded run waits for other members */
    int64_t restore_ms;     /* how long the state of a task may take to come back */
    enum group_reset reset; /* when a stored offset is not there any more */
    bool progress;          /* a bounded run, and a restore, say on a terminal how far they are */
};

/* Writes one whole segment. False: the fault is set (SIGINT too, after a clean end). *ended tells
 * whether the segment has its END: else an ABORT is due. */
bool group_run(const struct group_options *options, struct writer *writer, bool *ended,
               struct fault *fault);

#endif
