/* A preloaded fork server: a program is loaded and linked once and then forked per run, so that a
 * test can afford thousands. tests/tool/serve.py is the other side: descriptors 0, 1 and 2 are
 * files that it fills and reads, 197 another for a shim's report; it sends 8 bytes a run,
 * FAULT_SEED for the other shims here, and gets back what waitpid(2) says. A run that does not end
 * is killed by SIGALRM. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPORT = 197, ORDERS = 198, ANSWERS = 199, SECONDS_MOST = 10 };

static void begin(int64_t seed)
{
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)seed);
    setenv("FAULT_SEED", number, 1);
    for (int fd = 0; fd < 3; fd++)
        lseek(fd, 0, SEEK_SET);
    lseek(REPORT, 0, SEEK_SET);
    close(ORDERS);
    close(ANSWERS);
    alarm(SECONDS_MOST);
}

/* Calls the kernel itself: read(2) and write(2) may be another shim's. */
__attribute__((constructor)) static void serve(void)
{
    int64_t seed;
    if (getenv("FAULT_SERVE") == NULL)
        return;
    unsetenv("LD_PRELOAD");
    while (syscall(SYS_read, ORDERS, &seed, sizeof seed) == (long)sizeof seed) {
        int status;
        pid_t pid = fork();
        if (pid == 0) {
            begin(seed);
            return;
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid ||
            syscall(SYS_write, ANSWERS, &status, sizeof status) < 0)
            break;
    }
    _exit(1);
}
