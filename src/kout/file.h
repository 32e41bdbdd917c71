/* kout/file: a file that is whole or not there: written beside its place and renamed at the end. */
#ifndef KPIPE_KOUT_FILE_H
#define KPIPE_KOUT_FILE_H

#include "util/fault.h"
#include "util/span.h"

enum { FILE_END = 64 };

struct file {
    struct fault *fault;
    int fd;
    char *target; /* owned: the place, links resolved */
    char
        *temporary; /* owned: beside it, .NAME.XXXXXX; NULL: not a regular file, written in place */
};

/* Opens the file to write to file->fd. What stands at `path` stays until file_commit(); a symbolic
 * link stays a link. A device or a fifo is opened itself. False: fault is set. */
bool file_open(struct file *file, const char *path, struct fault *fault);

/* Opens the file for appending, made where it is missing. A last record without its `end` is cut
 * off first: it was being written when its writer died and was never acknowledged. `end` has 1 to
 * FILE_END bytes.
 * file_commit() has nothing to do then. False: fault is set. */
bool file_append(struct file *file, const char *path, struct span end, struct fault *fault);

/* Syncs, gives it the mode and, where we may, owner and group of what stood there (else those of a
 * new file), renames, syncs the
 * directory. The descriptor is still open. False: fault is set; the place is as it was, or, where
 * only the directory could not be synced, has the whole new file. */
bool file_commit(struct file *file);

/* Removes what was begun; nothing after a commit. Frees; does not close fd. */
void file_close(struct file *file);

#endif
