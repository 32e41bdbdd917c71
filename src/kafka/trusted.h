/* kafka/trusted: files that are believed only when nobody else can have written them.
 *
 * A configuration says where records go and who we are, so it must be a regular file of ours or of
 * root's, which neither group nor others may write. What counts is the file that was opened, looked
 * at by its descriptor: links may lead to it (~/.config is often full of them), because what stands
 * in such a file was written by us or by root whoever made the link. */
#ifndef KPIPE_KAFKA_TRUSTED_H
#define KPIPE_KAFKA_TRUSTED_H

#include "util/fault.h"

enum { TRUSTED_MOST = 64 << 10 }; /* bytes: configurations and keys are small */

struct trusted {
    char *text; /* owned; a NUL stands behind it, and none in it */
    size_t size;
    /* Other users may read it: any at all, or, where it is ours and not root's, the group. As
     * libpq's rule for key files: root lends a service its secrets by the group. */
    bool shown;
};

/* Reads all of `path`, which does not block; `secret`: what others may read is refused. False: the
 * fault is set, 78. */
bool trusted_read(struct trusted *trusted, const char *path, bool secret, struct fault *fault);

/* The same for a file that somebody else reads for us: it is looked at only. */
bool trusted_secret(const char *path, struct fault *fault);

/* Wipes what was read, and gives it back. */
void trusted_close(struct trusted *trusted);

#endif
