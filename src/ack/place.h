/* ack/place: where the ack socket of a run is: $XDG_RUNTIME_DIR/kpipe/ID, else /tmp/kpipe-UID/ID,
 * ID the run id in hex. No path is ever taken from the stream. */
#ifndef KPIPE_ACK_PLACE_H
#define KPIPE_ACK_PLACE_H

#include "util/fault.h"

#include <stdbool.h>
#include <sys/un.h>

enum { PLACE_RUN_ID = 16 };

/* Fills *address. With `make` the folder is made (0700) where it is missing. In both cases it must
 * be a folder, ours, and closed to others; else false and the fault is set (78, what to mend). */
bool place_of(const uint8_t run_id[PLACE_RUN_ID], bool make, struct sockaddr_un *address,
              struct fault *fault);

/* Whether the process at the other end of a connected socket is the same user's, or root's. */
bool place_peer_is_ours(int fd);

#endif
