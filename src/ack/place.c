#include "ack/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Anybody may have made /tmp/kpipe-UID before us: what is there must be a folder of ours (no link),
 * with nothing for others. */
static bool folder_is_ours(const char *folder, struct fault *fault)
{
    struct stat status;
    if (lstat(folder, &status) != 0) {
        fault_set(fault, STATUS_CONFIG, "%s: cannot use: %s", folder, strerror(errno));
        return false;
    }
    if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 077) != 0) {
        fault_set(fault, STATUS_CONFIG,
                  "%s: is not a folder of yours with mode 0700: remove it, or set XDG_RUNTIME_DIR",
                  folder);
        return false;
    }
    return true;
}

static bool make_folder(const char *folder, struct fault *fault)
{
    if (mkdir(folder, 0700) == 0 || errno == EEXIST)
        return true;
    fault_set(fault, STATUS_CONFIG, "%s: cannot make: %s", folder, strerror(errno));
    return false;
}

bool place_of(const uint8_t run_id[PLACE_RUN_ID], bool make, struct sockaddr_un *address,
              struct fault *fault)
{
    char folder[sizeof address->sun_path], id[2 * PLACE_RUN_ID + 1];
    const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
    int size = runtime != NULL && runtime[0] == '/'
                   ? snprintf(folder, sizeof folder, "%s/kpipe", runtime)
                   : snprintf(folder, sizeof folder, "/tmp/kpipe-%lu", (unsigned long)geteuid());
    if (size < 0 || (size_t)size + sizeof id + 1 > sizeof folder) {
        fault_set(fault, STATUS_CONFIG, "XDG_RUNTIME_DIR: is too long for a socket's name");
        return false;
    }
    if ((make && !make_folder(folder, fault)) || !folder_is_ours(folder, fault))
        return false;
    for (int i = 0; i < PLACE_RUN_ID; i++)
        snprintf(id + 2 * i, 3, "%02x", run_id[i]);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(address->sun_path, sizeof address->sun_path, "%.70s/%s", folder, id);
    return true;
}

bool place_peer_is_ours(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}
