/* ack/marker: what ties the state of a task to the group's offsets. Pure.
 *
 * A transaction that keeps something of a task ends, in the task's partition of the changelog, with
 * a marker: a record whose key no state may have, and whose value names the store, the run, the
 * barrier and the group. The same but for the group is the note: the metadata of the offsets that
 * are committed with it, of all partitions of the task. So state and offsets that do not belong
 * together are found when a task is restored: offsets that expired or were reset, a changelog that
 * was emptied, or that another group writes. Source and sink agree here. */
#ifndef KPIPE_ACK_MARKER_H
#define KPIPE_ACK_MARKER_H

#include "util/span.h"

#include <stdbool.h>

enum {
    MARKER_RUN_ID = 16,
    MARKER_NOTE = 200,       /* a note is shorter; printable, as some tools show it */
    MARKER_TOPIC = 249,      /* no topic's name is longer */
    MARKER_VALUE = 200 + 256 /* a marker's value is shorter */
};

/* The key of all markers: one stays of those in a partition when it is compacted. */
struct span marker_key(void);

/* "kpipe/1 STORE RUN BARRIER", NUL-terminated. `store` is what frame_store_name() lets pass. */
void marker_note(char to[MARKER_NOTE], struct span store, const uint8_t run_id[MARKER_RUN_ID],
                 int64_t barrier);

/* The value of the marker that belongs to a note. Returns its size. */
size_t marker_value(char to[MARKER_VALUE], const char *note, struct span group);

/* GROUP-STORE-changelog, NUL-terminated. False: the group is none that a topic can be named after.
 */
bool marker_topic(char to[MARKER_TOPIC + 1], struct span group, struct span store);

#endif
