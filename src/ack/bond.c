#include "ack/bond.h"

#include <stdio.h>

static void copy_text(char *to, size_t room, struct span text)
{
    size_t size = text.size < room ? text.size : room - 1;
    if (size > 0)
        memcpy(to, text.at, size);
    to[size] = '\0';
}

bool bond_offset(struct bond *bond, bool stored, struct span note)
{
    char text[MARKER_NOTE];
    copy_text(text, sizeof text, note);
    if (bond->parts++ > 0)
        return stored == bond->stored && strcmp(text, bond->note) == 0;
    bond->stored = stored;
    memcpy(bond->note, text, sizeof text);
    return true;
}

bool bond_record(struct bond *bond, struct span key, struct span value)
{
    bool marker = span_equal(key, marker_key());
    bond->loose = !marker;
    if (!marker)
        return false;
    bond->marker_size = value.size < sizeof bond->marker ? value.size : sizeof bond->marker - 1;
    copy_text(bond->marker, sizeof bond->marker, value);
    return true;
}

enum bond_verdict bond_judge(const struct bond *bond, struct span group)
{
    char wanted[MARKER_VALUE];
    if (bond->loose)
        return BOND_FOREIGN;
    if (!bond->stored)
        return bond->marker_size == 0 ? BOND_NEW : BOND_ALONE;
    if (bond->marker_size == 0)
        return BOND_GONE;
    size_t size = marker_value(wanted, bond->note, group);
    bool same = size == bond->marker_size && memcmp(wanted, bond->marker, size) == 0;
    return same ? BOND_WHOLE : BOND_OTHER;
}

const char *bond_say(enum bond_verdict verdict)
{
    static const char *const words[] = {
        [BOND_ALONE] = "has state, and the group has no offsets for it: they expired, or were "
                       "deleted",
        [BOND_GONE] = "has no state for the group's offsets: it was emptied, or the group read "
                      "without this store",
        [BOND_OTHER] = "its state is not of the group's offsets: one of them was reset",
        [BOND_FOREIGN] = "has records that are not kpipe's: something else writes it"};
    return words[verdict];
}
