/* util/fault: the one fault that ends a tool: its status, and the line that says why.
 *
 * A tool has one struct fault. Whoever meets the first trouble sets it; later ones are ignored, so
 * that the cause is told and not what followed from it. The tool tells it once on stderr, sends it
 * downstream in an ABORT frame, and ends with its status. */
#ifndef KPIPE_UTIL_FAULT_H
#define KPIPE_UTIL_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The statuses of all tools, after sysexits.h; kpipe(7) has the same table. 128+n is signal n. */
enum status {
    STATUS_OK = 0,
    STATUS_NONE = 1,         /* kgrep: nothing selected; kpipe-adm: two tables differ */
    STATUS_USAGE = 64,       /* the command line is wrong */
    STATUS_DATA = 65,        /* the data is wrong */
    STATUS_NOINPUT = 66,     /* no such file or topic */
    STATUS_UNAVAILABLE = 69, /* the broker cannot be reached */
    STATUS_BUG = 70,         /* a mistake of kpipe's */
    STATUS_OS = 71,          /* no memory, no descriptors */
    STATUS_IO = 74,          /* a read or a write failed */
    STATUS_RETRY = 75,       /* try again: nothing is lost */
    STATUS_STREAM = 76,      /* the record stream is broken */
    STATUS_AUTH = 77,        /* the broker refused us */
    STATUS_CONFIG = 78,      /* something outside needs mending first */
};

enum { FAULT_LINE = 1024, FAULT_TOOL = 32 };

#define FAULT_CLEAR "\r\33[K" /* clears the line of a terminal */

struct fault {
    const char *tool;    /* this program's name, for its messages */
    int status;          /* 0: no fault yet */
    bool quiet;          /* told by another stage already, or a signal: say nothing */
    bool terminal;       /* standard error is one, as start() saw it: a filter cannot look later */
    bool clears;         /* progress may stand in the terminal's line: a message clears it */
    char by[FAULT_TOOL]; /* the tool whose fault it is: ours, or that of an ABORT frame */
    char line[FAULT_LINE]; /* "object: what is wrong: what to do", raw bytes, no newline at the end
                            */
};

/* Notes the fault if it is the first. Returns the status that stands now, never 0. */
int fault_set(struct fault *fault, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Out of memory, in the one wording. Returns the status that stands. */
int fault_memory(struct fault *fault);

/* Notes a fault that another tool has told already: its name and its line as they came. */
int fault_inherit(struct fault *fault, int status, const uint8_t *by, size_t by_size,
                  const uint8_t *line, size_t line_size);

/* Notes that signal number `signal` ends us, silently; status 128 + signal. */
int fault_signal(struct fault *fault, int signal);

/* Writes "tool: line" to stderr, control bytes escaped, once; nothing for a quiet fault. What
 * cannot be written is let go: the status still tells. */
void fault_tell(struct fault *fault);

/* Writes "tool: ..." to stderr in the same manner without being a fault: a warning, a hint. */
void fault_note(const struct fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
