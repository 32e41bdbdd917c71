#include "kpipe-loop/run.h"

#include "util/clock.h"
#include "util/sig.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A trap makes the shell wait for its stages instead of dying before them; they themselves get the
 * default actions back (POSIX 2.11, Signals and Error Handling). */
static const char script[] = "trap : HUP INT TERM; eval \"$1\"";

bool run_open(struct run *run, const char *pipeline, struct fault *fault)
{
    char path[64];
    *run = (struct run){.fault = fault, .pipeline = pipeline};
    run->acks = memfd_create("KPIPE_LOOP", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)getpid(), run->acks);
    if (run->acks < 0 || setenv("KPIPE_LOOP", path, 1) != 0) {
        fault_set(fault, STATUS_OS, "KPIPE_LOOP: cannot be made: %s: raise the limits (ulimit -a)",
                  strerror(errno));
        return false;
    }
    return true;
}

/* In the child: a group of its own, signals as we found them. */
static _Noreturn void become(const struct run *run)
{
    setpgid(0, 0);
    sig_end();
    sig_child();
    execl("/bin/sh", "sh", "-c", script, run->fault->tool, run->pipeline, (char *)NULL);
    fault_set(run->fault, STATUS_OS, "/bin/sh: cannot be started: %s", strerror(errno));
    fault_tell(run->fault);
    _exit(127);
}

static void pass_on(struct run *run, pid_t shell)
{
    int signal = sig_take();
    if (signal == 0)
        return;
    run->asked = signal;
    kill(-shell, signal);
}

/* Until the shell has ended; it is left to be reaped, so that its group's number stays its own. */
static void wait_end(struct run *run, pid_t shell, int handle)
{
    struct pollfd ended = {.fd = handle, .events = POLLIN};
    do {
        sig_poll(&ended, 1, -1);
        pass_on(run, shell);
    } while (ended.revents == 0);
}

/* Stages that have lost their shell are ended; what a shell has left in the background is meant. */
static int reap(pid_t shell)
{
    siginfo_t how;
    while (waitid(P_PID, (id_t)shell, &how, WEXITED | WNOWAIT) < 0 && errno == EINTR)
        ;
    if (how.si_code != CLD_EXITED)
        kill(-shell, SIGTERM);
    while (waitpid(shell, NULL, 0) < 0 && errno == EINTR)
        ;
    return how.si_code == CLD_EXITED ? how.si_status : 128 + how.si_status;
}

static int cannot(struct run *run)
{
    fault_set(run->fault, STATUS_OS,
              "the pipeline: cannot be started: %s: raise the limits "
              "(ulimit -a)",
              strerror(errno));
    return -1;
}

int run_once(struct run *run)
{
    struct stat acks;
    int64_t start = clock_ms();
    if (ftruncate(run->acks, 0) != 0)
        return cannot(run);
    pid_t shell = fork();
    if (shell == 0)
        become(run);
    if (shell < 0)
        return cannot(run);
    setpgid(shell, shell); /* both do: whoever is first */
    int handle = pidfd_open(shell, 0);
    if (handle >= 0) {
        wait_end(run, shell, handle);
        close(handle);
    }
    int status = reap(shell);
    run->acked = fstat(run->acks, &acks) == 0 && acks.st_size > 0;
    run->lasted_ms = clock_ms() - start;
    return status;
}

bool run_rest(int64_t ms)
{
    int64_t end = clock_ms() + ms, left;
    while (sig_caught() == 0 && (left = end - clock_ms()) > 0)
        sig_poll(NULL, 0, left < 60000 ? (int)left : 60000);
    return sig_caught() == 0;
}
