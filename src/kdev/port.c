#include "kdev/port.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* -1: none waits to be taken. Not in a struct: bind() is called by the library and has only its own
 * arguments. */
static int listener = -1;

/* The mock cluster binds its socket to any free port. This bind() stands in front of libc's for the
 * library too, as an executable's functions do for shared libraries, and puts ours in its place. */
int bind(int fd, const struct sockaddr *address, socklen_t size)
{
    if (listener < 0)
        return (int)syscall(SYS_bind, fd, address, size);
    int got = dup3(listener, fd, O_CLOEXEC);
    close(listener);
    listener = -1;
    return got < 0 ? -1 : 0;
}

/* listen(2) too: with SO_REUSEADDR two may bind a port and only one can listen. */
static bool listens(int fd, uint16_t *port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(*port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)&address, size) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return false;
    *port = ntohs(address.sin_port);
    return true;
}

bool port_take(uint16_t *port, struct fault *fault)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && listens(fd, port)) {
        listener = fd;
        return true;
    }
    fault_set(fault, STATUS_UNAVAILABLE, "port %u: %s: choose another: -p PORT", (unsigned)*port,
              errno == EADDRINUSE ? "is in use, maybe by another kdev" : strerror(errno));
    if (fd >= 0)
        close(fd);
    return false;
}
