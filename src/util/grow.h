/* util/grow: a list that grows at its end: its room doubles. */
#ifndef KPIPE_UTIL_GROW_H
#define KPIPE_UTIL_GROW_H

#include <stddef.h>
#include <stdlib.h>

/* The list of `count` things of `size` bytes each, with room for one more: it may have moved. *room
 * is how many it has room for, `first` to begin with. NULL: no memory, and all is as it was. */
static inline void *grow_list(void *list, size_t count, size_t *room, size_t first, size_t size)
{
    if (count < *room)
        return list;
    size_t more = *room == 0 ? first : *room * 2;
    void *moved = reallocarray(list, more, size);
    if (moved != NULL)
        *room = more;
    return moved;
}

#endif
