#include "kcat-in/lines.h"

#include "stream/in.h"
#include "text/split.h"
#include "util/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct lines {
    const struct lines_options *options;
    struct writer *writer;
    struct fault *fault;
    struct in in;
    uint32_t source;      /* the file's number */
    int64_t offset;       /* the next record's, in this file */
    uint64_t records;     /* in all */
    uint64_t since;       /* since the last barrier */
    int64_t barrier;      /* the last one's number */
    int64_t barrier_time; /* when it was put, ms */
};

enum file_result { FILE_DONE, FILE_ENOUGH, FILE_FAULT };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void put_barrier(struct lines *lines, bool final)
{
    writer_barrier(lines->writer, ++lines->barrier, final);
    lines->since = 0;
    lines->barrier_time = now_ms();
}

/* How long a read may wait before a barrier is due. */
static int wait_ms(const struct lines *lines)
{
    if (lines->options->interval == 0 || lines->since == 0)
        return -1;
    int64_t left = lines->barrier_time + lines->options->interval - now_ms();
    return left < 0 ? 0 : left > 1000000 ? 1000000 : (int)left;
}

static void barrier_if_due(struct lines *lines)
{
    if (lines->options->interval != 0 && lines->since != 0 && wait_ms(lines) == 0)
        put_barrier(lines, false);
}

static inline bool put_line(struct lines *lines, struct span line)
{
    struct record record = {.source = lines->source, .offset = lines->offset, .value = line};
    if (lines->options->separator.at != NULL)
        record.value = split_key(line, lines->options->separator, &record.key);
    if (line.size > lines->options->record_cap) {
        fault_set(lines->fault, STATUS_DATA,
                  "%s:%" PRId64 ": longer than %" PRIu64 " bytes: raise --max-record",
                  lines->in.name, lines->offset + 1, lines->options->record_cap);
        return false;
    }
    writer_record(lines->writer, &record);
    lines->offset++;
    lines->records++;
    lines->since++;
    return true;
}

/* All whole lines that are buffered. *scanned: bytes of the rest known to hold no end. */
static enum file_result put_lines(struct lines *lines, size_t *scanned)
{
    struct in *in = &lines->in;
    while (in->at < in->have) {
        const uint8_t *line = in->buffer + in->at;
        size_t left = in->have - in->at;
        const uint8_t *end = memchr(line + *scanned, lines->options->end, left - *scanned);
        if (end == NULL) {
            *scanned = left;
            break;
        }
        *scanned = 0;
        if (!put_line(lines, span_of(line, (size_t)(end - line))))
            return FILE_FAULT;
        in->at += (size_t)(end - line) + 1;
        if (lines->records == lines->options->count)
            return FILE_ENOUGH;
    }
    return FILE_DONE;
}

static bool is_stream(struct lines *lines)
{
    struct span bytes = in_bytes(&lines->in);
    if (bytes.size < FRAME_MAGIC_SIZE || memcmp(bytes.at, FRAME_MAGIC, FRAME_MAGIC_SIZE) != 0)
        return false;
    fault_set(lines->fault, STATUS_DATA, "%s: is a record stream already: cat %s | ...",
              lines->in.name, lines->in.fd == STDIN_FILENO ? "FILE" : lines->in.name);
    return true;
}

/* The last line of a file may lack its end; it counts. */
static enum file_result put_rest(struct lines *lines)
{
    struct span rest = in_bytes(&lines->in);
    lines->in.at = lines->in.have;
    if (rest.size > 0 && !put_line(lines, rest))
        return FILE_FAULT;
    return lines->records == lines->options->count && lines->options->count > 0 ? FILE_ENOUGH
                                                                                : FILE_DONE;
}

/* A line that is still without an end must not fill the memory. */
static bool fits(struct lines *lines, size_t size)
{
    if (size <= lines->options->record_cap)
        return true;
    return put_line(lines, span_of(lines->in.buffer + lines->in.at, size));
}

static enum file_result put_file(struct lines *lines)
{
    size_t scanned = 0;
    bool first = true;
    for (;;) {
        barrier_if_due(lines);
        enum in_result got = in_fill(&lines->in, scanned + 1, wait_ms(lines));
        if (got == IN_FAULT)
            return FILE_FAULT;
        if (got == IN_EOF)
            return put_rest(lines);
        if (got == IN_WAIT)
            continue;
        if (first && is_stream(lines))
            return FILE_FAULT;
        enum file_result result = put_lines(lines, &scanned);
        first = first && lines->offset == 0 && lines->in.have < FRAME_MAGIC_SIZE;
        if (result != FILE_DONE)
            return result;
        if (!fits(lines, scanned))
            return FILE_FAULT;
    }
}

static int open_file(struct lines *lines, const char *name)
{
    if (strcmp(name, "-") == 0)
        return STDIN_FILENO;
    struct stat status;
    int fd = sig_open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && errno == EINTR)
        fault_signal(lines->fault, sig_caught());
    else if (fd < 0)
        fault_set(lines->fault, STATUS_NOINPUT, "%s: cannot open: %s%s", name, strerror(errno),
                  errno == ENOENT && lines->options->broker_known ? ": to read a topic: -t NAME"
                                                                  : "");
    else if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        fault_set(lines->fault, STATUS_NOINPUT, "%s: is a directory: name the files in it", name);
        close(fd);
        fd = -1;
    }
    return fd;
}

static enum file_result take_file(struct lines *lines, const char *name)
{
    int fd = open_file(lines, name);
    if (fd < 0)
        return FILE_FAULT;
    in_switch(&lines->in, fd, fd == STDIN_FILENO ? "standard input" : name);
    lines->offset = 0;
    writer_source(lines->writer, ++lines->source, span_str(name), -1, -1);
    enum file_result result = put_file(lines);
    if (fd != STDIN_FILENO)
        close(fd);
    return result;
}

static bool put_hello(struct lines *lines)
{
    struct hello hello = {.version = FRAME_VERSION, .record_cap = lines->options->record_cap};
    if (getrandom(hello.run_id, sizeof hello.run_id, 0) != (ssize_t)sizeof hello.run_id) {
        fault_set(lines->fault, STATUS_OS, "no random number: %s", strerror(errno));
        return false;
    }
    writer_hello(lines->writer, &hello);
    return true;
}

bool lines_run(const struct lines_options *options, struct writer *writer, struct fault *fault)
{
    struct lines lines = {.options = options, .writer = writer, .fault = fault};
    if (!in_open(&lines.in, STDIN_FILENO, "standard input", &writer->out, fault))
        return false;
    lines.barrier_time = now_ms();
    enum file_result result = put_hello(&lines) ? FILE_DONE : FILE_FAULT;
    for (char *const *file = options->files; *file != NULL && result == FILE_DONE; file++)
        result = take_file(&lines, *file);
    if (result != FILE_FAULT) {
        put_barrier(&lines, true);
        writer_end(writer);
        out_flush(&writer->out);
    }
    in_close(&lines.in);
    return fault->status == 0;
}
