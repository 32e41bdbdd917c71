#include "kgrep/row.h"

void row_end(struct row *row)
{
    if (row->last.size > row->longest.size)
        row->longest = row->last;
    row->last.size = 0;
    row->ends = row->has = false;
}

void row_add(struct row *row, uint8_t byte)
{
    if (row->ends)
        row_end(row);
    if (row->last.size == NEEDED_BYTES)
        return;
    row->last.at[row->last.size++] = byte;
    row->has = true;
}

void row_break(struct row *row)
{
    row->has = false;
    row->ends = true;
}

void row_repeat(struct row *row, int least)
{
    if (row->has && least == 0) {
        row->last.size--;
        row->has = false;
    }
    row->ends = true;
}
