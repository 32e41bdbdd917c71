/* kgrep/scan: which records cannot match, seen over all the bytes that are there at once: those
 * without any of a few strings of which every match has one. Many short searches cost more than a
 * long one. */
#ifndef KPIPE_KGREP_SCAN_H
#define KPIPE_KGREP_SCAN_H

#include "kgrep/needed.h"
#include "kgrep/needle.h"
#include "stream/in.h"

/* One of the strings, and where it is next. */
struct scan_row {
    struct needle needle;
    uint64_t clear;     /* byte offset in the stream: it begins nowhere before ... */
    bool found;         /* ... and begins there */
    const uint8_t *hit; /* that place, if it was found; dead once the input is read */
};

struct scan {
    struct scan_row rows[NEEDED_MOST];
    size_t count; /* 0: nothing is known, there is nothing to scan for */
};

/* `needed` must outlive it. */
void scan_open(struct scan *scan, const struct needed *needed, bool fold);

/* A record that begins at `from`, a place in the input's buffer, or behind it, and ends at the
 * place that is returned or before, has none of the strings in it. Only where there are any. */
const uint8_t *scan_until(struct scan *scan, const struct in *in, const uint8_t *from);

/* Whether a hit that scan_until() has just found is in `bytes`, a part of the input's buffer. */
static inline bool scan_within(const struct scan *scan, struct span bytes)
{
    for (size_t i = 0; i < scan->count; i++) {
        const struct scan_row *row = &scan->rows[i];
        if (row->found && row->hit >= bytes.at &&
            (size_t)(row->hit - bytes.at) + row->needle.bytes.size <= bytes.size)
            return true;
    }
    return false;
}

#endif
