/* ktr/sets: the SETs of a command line, checked against each other and made a map; pure.
 *
 * The rules are GNU tr's (coreutils 9.1), measured; ktr(1) tells them. */
#ifndef KPIPE_KTR_SETS_H
#define KPIPE_KTR_SETS_H

#include "ktr/map.h"
#include "ktr/spec.h"

struct sets {
    bool complement; /* -c: SET1 stands for the bytes that are not in it */
    bool drop;       /* -d */
    bool squeeze;    /* -s */
    bool truncate;   /* -t: SET1 is no longer than SET2 */

    char notes[2][SPEC_NOTE]; /* a warning about each SET, "" for none; sets_read() fills them */
};

/* Reads the operands SET1 [SET2] into *map, which is ready for map_apply() then. False: fault is
 * set. */
bool sets_read(struct sets *sets, int count, char *const *operands, struct map *map,
               struct fault *fault);

#endif
