#include "util/fault.h"

#include "util/escape.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void copy_bounded(char *to, size_t room, const uint8_t *from, size_t size)
{
    if (size >= room)
        size = room - 1;
    if (size > 0)
        memcpy(to, from, size);
    to[size] = '\0';
}

int fault_set(struct fault *fault, int status, const char *format, ...)
{
    if (fault->status != 0)
        return fault->status;
    va_list args;
    va_start(args, format);
    vsnprintf(fault->line, sizeof fault->line, format, args);
    va_end(args);
    snprintf(fault->by, sizeof fault->by, "%s", fault->tool);
    return fault->status = status;
}

int fault_memory(struct fault *fault)
{
    return fault_set(fault, STATUS_OS, "out of memory: raise the limit (ulimit -v) or free some");
}

int fault_inherit(struct fault *fault, int status, const uint8_t *by, size_t by_size,
                  const uint8_t *line, size_t line_size)
{
    if (fault->status != 0)
        return fault->status;
    copy_bounded(fault->by, sizeof fault->by, by, by_size);
    copy_bounded(fault->line, sizeof fault->line, line, line_size);
    fault->quiet = true;
    return fault->status = status;
}

int fault_signal(struct fault *fault, int signal)
{
    if (fault->status != 0)
        return fault->status;
    fault_set(fault, 128 + signal, "ended by SIG%s", sigabbrev_np(signal));
    fault->quiet = true;
    return fault->status;
}

/* One write(2) a line where the system takes it: lines of several stages do not mix. */
static void write_line(const char *at, size_t size)
{
    while (size > 0) {
        ssize_t written = write(STDERR_FILENO, at, size);
        if (written < 0 && errno != EINTR)
            return;
        if (written > 0) {
            at += written;
            size -= (size_t)written;
        }
    }
}

static void say(const struct fault *fault, const char *line)
{
    char text[sizeof FAULT_CLEAR + FAULT_TOOL + ESCAPE_MOST * FAULT_LINE + 4] = FAULT_CLEAR;
    size_t n = fault->clears ? sizeof FAULT_CLEAR - 1 : 0;
    const uint8_t *tool = (const uint8_t *)fault->tool;
    n += escape_bytes(text + n, FAULT_TOOL, tool, strlen(fault->tool));
    text[n++] = ':';
    text[n++] = ' ';
    n += escape_bytes(text + n, sizeof text - n - 1, (const uint8_t *)line, strlen(line));
    text[n++] = '\n';
    write_line(text, n);
}

void fault_tell(struct fault *fault)
{
    if (fault->status == 0 || fault->quiet)
        return;
    fault->quiet = true;
    say(fault, fault->line);
}

void fault_note(const struct fault *fault, const char *format, ...)
{
    char line[FAULT_LINE];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    say(fault, line);
}
