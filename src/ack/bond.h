/* ack/bond: whether a task's offsets and what was kept of its state belong together. Pure.
 *
 * Told the metadata of the offsets of the task's partitions and what stands in its partition of the
 * changelog, in order; then judges. */
#ifndef KPIPE_ACK_BOND_H
#define KPIPE_ACK_BOND_H

#include "ack/marker.h"

#include <stdbool.h>

enum bond_verdict {
    BOND_WHOLE, /* the state as of the offsets */
    BOND_NEW,   /* no offsets, and nothing was kept: the task starts */
    BOND_ALONE, /* state without offsets: they expired, or were deleted */
    BOND_GONE,  /* offsets without state: they are of another run without a store, or the changelog
                   was emptied */
    BOND_OTHER, /* offsets and state of two barriers: the offsets were reset, or records are gone */
    BOND_FOREIGN /* records that no marker follows: something else wrote them */
};

struct bond {
    size_t parts;           /* partitions told of */
    bool stored;            /* they have offsets */
    char note[MARKER_NOTE]; /* their metadata */
    bool loose;             /* a record stands behind the last marker */
    size_t marker_size;     /* 0: none was seen */
    char marker[MARKER_VALUE];
};

/* A partition's committed offset, or that it has none, and its metadata. False: it is not as that
 * of the task's partitions before it. */
bool bond_offset(struct bond *bond, bool stored, struct span note);

/* A record of the changelog. True: it is a marker, else state. */
bool bond_record(struct bond *bond, struct span key, struct span value);

/* When all of it was told. */
enum bond_verdict bond_judge(const struct bond *bond, struct span group);

/* What is wrong and what to do, for a message behind "topic NAME/PARTITION: "; not for BOND_WHOLE
 * and BOND_NEW. */
const char *bond_say(enum bond_verdict verdict);

#endif
