/* A small record stream in memory for the unit tests: made by stream/writer, cut and changed by the
 * tests, read by stream/reader. The helpers end the test where the system refuses them something.
 */
#ifndef KPIPE_TESTS_UNIT_SAMPLE_H
#define KPIPE_TESTS_UNIT_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stream/reader.h"
#include "stream/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes that a test owns and frees. */
struct bytes {
    uint8_t *at;
    size_t size;
};

static inline struct bytes bytes_of(const void *at, size_t size)
{
    struct bytes bytes = {malloc(size + 1), size};
    assert_non_null(bytes.at);
    if (size > 0)
        memcpy(bytes.at, at, size);
    return bytes;
}

/* Appends a copy; frees neither. */
static inline void bytes_add(struct bytes *bytes, const void *at, size_t size)
{
    bytes->at = realloc(bytes->at, bytes->size + size + 1);
    assert_non_null(bytes->at);
    memcpy(bytes->at + bytes->size, at, size);
    bytes->size += size;
}

static inline int memory_file(void)
{
    int fd = memfd_create("sample", 0);
    assert_true(fd >= 0);
    return fd;
}

/* A file in memory that holds these bytes, to be read from its start. */
static inline int file_of(const void *at, size_t size)
{
    int fd = memory_file();
    assert_true(pwrite(fd, at, size, 0) == (ssize_t)size);
    return fd;
}

/* All of a file in memory. */
static inline struct bytes file_bytes(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    struct bytes bytes = {malloc((size_t)st.st_size + 1), (size_t)st.st_size};
    assert_non_null(bytes.at);
    assert_true(pread(fd, bytes.at, bytes.size, 0) == (ssize_t)bytes.size);
    return bytes;
}

static inline struct span text(const char *bytes)
{
    return span_str(bytes);
}

/* A header block of "trace" twice, the second value null, and an empty name with an empty value. */
enum { SAMPLE_HEADERS = 3 };
static inline struct span sample_headers(uint8_t room[64])
{
    const struct header all[SAMPLE_HEADERS] = {
        {text("trace"), text("one")}, {text("trace"), {NULL, 0}}, {text(""), text("")}};
    uint8_t *end = room;
    for (int i = 0; i < SAMPLE_HEADERS; i++)
        end = frame_header_put(end, &all[i]);
    return span_of(room, (size_t)(end - room));
}

static inline struct hello sample_hello(const char *group)
{
    return (struct hello){.version = FRAME_VERSION,
                          .record_cap = 100000,
                          .run_id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
                          .cluster = text("cluster"),
                          .group = text(group)};
}

/* What sample_write() puts into a segment. */
enum { SAMPLE_RECORDS = 6, SAMPLE_BARRIERS = 2, SAMPLE_FRAMES = 12 };

/* One segment: every control kind but ABORT, records of every shape, two barriers. With a group
 * there is OPEN, too, of 12 partitions: a frame more. */
static inline void sample_write(struct writer *writer, const char *group)
{
    uint8_t block[64];
    struct hello hello = sample_hello(group);
    struct span headers = sample_headers(block), null = {NULL, 0};
    const struct record records[SAMPLE_RECORDS] = {
        {.source = 1, .offset = 0, .key = null, .value = text("a plain line of text")},
        {FRAME_CREATE_TIME, 2, 41, 1700000000000, text("key"), text("value"), headers, 3},
        {FRAME_LOG_APPEND_TIME, 2, 42, 1700000000001, text("tombstone"), null, null, 0},
        {.source = 2, .offset = 43, .key = text(""), .value = text("")},
        {FRAME_CREATE_TIME, 2, INT64_MAX, INT64_MIN, null, null, headers, 3},
        {.source = 0, .offset = -1, .key = text("\n\r\t"), .value = text("\xff\xfe\x80 \xc3\x28")}};
    writer_hello(writer, &hello);
    writer_source(writer, 1, text("in.txt"), -1, -1);
    if (hello.group.size > 0)
        writer_preamble(writer, 12);
    writer_source(writer, 2, text("topic"), 3, 17);
    for (int i = 0; i < 3; i++)
        writer_record(writer, &records[i]);
    writer_barrier(writer, 1, false);
    for (int i = 3; i < SAMPLE_RECORDS; i++)
        writer_record(writer, &records[i]);
    writer_barrier(writer, 2, true);
    writer_end(writer);
}

/* A whole stream of `segments` such segments. */
static inline struct bytes sample_stream(const char *group, int segments)
{
    struct fault fault = {.tool = "writer"};
    struct writer writer;
    int fd = memory_file();
    assert_true(writer_open(&writer, dup(fd), &fault));
    for (int i = 0; i < segments; i++)
        sample_write(&writer, group);
    writer_close(&writer);
    assert_int_equal(fault.status, 0);
    struct bytes stream = file_bytes(fd);
    close(fd);
    return stream;
}

/* Where frame number `index` (0: HELLO) of the stream's first segment starts. */
static inline size_t sample_frame(struct span stream, int index)
{
    size_t at = FRAME_MAGIC_SIZE;
    for (; index > 0; index--)
        at += frame_padded(load32(stream.at + at));
    assert_true(at <= stream.size);
    return at;
}

/* How a stream was read to its end. */
struct reading {
    enum reader_result result; /* READER_EOF or READER_FAULT */
    struct fault fault;
    uint64_t records, controls;
};

/* Reads a file from its start to its end; closes fd. READER_WAIT does not come from a file. */
static inline struct reading read_file(int fd)
{
    struct reading reading = {.fault = {.tool = "reader"}};
    struct reader reader;
    struct frame frame;
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_true(reader_open(&reader, fd, NULL, &reading.fault));
    while ((reading.result = reader_next(&reader, &frame, -1)) == READER_FRAME)
        *(frame.kind == FRAME_RECORD ? &reading.records : &reading.controls) += 1;
    assert_int_equal(reading.result == READER_FAULT, reading.fault.status != 0);
    reader_close(&reader);
    close(fd);
    return reading;
}

static inline struct reading read_bytes(const void *at, size_t size)
{
    return read_file(file_of(at, size));
}

static inline void expect_fault(const struct reading *reading, int status, const char *part)
{
    assert_int_equal(reading->result, READER_FAULT);
    assert_int_equal(reading->fault.status, status);
    if (strstr(reading->fault.line, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", reading->fault.line, part);
}

/* A stream whose frames a test writes itself, with right checks. */
struct made {
    struct writer writer;
    struct fault fault;
    int fd;
};

static inline void made_open(struct made *made, uint64_t record_cap)
{
    *made = (struct made){.fault = {.tool = "writer"}, .fd = memory_file()};
    assert_true(writer_open(&made->writer, dup(made->fd), &made->fault));
    struct hello hello = sample_hello("");
    hello.record_cap = record_cap;
    writer_hello(&made->writer, &hello);
}

static inline void made_start(struct made *made)
{
    made_open(made, sample_hello("").record_cap);
}

static inline void made_record(struct made *made, uint32_t source, const char *value)
{
    struct record record = {.source = source, .value = text(value)};
    writer_record(&made->writer, &record);
}

static inline void made_frame(struct made *made, uint8_t kind, size_t body)
{
    uint8_t raw[256] = {0};
    frame_head(raw, FRAME_HEAD + body, kind, 0, 0, 0, 0, 0);
    struct frame frame = {.raw = raw, .size = frame_padded(FRAME_HEAD + body)};
    writer_control(&made->writer, &frame);
    out_commit(&made->writer.out);
}

/* What was written so far; ends the writing. */
static inline struct bytes made_bytes(struct made *made)
{
    writer_close(&made->writer);
    struct bytes stream = file_bytes(made->fd);
    close(made->fd);
    return stream;
}

static inline struct reading made_read(struct made *made)
{
    struct bytes stream = made_bytes(made);
    struct reading reading = read_bytes(stream.at, stream.size);
    free(stream.at);
    return reading;
}

static inline struct reading made_end(struct made *made, int64_t barrier)
{
    writer_barrier(&made->writer, barrier, true);
    writer_end(&made->writer);
    return made_read(made);
}

#endif
