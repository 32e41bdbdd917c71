#include "kcat-in/mark.h"

int64_t mark_ask(struct mark *mark, int64_t position)
{
    mark->position = position;
    if (mark->offset == 0)
        mark->time = mark->after;
    return mark->time;
}

/* Where nothing is as late yet, it will be at the end, which is the position or behind it. What is
 * at 0 cannot fall: a later time will tell more. */
bool mark_answer(struct mark *mark, int64_t offset)
{
    if (mark->offset > 0 && offset < 0)
        return true;
    if (offset < 0)
        offset = mark->position;
    if (offset < mark->offset)
        return false;
    mark->offset = offset;
    return true;
}
