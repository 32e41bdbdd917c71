#include "kgrep/given.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void given_add(struct given *words, const char *pattern)
{
    buffer_say(&words->all, pattern);
    buffer_say(&words->all, "\n");
}

static bool read_all(struct given *words, int fd)
{
    char piece[65536];
    ssize_t got;
    do {
        got = read(fd, piece, sizeof piece);
        if (got > 0)
            buffer_put(&words->all, piece, (size_t)got);
    } while (got > 0 || (got < 0 && errno == EINTR));
    return got == 0;
}

bool given_read(struct given *words, const char *name, struct fault *fault)
{
    size_t before = words->all.size;
    if (strcmp(name, "-") == 0) {
        fault_set(fault, STATUS_USAGE, "-f -: standard input is the records: -f FILE");
        return false;
    }
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || !read_all(words, fd))
        fault_set(fault, STATUS_NOINPUT, "%s: cannot be read: %s", name, strerror(errno));
    if (fd >= 0)
        close(fd);
    const struct buffer *all = &words->all;
    if (!all->failed && all->size > before && all->at[all->size - 1] != '\n')
        buffer_say(&words->all, "\n");
    return fault->status == 0;
}

void given_close(struct given *words)
{
    free(words->all.at);
    words->all = (struct buffer){0};
}
