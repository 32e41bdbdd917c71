#include "kout/command.h"

#include "util/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct command {
    char *const *argv;
    const struct text *text;
    struct fault *fault;
    struct out out;    /* to the command, while one runs */
    struct fault lost; /* out's own: a command that stops reading is no fault of ours */
    struct reader reader;
    struct delivery delivery;
    pid_t pid; /* 0: none runs */
};

/* In the child: the pipe as standard input, signals as the command expects them. What exec says
 * goes back through `report`, which a successful exec closes. */
static _Noreturn void become(const struct command *command, int input, int report)
{
    sig_child();
    signal(SIGINT, SIG_IGN);
    dup2(input, STDIN_FILENO);
    execvp(command->argv[0], command->argv);
    int error = errno;
    ssize_t written = write(report, &error, sizeof error);
    (void)written;
    _exit(127);
}

/* What exec reported: 0 where it succeeded. */
static int started(int report)
{
    int error = 0;
    ssize_t got;
    do
        got = read(report, &error, sizeof error);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof error ? error : 0;
}

static bool start_command(struct command *command)
{
    int input[2], report[2];
    if (pipe2(input, O_CLOEXEC) != 0)
        return false;
    if (pipe2(report, O_CLOEXEC) != 0) {
        close(input[0]);
        close(input[1]);
        return false;
    }
    command->pid = fork();
    if (command->pid == 0)
        become(command, input[0], report[1]);
    close(input[0]);
    close(report[1]);
    int error = command->pid < 0 ? errno : started(report[0]);
    close(report[0]);
    if (error == 0)
        return out_open(&command->out, input[1], command->argv[0], &command->lost);
    close(input[1]);
    if (command->pid > 0)
        waitpid(command->pid, NULL, 0);
    command->pid = 0;
    errno = error;
    return false;
}

static bool begin(struct command *command)
{
    command->lost = (struct fault){.tool = command->fault->tool};
    if (start_command(command))
        return true;
    fault_set(command->fault, errno == ENOENT || errno == EACCES ? STATUS_USAGE : STATUS_OS,
              "%s: cannot be started: %s", command->argv[0], strerror(errno));
    return false;
}

/* Closes the command's input and waits for its end. */
static int wait_end(struct command *command)
{
    int how = 0;
    out_close(&command->out);
    while (waitpid(command->pid, &how, 0) < 0 && errno == EINTR)
        if (sig_caught() != 0)
            kill(command->pid, SIGTERM);
    command->pid = 0;
    return how;
}

static void end(struct command *command)
{
    int how = command->pid == 0 ? 0 : wait_end(command);
    if (WIFSIGNALED(how))
        fault_set(command->fault, STATUS_RETRY, "%s: killed by SIG%s: its records come again",
                  command->argv[0], sigabbrev_np(WTERMSIG(how)));
    else if (WEXITSTATUS(how) != 0)
        fault_set(command->fault, STATUS_RETRY, "%s: ended with %d: its records come again",
                  command->argv[0], WEXITSTATUS(how));
}

static void take(struct command *command, const struct frame *frame)
{
    if (frame->kind == FRAME_RECORD) {
        if (command->pid != 0 || begin(command))
            text_put(&command->out, command->text, &command->reader, frame);
    } else if (frame->kind == FRAME_BARRIER) {
        end(command);
        if (command->fault->status == 0)
            delivery_ack(&command->delivery, frame->offset);
    } else {
        delivery_take(&command->delivery, &command->reader, frame);
    }
}

/* The reader's idle output is a dummy: what a command has got so far is its own affair. */
void command_run(const struct text *text, char *const *argv, bool replay, struct fault *fault)
{
    struct command command = {.argv = argv, .text = text, .fault = fault};
    struct out idle = {.fd = -1, .fault = fault};
    struct frame frame;
    delivery_open(&command.delivery, replay, fault);
    command.delivery.ready.flags = WIRE_COMMAND;
    if (reader_open(&command.reader, STDIN_FILENO, &idle, fault)) {
        delivery_spare(&command.delivery, &command.reader);
        while (fault->status == 0 && reader_next(&command.reader, &frame, -1) == READER_FRAME)
            take(&command, &frame);
        reader_close(&command.reader);
    }
    if (command.pid != 0)
        wait_end(&command); /* cut off by a fault: nothing of it is acknowledged */
    delivery_finish(&command.delivery);
}
