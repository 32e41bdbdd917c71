/* Each wall of the sandbox by itself: what stands behind the other one. tests/sandbox.bats tries
 * both in the filters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NO_WALL = 255 };

static int opened(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY) >= 0 ? 0 : errno;
}

static int made_socket(void)
{
    return syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0) >= 0 ? 0 : errno;
}

/* What errno `tried` ends with in a process behind the wall; NO_WALL: the kernel has none. */
static int behind(int (*wall)(void), int (*tried)(void))
{
    int how;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (wall != NULL && (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0 || wall() != 0))
            _exit(NO_WALL);
        _exit(tried());
    }
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_true(WIFEXITED(how));
    return WEXITSTATUS(how);
}

static void refuses(int (*wall)(void), int (*tried)(void), int error)
{
    if (strstr(sandbox_state(), "sanitizer") != NULL)
        skip(); /* it has calls of its own to make, at its end, too */
    int got = behind(wall, tried);
    assert_int_equal(behind(NULL, tried), 0);
    if (got == NO_WALL)
        skip();
    assert_int_equal(got, error);
}

static void landlock_keeps_from_files(void **state)
{
    (void)state;
    refuses(sandbox_landlock, opened, EACCES);
}

static void seccomp_keeps_from_files(void **state)
{
    (void)state;
    refuses(sandbox_seccomp, opened, EPERM);
}

static void seccomp_keeps_from_sockets(void **state)
{
    (void)state;
    refuses(sandbox_seccomp, made_socket, EPERM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(landlock_keeps_from_files),
        cmocka_unit_test(seccomp_keeps_from_files),
        cmocka_unit_test(seccomp_keeps_from_sockets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
