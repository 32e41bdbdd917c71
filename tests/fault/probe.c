/* A preloaded intruder: when a filter reads its first byte, and so has long locked itself up, it
 * tries all that bytes from a stranger would try once they had become its code. With FAULT_PROBE
 * set; each try is told on standard error, "NAME: refused" (EPERM), "NAME: done", or what else the
 * kernel said. Of nothing that is tried does anything remain, also where it works. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPORT = 2, CACHESTAT = 451 };

/* Calls the kernel itself: what libc does of its own could be in the way. */
#define CALL(...) (int)syscall(__VA_ARGS__)

static void tell(const char *name, long got)
{
    int error = errno;
    char line[128];
    const char *what = got >= 0 ? "done" : error == EPERM ? "refused" : strerror(error);
    int size = snprintf(line, sizeof line, "%s: %s\n", name, what);
    syscall(SYS_write, REPORT, line, (size_t)size);
}

/* A descriptor that was won is given back. */
static void tell_fd(const char *name, int fd)
{
    tell(name, fd);
    if (fd >= 0)
        syscall(SYS_close, fd);
}

static void files(void)
{
    static struct stat status;
    tell_fd("open", CALL(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
    tell_fd("open for writing", CALL(SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY));
    tell_fd("open a descriptor again", CALL(SYS_openat, AT_FDCWD, "/proc/self/fd/2", O_WRONLY));
    tell("mkdir", CALL(SYS_mkdirat, AT_FDCWD, "probe", 0700));
    tell("rename", CALL(SYS_renameat2, AT_FDCWD, "probe", AT_FDCWD, "probed", 0));
    tell("unlink", CALL(SYS_unlinkat, AT_FDCWD, "probed", AT_REMOVEDIR));
    tell("stat", CALL(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &status, 0));
    tell("chdir", CALL(SYS_chdir, "/"));
    tell_fd("dup", CALL(SYS_dup, 2));
    tell_fd("memfd", CALL(SYS_memfd_create, "probe", 0));
}

static void network(void)
{
    struct sockaddr_un name = {AF_UNIX, "/run/probe"};
    tell_fd("socket", CALL(SYS_socket, AF_INET, SOCK_STREAM, 0));
    tell_fd("local socket", CALL(SYS_socket, AF_UNIX, SOCK_STREAM, 0));
    tell("connect", CALL(SYS_connect, 0, &name, sizeof name));
    tell("bind", CALL(SYS_bind, 0, &name, sizeof name));
    tell("send", CALL(SYS_sendto, 0, "", 0, 0, NULL, 0));
    tell("receive", CALL(SYS_recvmsg, 0, NULL, 0));
}

static void processes(void)
{
    static char *no_words[] = {NULL};
    static char byte, copy;
    struct iovec from = {&byte, 1}, to = {&copy, 1};
    pid_t parent = getppid();
    int pid = CALL(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    tell("fork", pid);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    tell("exec", CALL(SYS_execve, "/nowhere", no_words, no_words));
    tell("ptrace", CALL(SYS_ptrace, PTRACE_CONT, getpid(), 0, 0));
    tell("read memory", CALL(SYS_process_vm_readv, getpid(), &to, 1, &from, 1, 0));
    tell("kill", CALL(SYS_kill, parent, 0));
    tell("signal a thread", CALL(SYS_tgkill, parent, parent, 0));
    tell("group", CALL(SYS_setpgid, 0, 0));
}

static void itself(void)
{
    struct winsize size;
    long page = sysconf(_SC_PAGESIZE);
    void *code =
        mmap(NULL, (size_t)page, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    tell("code", code == MAP_FAILED ? -1 : 0);
    void *data =
        mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    tell("data becomes code", mprotect(data, (size_t)page, PROT_READ | PROT_EXEC));
    tell("type at a terminal", CALL(SYS_ioctl, 2, TIOCGWINSZ, &size));
    tell("a lock", CALL(SYS_fcntl, 0, F_GETFL));
    tell("descriptor 3", CALL(SYS_write, 3, "", 0));
    tell("a later call", CALL(CACHESTAT, 0, NULL, NULL, 0));
}

/* The table of another architecture: death. */
static void other_table(void)
{
#ifdef __x86_64__
    long got = 20; /* getpid(2) of i386 */
    __asm__ volatile("int $0x80" : "+a"(got) : : "memory");
    errno = (int)-got;
    tell("another architecture", got);
#endif
}

static void probe(const char *what)
{
    if (strcmp(what, "other") == 0) {
        other_table();
        return;
    }
    files();
    network();
    processes();
    itself();
}

ssize_t read(int fd, void *at, size_t size)
{
    static int done;
    const char *what = getenv("FAULT_PROBE");
    if (fd == 0 && done == 0 && what != NULL) {
        done = 1;
        probe(what);
    }
    return syscall(SYS_read, fd, at, size);
}
