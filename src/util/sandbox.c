#include "util/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of every sanitizer's runtime library; where there is none, so is this. */
extern void __sanitizer_set_report_fd(void *fd) __attribute__((weak)); // NOLINT: its name

/* What a filter does: bytes in and out, memory, waiting, signals to itself, the end of the text end
 * at a terminal. tests/sandbox.bats has the filters do all of it. */
static const uint32_t allowed[] = {
    __NR_read,         __NR_write,          __NR_writev,  __NR_close,        __NR_ppoll,
    __NR_munmap,       __NR_mremap,         __NR_madvise, __NR_brk,          __NR_futex,
    __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_getpid,  __NR_rt_sigreturn, __NR_restart_syscall,
    __NR_gettid,       __NR_wait4,          __NR_exit,    __NR_exit_group,   __NR_clock_gettime,
    __NR_getrandom,
#ifdef __NR_poll
    __NR_poll, /* not on arm64 */
#endif
};
enum { ALLOWED = sizeof allowed / sizeof allowed[0] };

/* What came behind it is not known to be refused: set_mempolicy_home_node(2), Linux 5.17. */
enum { NEWEST_CALL = 450 };

/* The low halves of a call's number, arguments and architecture are where these expect them, and
 * the numbers are those of one table. Elsewhere there is Landlock alone. */
#if defined(__x86_64__) && !defined(__ILP32__)
enum { HAS_FILTER = 1 };
static const uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
enum { HAS_FILTER = 1 };
static const uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
enum { HAS_FILTER = 0 };
static const uint32_t architecture = 0;
#endif

struct program {
    struct sock_filter step[160];
    unsigned short count;
};

static void add(struct program *program, uint16_t code, uint32_t value, uint8_t yes, uint8_t no)
{
    program->step[program->count++] = (struct sock_filter){code, yes, no, value};
}

static void load(struct program *program, size_t offset)
{
    add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void load_argument(struct program *program, size_t number)
{
    load(program, offsetof(struct seccomp_data, args) + number * sizeof(uint64_t));
}

static void answer(struct program *program, uint32_t what)
{
    add(program, BPF_RET | BPF_K, what, 0, 0);
}

/* Whether the value that was loaded is `value`: the next step, else the one after `skip` more. */
static void is(struct program *program, uint32_t value, uint8_t skip)
{
    add(program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip);
}

/* A call whose argument must not have one of the bits. */
static void allow_without(struct program *program, uint32_t call, size_t number, uint32_t bits)
{
    is(program, call, 4);
    load_argument(program, number);
    add(program, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    answer(program, SECCOMP_RET_ERRNO | EPERM);
    answer(program, SECCOMP_RET_ALLOW);
}

/* A call whose argument must be one of the two values. */
static void allow_where(struct program *program, uint32_t call, size_t number, uint32_t one,
                        uint32_t other)
{
    is(program, call, 5);
    load_argument(program, number);
    add(program, BPF_JMP | BPF_JEQ | BPF_K, one, 1, 0);
    is(program, other, 1);
    answer(program, SECCOMP_RET_ALLOW);
    answer(program, SECCOMP_RET_ERRNO | EPERM);
}

static void write_program(struct program *program)
{
    load(program, offsetof(struct seccomp_data, arch));
    add(program, BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0);
    answer(program, SECCOMP_RET_KILL_PROCESS);
    load(program, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < ALLOWED; i++) {
        is(program, allowed[i], 1);
        answer(program, SECCOMP_RET_ALLOW);
    }
    allow_without(program, __NR_mmap, 2, PROT_EXEC);
    allow_without(program, __NR_mprotect, 2, PROT_EXEC);
    allow_where(program, __NR_fcntl, 1, F_GETPIPE_SZ, F_SETPIPE_SZ);
    allow_where(program, __NR_tgkill, 0, (uint32_t)getpid(), (uint32_t)getpid());
    add(program, BPF_JMP | BPF_JGT | BPF_K, NEWEST_CALL, 0, 1);
    answer(program, SECCOMP_RET_ERRNO | ENOSYS);
    answer(program, SECCOMP_RET_ERRNO | EPERM);
}

/* All threads, of a preloaded library say. Without SPEC_ALLOW kernels before 5.16 slow the process
 * down against attacks by code that it runs for others: it runs none. Not by prctl(2), which cannot
 * say either. */
int sandbox_seccomp(void)
{
    struct program program = {0};
    if (!HAS_FILTER) {
        errno = ENOSYS;
        return -1;
    }
    write_program(&program);
    struct sock_fprog all = {program.count, program.step};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                   SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &all) == 0
               ? 0
               : -1;
}

/* landlock(7) as it is in newer kernels than the headers that we are built with. */
enum { CREATE_RULESET = 444, RESTRICT_SELF = 446, ASK_VERSION = 1 };

struct ruleset {
    uint64_t files, ports, scopes;
};

/* How many rights over files there are, from the first version on. */
static uint64_t file_rights(int version)
{
    int count = version == 1 ? 13 : version == 2 ? 14 : version < 5 ? 15 : 16;
    return (UINT64_C(1) << count) - 1;
}

static int landlock_version(void)
{
    long version = syscall(CREATE_RULESET, NULL, (size_t)0, ASK_VERSION);
    return version < 1 ? 0 : (int)version;
}

/* All rights are handled and no rule gives one. */
int sandbox_landlock(void)
{
    int version = landlock_version();
    struct ruleset none = {.files = file_rights(version), .ports = 3, .scopes = 3};
    size_t size = version < 4   ? offsetof(struct ruleset, ports)
                  : version < 6 ? offsetof(struct ruleset, scopes)
                                : sizeof none;
    int ruleset = version == 0 ? -1 : (int)syscall(CREATE_RULESET, &none, size, 0);
    if (ruleset < 0)
        return -1;
    long got = syscall(RESTRICT_SELF, ruleset, 0);
    close(ruleset);
    return got == 0 ? 0 : -1;
}

void sandbox_enter(void)
{
    if (__sanitizer_set_report_fd != NULL)
        return;
    (void)close_range(3, UINT_MAX, 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
        return;
    (void)sandbox_landlock();
    (void)sandbox_seccomp();
}

static bool has_seccomp(void)
{
    uint32_t action = SECCOMP_RET_ERRNO;
    return HAS_FILTER && syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

const char *sandbox_state(void)
{
    static char state[64];
    int landlock = landlock_version();
    if (__sanitizer_set_report_fd != NULL)
        return "sandbox: none, a sanitizer is built in";
    snprintf(state, sizeof state, "sandbox: %s", has_seccomp() ? "seccomp" : "no seccomp");
    size_t size = strlen(state);
    if (landlock > 0)
        snprintf(state + size, sizeof state - size, ", Landlock %d", landlock);
    else
        snprintf(state + size, sizeof state - size, ", no Landlock");
    return state;
}
