#include "kout/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS_MOST = 1000, AGAIN_S = 60, DAY_S = 86400, MACHINE = 64, FOLDER = 64, PATH = 160 };

/* Anybody may have made it before us: it must be a folder of ours, closed to others. */
static bool open_folder(char folder[FOLDER], struct fault *fault)
{
    struct stat status;
    snprintf(folder, FOLDER, "/var/tmp/kpipe-%lu", (unsigned long)geteuid());
    if ((mkdir(folder, 0700) != 0 && errno != EEXIST) || lstat(folder, &status) != 0) {
        fault_set(fault, STATUS_CONFIG, "%s: cannot be made: %s: mend it, or --instance NAME",
                  folder, strerror(errno));
        return false;
    }
    if (S_ISDIR(status.st_mode) && status.st_uid == geteuid() && (status.st_mode & 077) == 0)
        return true;
    fault_set(fault, STATUS_CONFIG,
              "%s: is not a folder of yours with mode 0700: remove it, or --instance NAME", folder);
    return false;
}

static bool read_text(const char *path, char *text, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t size = fd < 0 ? -1 : read(fd, text, room - 1);
    if (fd >= 0)
        close(fd);
    text[size < 0 ? 0 : size] = '\0';
    return size > 0;
}

/* "NAME MACHINE\n". False: there is none, or it was made on another machine. */
static bool read_place(const char *path, const char *machine, char name[SLOT_PLACE + 1])
{
    char text[SLOT_PLACE + MACHINE + 3];
    if (!read_text(path, text, sizeof text) || strlen(text) < SLOT_PLACE + 1 ||
        text[SLOT_PLACE] != ' ' || strspn(text, "0123456789abcdef") != SLOT_PLACE ||
        strcmp(text + SLOT_PLACE + 1, machine) != 0)
        return false;
    snprintf(name, SLOT_PLACE + 1, "%.*s", SLOT_PLACE, text);
    return true;
}

/* Whole or not there: written beside its place, then renamed. */
static bool make_place(const char *path, const char *machine)
{
    uint8_t random[SLOT_PLACE / 2];
    char beside[PATH + 8], text[SLOT_PLACE + MACHINE + 3];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return false;
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(text + 2 * i, 3, "%02x", random[i]);
    int size = SLOT_PLACE + snprintf(text + SLOT_PLACE, sizeof text - SLOT_PLACE, " %s", machine);
    snprintf(beside, sizeof beside, "%s.XXXXXX", path);
    int fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0)
        return false;
    bool made = write(fd, text, (size_t)size) == size && fsync(fd) == 0;
    close(fd);
    if (made && rename(beside, path) == 0)
        return true;
    unlink(beside);
    return false;
}

/* Under a lock, so that two that start at once agree on the name. */
static bool find_place(const char *folder, char name[SLOT_PLACE + 1], struct fault *fault)
{
    char path[PATH], lock[PATH], machine[MACHINE + 1];
    if (!read_text("/etc/machine-id", machine, sizeof machine))
        snprintf(machine, sizeof machine, "none\n");
    snprintf(path, sizeof path, "%s/place", folder);
    snprintf(lock, sizeof lock, "%s/place.lock", folder);
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool found = fd >= 0 && flock(fd, LOCK_EX) == 0 &&
                 (read_place(path, machine, name) ||
                  (make_place(path, machine) && read_place(path, machine, name)));
    if (!found)
        fault_set(fault, STATUS_CONFIG, "%s: cannot be made: %s: mend it, or --instance NAME", path,
                  strerror(errno));
    if (fd >= 0)
        close(fd);
    return found;
}

/* A name for a file from a group's, which may have any byte in it (FNV-1a). */
static uint64_t short_name(struct span group)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < group.size; i++)
        hash = (hash ^ group.at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* The number of the lock, which is held now; -1: none is free. */
static int take_lock(struct slot *slot, const char *folder, struct span group)
{
    for (int number = 0; number < SLOTS_MOST; number++) {
        char path[PATH];
        snprintf(path, sizeof path, "%s/%016" PRIx64 ".%d", folder, short_name(group), number);
        slot->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (slot->fd < 0)
            return -1;
        if (flock(slot->fd, LOCK_EX | LOCK_NB) == 0)
            return number;
        close(slot->fd);
        slot->fd = -1;
    }
    return -1;
}

bool slot_open(struct slot *slot, struct span group, const char *instance, struct fault *fault)
{
    char folder[FOLDER], place[SLOT_PLACE + 1];
    int size = group.size > SLOT_GROUP ? SLOT_GROUP : (int)group.size;
    *slot = (struct slot){.fd = -1};
    if (instance != NULL) {
        snprintf(slot->id, sizeof slot->id, "kpipe/%.*s/%s", size, (const char *)group.at,
                 instance);
        return true;
    }
    if (!open_folder(folder, fault) || !find_place(folder, place, fault))
        return false;
    int number = take_lock(slot, folder, group);
    if (number < 0)
        fault_set(fault, STATUS_CONFIG, "%s: no lock to be had: %s: --instance NAME", folder,
                  strerror(errno));
    snprintf(slot->id, sizeof slot->id, "kpipe/%.*s/%s/%d", size, (const char *)group.at, place,
             number);
    return number >= 0;
}

bool slot_fenced(struct slot *slot)
{
    char text[32];
    struct timespec now;
    if (slot->fd < 0)
        return false;
    clock_gettime(CLOCK_REALTIME, &now);
    ssize_t size = pread(slot->fd, text, sizeof text - 1, 0);
    text[size < 0 ? 0 : size] = '\0';
    long long before = strtoll(text, NULL, 10), since = (long long)now.tv_sec - before;
    int length = snprintf(text, sizeof text, "%-20lld\n", (long long)now.tv_sec);
    (void)!pwrite(slot->fd, text, (size_t)length, 0);
    return before > 0 && since >= 0 && since < AGAIN_S;
}

void slot_keep(struct slot *slot)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    if (slot->fd < 0 || (slot->kept != 0 && now.tv_sec - slot->kept < DAY_S))
        return;
    slot->kept = now.tv_sec;
    (void)futimens(slot->fd, NULL);
}

void slot_close(struct slot *slot)
{
    if (slot->fd >= 0)
        close(slot->fd);
    slot->fd = -1;
}
