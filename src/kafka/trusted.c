#include "kafka/trusted.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether nobody but us and root has a say in it. */
static bool ours(const char *path, const struct stat *status, struct fault *fault)
{
    if (!S_ISREG(status->st_mode))
        fault_set(fault, STATUS_CONFIG, "%s: is not a regular file: name one", path);
    else if (status->st_uid != geteuid() && status->st_uid != 0)
        fault_set(fault, STATUS_CONFIG,
                  "%s: belongs to user %ju: it must be yours or root's: chown it, or copy it", path,
                  (uintmax_t)status->st_uid);
    else if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        fault_set(fault, STATUS_CONFIG, "%s: others may write to it: chmod go-w it", path);
    else
        return true;
    return false;
}

/* The whole file, a byte more than is allowed at most. */
static ssize_t read_all(int fd, char *to, size_t room)
{
    size_t size = 0;
    while (size < room) {
        ssize_t got = read(fd, to + size, room - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        size += (size_t)got;
    }
    return (ssize_t)size;
}

static bool read_text(struct trusted *trusted, int fd, const char *path, struct fault *fault)
{
    trusted->text = malloc(TRUSTED_MOST + 1);
    if (trusted->text == NULL) {
        fault_memory(fault);
        return false;
    }
    ssize_t got = read_all(fd, trusted->text, TRUSTED_MOST + 1);
    trusted->size = got > 0 ? (size_t)got : 0;
    if (got < 0)
        fault_set(fault, STATUS_CONFIG, "%s: cannot be read: %s", path, strerror(errno));
    else if (got > TRUSTED_MOST)
        fault_set(fault, STATUS_CONFIG, "%s: is larger than 64 KiB: name another", path);
    else if (memchr(trusted->text, '\0', trusted->size) != NULL)
        fault_set(fault, STATUS_CONFIG, "%s: has a NUL byte: it must be text", path);
    else
        trusted->text[trusted->size] = '\0';
    return fault->status == 0;
}

/* Opens it and looks at what was opened. -1: the fault is set. */
static int open_ours(const char *path, bool secret, bool *shown, struct fault *fault)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &status) != 0)
        fault_set(fault, STATUS_CONFIG, "%s: cannot be opened: %s", path, strerror(errno));
    else if (ours(path, &status, fault))
        *shown = (status.st_mode & (status.st_uid == 0 ? S_IROTH : S_IRGRP | S_IROTH)) != 0;
    if (fault->status == 0 && secret && *shown)
        fault_set(fault, STATUS_CONFIG, "%s: is a secret, and others may read it: chmod 600 it",
                  path);
    if (fault->status == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

bool trusted_read(struct trusted *trusted, const char *path, bool secret, struct fault *fault)
{
    *trusted = (struct trusted){0};
    int fd = open_ours(path, secret, &trusted->shown, fault);
    if (fd < 0)
        return false;
    bool read = read_text(trusted, fd, path, fault);
    close(fd);
    if (!read)
        trusted_close(trusted);
    return read;
}

bool trusted_secret(const char *path, struct fault *fault)
{
    bool shown = false;
    int fd = open_ours(path, true, &shown, fault);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

void trusted_close(struct trusted *trusted)
{
    if (trusted->text != NULL)
        explicit_bzero(trusted->text, trusted->size);
    free(trusted->text);
    *trusted = (struct trusted){0};
}
