/* util/sig: signals, caught once and re-raised at the end.
 *
 * SIGINT, SIGTERM and SIGHUP are latched; a second one of a kind kills at once, unless the first
 * was taken by then. One that comes within 100 ms of the last one of its kind is the same one:
 * timeout(1) sends its signal to its child and then to its group, the child in it. What was ignored
 * when we started stays ignored (nohup, a job in the background). SIGPIPE is always ignored: a
 * reader that has gone shows as EPIPE, and who did not ignore it at the start dies of it at the
 * end, as `yes | head` does. SIGXFSZ too: a file over the user's limit shows as EFBIG. The latch is
 * the one piece of state in the kit that is not in a struct: a handler can be given no argument. */
#ifndef KPIPE_UTIL_SIG_H
#define KPIPE_UTIL_SIG_H

#include <poll.h>
#include <stdbool.h>

/* Sets the handlers. Call once, first. */
void sig_start(void);

/* In a child that becomes another program: SIGPIPE and SIGXFSZ as they were when we started. */
void sig_child(void);

/* The first latched signal's number, or 0. */
int sig_caught(void);

/* The latched signal's number, or 0; the latch is open again, so that sig_poll() can wait. */
int sig_take(void);

/* Whether this signal was ignored when we started. Where SIGPIPE was, a lost reader is an error to
 * tell. */
bool sig_was_ignored(int signal);

/* From now on SIGUSR1 asks for figures instead of killing. */
void sig_answer(void);

/* Whether they were asked for since the last call. */
bool sig_asked(void);

/* poll(2) without a time-out race: a signal latched before or during the call ends it. timeout_ms
 * -1 waits for ever. Returns as poll(2); -1 with EINTR when a signal was caught, or figures are
 * asked for. */
int sig_poll(struct pollfd *fds, nfds_t count, int timeout_ms);

/* open(2), which may wait for the other end of a fifo. -1 with EINTR: a signal was caught. */
int sig_open(const char *path, int flags);

/* The work is done: from now on these signals kill, so that none is caught after the last look at
 * sig_caught(), which stays. */
void sig_end(void);

/* Dies of `signal` with its default action; exits with 128 + signal where that does not kill. */
_Noreturn void sig_die(int signal);

#endif
