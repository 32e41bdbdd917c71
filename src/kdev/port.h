/* kdev/port: the fixed port under the mock cluster, which knows no fixed ports. */
#ifndef KPIPE_KDEV_PORT_H
#define KPIPE_KDEV_PORT_H

#include "util/fault.h"

/* Listens on 127.0.0.1:*port, 0 for any free one, which *port then is. The next socket that
 * anything in this process binds becomes that one: make the mock cluster now. False: fault is set
 * (69). */
bool port_take(uint16_t *port, struct fault *fault);

#endif
