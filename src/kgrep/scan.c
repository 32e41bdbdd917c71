#include "kgrep/scan.h"

void scan_open(struct scan *scan, const struct needed *needed, bool fold)
{
    *scan = (struct scan){.count = needed->none ? 0 : needed->count};
    for (size_t i = 0; i < scan->count; i++) {
        const struct needed_row *row = &needed->rows[i];
        needle_open(&scan->rows[i].needle, span_of(row->at, row->size), fold);
    }
}

static const uint8_t *until(struct scan_row *row, const struct in *in, const uint8_t *from)
{
    const uint8_t *end = in->buffer + in->have;
    uint64_t start = in->total - (uint64_t)(end - from); /* where `from` is in the stream */
    size_t rest = row->needle.bytes.size - 1;
    row->hit = end - (in->total - row->clear);
    if (row->clear < start || !row->found) {
        if (row->clear > start)
            from += row->clear - start;
        row->hit = from < end ? needle_find(&row->needle, from, end) : NULL;
        row->found = row->hit != NULL;
        if (row->found)
            row->clear = in->total - (uint64_t)(end - row->hit);
        else
            row->clear = start + rest < in->total ? in->total - rest : start;
    }
    uint64_t stop = row->clear + rest;
    return stop < in->total ? end - (in->total - stop) : end;
}

const uint8_t *scan_until(struct scan *scan, const struct in *in, const uint8_t *from)
{
    const uint8_t *least = until(&scan->rows[0], in, from);
    for (size_t i = 1; i < scan->count; i++) {
        const uint8_t *other = until(&scan->rows[i], in, from);
        least = other < least ? other : least;
    }
    return least;
}
