/* util/sandbox: what is left to a filter once it has read its arguments: standard input, standard
 * output, standard error, and memory.
 *
 * Records come from strangers, and a filter is where their bytes are looked at most. So that a
 * mistake in it, or in PCRE2, is no way into the machine, the process gives up what it no longer
 * needs, for good:
 *
 * - every descriptor above 2 is closed, and none can be opened, made, duplicated or received;
 * - no privilege can be gained by exec(2) (no_new_privs), and there is no exec(2), fork(2) or
 *   ptrace(2), no signal to another process, no ioctl(2): a terminal cannot be typed into;
 * - no memory can be made executable: PCRE2's JIT compiles before;
 * - by seccomp(2) for calls, and a second time by landlock(7) for files, TCP ports, abstract
 *   sockets and other processes, as far as the kernel knows these.
 *
 * A call that is refused fails with EPERM; one that is newer than this list with ENOSYS, so that a
 * newer libc falls back to what it did before. The process is not killed for it: what a libc or a
 * preloaded library tries in vain is not always an attack, and refused is refused. A call by
 * another architecture's table (int 0x80) kills: nobody makes it in good faith.
 *
 * A kernel that cannot do one of these goes without it; sandbox_state() tells. So does a build with
 * a sanitizer, which forks, traces and opens files when it has something to say. */
#ifndef KPIPE_UTIL_SANDBOX_H
#define KPIPE_UTIL_SANDBOX_H

/* Gives up the rest of the machine. Call when nothing is left to be opened, compiled or forked, and
 * before the first byte of a record is read. There is no way back, and children inherit it. */
void sandbox_enter(void);

/* Its two walls, each by itself. 0, or -1 where the kernel has none (errno). Want no_new_privs. */
int sandbox_landlock(void);
int sandbox_seccomp(void);

/* "sandbox: seccomp, Landlock 7": what sandbox_enter() would put up here and now. */
const char *sandbox_state(void);

#endif
