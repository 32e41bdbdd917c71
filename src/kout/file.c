#include "kout/file.h"

#include "util/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(struct file *file, const char *what)
{
    int error = errno;
    int status = error == ENOENT || error == ENOTDIR ? STATUS_NOINPUT : STATUS_IO;
    fault_set(file->fault, status, "%s: %s: %s", file->target, what, strerror(error));
    return false;
}

/* What the symbolic link at `path` says, seen from here; NULL, errno EINVAL: it is no link. */
static char *link_target(const char *path)
{
    char link[PATH_MAX], *directory, *target = NULL;
    ssize_t size = readlink(path, link, sizeof link - 1);
    if (size < 0)
        return NULL;
    link[size] = '\0';
    if (link[0] == '/')
        return strdup(link);
    directory = strdup(path);
    if (directory != NULL && asprintf(&target, "%s/%s", dirname(directory), link) < 0)
        target = NULL;
    free(directory);
    return target;
}

/* Where `path` leads to: through links, also to a file that is not there yet. Links in a circle
 * never get here: realpath(3) says ELOOP. */
static char *resolve(const char *path)
{
    char *real = realpath(path, NULL);
    if (real != NULL || errno != ENOENT)
        return real;
    char *target = strdup(path), *next;
    while (target != NULL && (next = link_target(target)) != NULL) {
        free(target);
        target = next;
    }
    return target;
}

static char *temporary_name(const char *target)
{
    char *directory = strdup(target), *base = strdup(target), *name = NULL;
    if (directory != NULL && base != NULL &&
        asprintf(&name, "%s/.%.200s.XXXXXX", dirname(directory), basename(base)) < 0)
        name = NULL;
    free(directory);
    free(base);
    return name;
}

/* A name for a descriptor that is open already, as the shell's >(COMMAND) makes: a pipe is written
 * in place; a file behind it is somebody's, maybe a log, and must not be replaced. */
static bool open_descriptor(struct file *file, const char *path, struct fault *fault)
{
    struct stat status;
    *file = (struct file){.fault = fault, .fd = -1, .target = strdup(path)};
    if (file->target == NULL)
        return fault_memory(fault) == 0;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
        fault_set(fault, STATUS_USAGE, "%s: is a file that is open already: kout >> FILE", path);
        return false;
    }
    file->fd = sig_open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return file->fd >= 0 || fail(file, "cannot open");
}

static bool names_descriptor(const char *path)
{
    return strcmp(path, "/dev/stderr") == 0 || strncmp(path, "/dev/fd/", 8) == 0 ||
           strncmp(path, "/proc/", 6) == 0;
}

bool file_open(struct file *file, const char *path, struct fault *fault)
{
    if (names_descriptor(path))
        return open_descriptor(file, path, fault);
    *file = (struct file){.fault = fault, .fd = -1, .target = resolve(path)};
    if (file->target == NULL) {
        fault_set(fault, STATUS_NOINPUT, "%s: %s", path, strerror(errno));
        return false;
    }
    struct stat status;
    bool there = stat(file->target, &status) == 0;
    if (there && !S_ISREG(status.st_mode)) {
        file->fd = sig_open(file->target, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (file->fd < 0 && errno == EINTR)
            fault_signal(fault, sig_caught());
        return file->fd >= 0 || fail(file, "cannot open");
    }
    if (there && access(file->target, W_OK) != 0)
        return fail(file, "cannot write");
    file->temporary = temporary_name(file->target);
    if (file->temporary == NULL)
        return fault_memory(fault) == 0;
    file->fd = mkostemp(file->temporary, O_CLOEXEC);
    if (file->fd >= 0)
        return true;
    free(file->temporary);
    file->temporary = NULL;
    return fail(file, "cannot create a file beside it");
}

static bool sync_directory(const char *target)
{
    char *copy = strdup(target);
    int fd = copy == NULL ? -1 : open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    if (fd < 0)
        return errno == EACCES; /* it may be written but not read: nothing can be synced there */
    bool synced = fsync(fd) == 0 || errno == EINVAL; /* EINVAL: this file system cannot */
    close(fd);
    return synced;
}

static const uint8_t *find_last(const uint8_t *at, size_t size, struct span end)
{
    while (size >= end.size) {
        const uint8_t *last = at + size - end.size;
        if (memcmp(last, end.at, end.size) == 0)
            return last;
        last = memrchr(at, end.at[end.size - 1], size - 1);
        size = last == NULL ? 0 : (size_t)(last - at) + 1;
    }
    return NULL;
}

/* Where the last whole record ends. An end may lie across two blocks: they overlap. */
static off_t whole_size(int fd, off_t size, struct span end)
{
    uint8_t block[4096];
    for (off_t from = size; from > 0;) {
        off_t to = from == size ? size : from + (off_t)end.size - 1;
        from = to > (off_t)sizeof block ? to - (off_t)sizeof block : 0;
        ssize_t got = pread(fd, block, (size_t)(to - from), from);
        if (got != to - from)
            return -1;
        const uint8_t *last = find_last(block, (size_t)got, end);
        if (last != NULL)
            return from + (last - block) + (off_t)end.size;
    }
    return 0;
}

bool file_append(struct file *file, const char *path, struct span end, struct fault *fault)
{
    struct stat status;
    *file = (struct file){.fault = fault, .fd = -1, .target = strdup(path)};
    if (file->target == NULL)
        return fault_memory(fault) == 0;
    file->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    if (file->fd < 0 || fstat(file->fd, &status) != 0)
        return fail(file, "cannot open");
    if (!S_ISREG(status.st_mode))
        return true;
    off_t whole = whole_size(file->fd, status.st_size, end);
    if (whole < 0 || (whole < status.st_size && ftruncate(file->fd, whole) != 0))
        return fail(file, "cannot cut its torn last record");
    return sync_directory(file->target) || fail(file, "cannot sync its directory");
}

/* Owner and group of what it replaces, where we may give them. Another group gets what others get.
 */
static mode_t set_owner(struct file *file, const struct stat *old)
{
    mode_t mode = old->st_mode & 0777;
    if (fchown(file->fd, old->st_uid, old->st_gid) == 0 ||
        fchown(file->fd, (uid_t)-1, old->st_gid) == 0)
        return mode;
    return (mode & ~(mode_t)070) | (mode & 07) << 3;
}

/* mkstemp made it 0600: a target that make or a colleague reads wants the usual mode. */
static bool set_mode(struct file *file)
{
    struct stat status;
    mode_t mode = 0666;
    if (stat(file->target, &status) == 0) {
        mode = set_owner(file, &status);
    } else {
        mode_t mask = umask(0);
        umask(mask);
        mode &= ~mask;
    }
    return fchmod(file->fd, mode) == 0;
}

bool file_commit(struct file *file)
{
    if (file->temporary == NULL)
        return true;
    if (!set_mode(file))
        return fail(file, "cannot set its mode");
    if (fsync(file->fd) != 0)
        return fail(file, "cannot sync");
    if (rename(file->temporary, file->target) != 0)
        return fail(file, "cannot rename to it");
    free(file->temporary);
    file->temporary = NULL;
    return sync_directory(file->target) || fail(file, "cannot sync its directory");
}

void file_close(struct file *file)
{
    if (file->temporary != NULL)
        unlink(file->temporary);
    free(file->temporary);
    free(file->target);
    file->temporary = file->target = NULL;
}
