#include "kcat-in/lines.h"

#include "kcat-in/envelopes.h"
#include "stream/in.h"
#include "util/clock.h"
#include "util/random.h"
#include "util/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

struct lines {
    const struct lines_options *options;
    struct writer *writer;
    struct fault *fault;
    struct in in;
    struct envelopes envelopes;
    size_t most;          /* bytes of a line that make a record below the cap */
    uint32_t source;      /* the file's number */
    int64_t offset;       /* the next record's, in this file */
    uint64_t records;     /* in all */
    uint64_t since;       /* since the last barrier */
    int64_t barrier;      /* the last one's number */
    int64_t barrier_time; /* when it was put, ms */
};

/* Lines and their bytes in a frame; of fewer each has its own. */
enum { MANY_LEAST = 16, MANY_MOST = 8192, MANY_BYTES = 65536 };

enum file_result { FILE_DONE, FILE_ENOUGH, FILE_FAULT };

static void put_barrier(struct lines *lines, bool final)
{
    writer_barrier(lines->writer, ++lines->barrier, final);
    lines->since = 0;
    lines->barrier_time = clock_ms();
}

/* How long a read may wait before a barrier is due. */
static int wait_ms(const struct lines *lines)
{
    if (lines->options->interval == 0 || lines->since == 0)
        return -1;
    int64_t left = lines->barrier_time + lines->options->interval - clock_ms();
    return left < 0 ? 0 : left > 1000000 ? 1000000 : (int)left;
}

static void barrier_if_due(struct lines *lines)
{
    if (lines->options->interval != 0 && lines->since != 0 && wait_ms(lines) == 0)
        put_barrier(lines, false);
}

static bool put_envelope(struct lines *lines, struct span line)
{
    return envelopes_put(&lines->envelopes, line, lines->in.name, (uint64_t)lines->offset + 1,
                         lines->options->record_cap, lines->writer, lines->fault);
}

static inline bool put_line(struct lines *lines, struct span line)
{
    struct record record = {.source = lines->source, .offset = lines->offset};
    if (line.size > lines->most) {
        fault_set(lines->fault, STATUS_DATA,
                  "%s:%" PRId64 ": longer than %" PRIu64 " bytes: raise --max-record",
                  lines->in.name, lines->offset + 1, lines->options->record_cap);
        return false;
    }
    if (lines->options->json) {
        if (!put_envelope(lines, line))
            return false;
    } else {
        shape_record(&lines->options->shape, line, &record);
        writer_record(lines->writer, &record);
    }
    lines->offset++;
    lines->records++;
    lines->since++;
    return true;
}

/* Where the next record ends: the first byte of its end, of which the first `scanned` bytes are
 * known to hold none; NULL: it is not there yet. */
static inline const uint8_t *find_end(struct span end, struct span rest, size_t scanned)
{
    if (end.size == 1)
        return memchr(rest.at + scanned, end.at[0], rest.size - scanned);
    if (end.size == 0)
        return NULL;
    size_t from = scanned < end.size ? 0 : scanned - end.size + 1; /* it may have begun there */
    return memmem(rest.at + from, rest.size - from, end.at, end.size);
}

/* Whether records are lines as they stand, and nothing is to be done between them. */
static bool is_plain(const struct lines *lines)
{
    const struct lines_options *options = lines->options;
    return options->end.size == 1 && !options->json && options->shape.separator.at == NULL &&
           !options->shape.more && options->count == 0 && options->interval == 0 &&
           !lines->writer->sums && options->record_cap >= 2 * MANY_BYTES;
}

static void put_each(struct lines *lines, const uint8_t *at, const uint8_t *sizes, size_t count)
{
    struct record record = {.source = lines->source, .offset = lines->offset};
    for (size_t i = 0; i < count; i++, record.offset++) {
        size_t size = load32(sizes + 4 * i);
        record.value = span_of(at, size - 1);
        writer_record(lines->writer, &record);
        at += size;
    }
}

/* The whole lines that are buffered, as many as may go into a frame. False: there is none, or it is
 * too long for that. */
static bool put_many(struct lines *lines)
{
    struct in *in = &lines->in;
    const int end = lines->options->end.at[0];
    uint8_t sizes[4 * MANY_MOST];
    const uint8_t *start = in->buffer + in->at, *at = start, *found;
    size_t count = 0, left = in->have - in->at < MANY_BYTES ? in->have - in->at : MANY_BYTES;
    while (count < MANY_MOST && (found = memchr(at, end, left)) != NULL) {
        size_t size = (size_t)(found - at) + 1;
        store32(sizes + 4 * count++, (uint32_t)size);
        at += size;
        left -= size;
    }
    if (count >= MANY_LEAST)
        writer_lines(lines->writer, lines->source, lines->offset, sizes, count, 1,
                     span_of(start, (size_t)(at - start)));
    else
        put_each(lines, start, sizes, count);
    in->at += (size_t)(at - start);
    lines->offset += (int64_t)count;
    lines->records += count;
    lines->since += count;
    return count > 0;
}

/* All whole lines that are buffered. *scanned: bytes of the rest known to hold no end. */
static enum file_result put_lines(struct lines *lines, size_t *scanned)
{
    struct in *in = &lines->in;
    const struct span end = lines->options->end;
    bool plain = is_plain(lines);
    while (in->at < in->have) {
        if (plain && *scanned == 0 && put_many(lines))
            continue;
        const uint8_t *line = in->buffer + in->at;
        size_t left = in->have - in->at;
        const uint8_t *at = find_end(end, span_of(line, left), *scanned);
        if (at == NULL) {
            *scanned = left;
            break;
        }
        *scanned = 0;
        if (!put_line(lines, span_of(line, (size_t)(at - line))))
            return FILE_FAULT;
        in->at += (size_t)(at - line) + end.size;
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

/* The last line of a file may lack its end; it counts. A whole file counts though it be empty. */
static enum file_result put_rest(struct lines *lines)
{
    struct span rest = in_bytes(&lines->in);
    lines->in.at = lines->in.have;
    if ((rest.size > 0 || lines->options->whole) && !put_line(lines, rest))
        return FILE_FAULT;
    return lines->records == lines->options->count && lines->options->count > 0 ? FILE_ENOUGH
                                                                                : FILE_DONE;
}

/* A line that is still without an end must not fill the memory. */
static bool fits(struct lines *lines, size_t size)
{
    if (size <= lines->most + lines->options->end.size)
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
    if (!lines->options->json)
        writer_source(lines->writer, ++lines->source, span_str(name), -1, -1);
    enum file_result result = put_file(lines);
    if (fd != STDIN_FILENO)
        close(fd);
    return result;
}

static bool put_hello(struct lines *lines)
{
    struct hello hello = {.version = FRAME_VERSION, .record_cap = lines->options->record_cap};
    if (!random_fill(hello.run_id, sizeof hello.run_id, lines->fault))
        return false;
    writer_hello(lines->writer, &hello);
    return true;
}

/* A record is its line and what the shape adds. */
static bool take_cap(struct lines *lines)
{
    const struct lines_options *options = lines->options;
    size_t added = options->shape.key.size + options->shape.headers.size;
    if (added > options->record_cap)
        fault_set(lines->fault, STATUS_DATA,
                  "--key, --header: longer than %" PRIu64 " bytes: raise --max-record",
                  options->record_cap);
    lines->most = options->json ? envelopes_most(options->record_cap) : options->record_cap - added;
    return lines->fault->status == 0;
}

bool lines_run(const struct lines_options *options, struct writer *writer, struct fault *fault)
{
    struct lines lines = {.options = options, .writer = writer, .fault = fault};
    if (!in_open(&lines.in, STDIN_FILENO, "standard input", &writer->out, fault))
        return false;
    lines.barrier_time = clock_ms();
    enum file_result result = take_cap(&lines) && put_hello(&lines) ? FILE_DONE : FILE_FAULT;
    for (char *const *file = options->files; *file != NULL && result == FILE_DONE; file++)
        result = take_file(&lines, *file);
    if (result != FILE_FAULT) {
        put_barrier(&lines, true);
        writer_end(writer);
        out_flush(&writer->out);
    }
    in_close(&lines.in);
    envelopes_close(&lines.envelopes);
    return fault->status == 0;
}
