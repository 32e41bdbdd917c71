/* stream/writer: what is written is read back, record by record and byte by byte. */
#include "sample.h"

/* A small generator, so that a failure comes back with its seed. */
static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

enum { RANDOM_RECORDS = 3000, POOL = 1 << 18 };

static struct span some(uint32_t *seed, const uint8_t *pool)
{
    uint32_t dice = next(seed) % 64;
    if (dice < 8)
        return span_of(NULL, 0);
    size_t most = dice == 63 ? POOL : dice > 55 ? 40000 : 40;
    size_t size = next(seed) % most;
    return span_of(pool + next(seed) % (POOL - size), size);
}

/* Record number n: null, empty, short, around the writer's own bounds, and larger than its buffer.
 */
static struct record random_record(uint32_t n, const uint8_t *pool, uint8_t block[64])
{
    static const uint8_t times[] = {0, FRAME_CREATE_TIME, FRAME_LOG_APPEND_TIME};
    uint32_t seed = n * 2654435761U + 1;
    struct record record = {.time = times[next(&seed) % 3],
                            .source = next(&seed) % 3,
                            .offset = (int64_t)next(&seed) << 30,
                            .timestamp = -(int64_t)next(&seed),
                            .key = some(&seed, pool),
                            .value = some(&seed, pool)};
    if (next(&seed) % 4 == 0) {
        record.headers = sample_headers(block);
        record.header_count = SAMPLE_HEADERS;
    }
    return record;
}

static bool same(struct span a, struct span b)
{
    return (a.at == NULL) == (b.at == NULL) && span_equal(a, b);
}

static void expect_record(const struct frame *frame, const struct record *record, uint32_t n)
{
    bool all = same(frame->key, record->key) && same(frame->value, record->value) &&
               span_equal(frame->headers, record->headers) &&
               frame->header_count == record->header_count && frame->source == record->source &&
               frame->offset == record->offset && frame->timestamp == record->timestamp &&
               (frame->flags & (FRAME_CREATE_TIME | FRAME_LOG_APPEND_TIME)) == record->time;
    for (size_t i = frame->length; i < frame->size; i++)
        all = all && frame->raw[i] == 0;
    if (!all)
        fail_msg("record %u did not come back", n);
}

static void random_records_come_back(void **state)
{
    (void)state;
    static uint8_t pool[POOL];
    uint8_t block[64];
    for (size_t i = 0; i < POOL; i++)
        pool[i] = (uint8_t)(i * 131 + i / 256);
    struct made made;
    made_open(&made, 2 * POOL);
    writer_source(&made.writer, 1, text("a"), 0, 0);
    writer_source(&made.writer, 2, text("b"), 0, 0);
    for (uint32_t n = 0; n < RANDOM_RECORDS; n++) {
        struct record record = random_record(n, pool, block);
        writer_record(&made.writer, &record);
    }
    writer_barrier(&made.writer, 1, true);
    writer_end(&made.writer);
    writer_close(&made.writer);
    lseek(made.fd, 0, SEEK_SET);

    struct fault fault = {.tool = "reader"};
    struct reader reader;
    struct frame frame;
    uint32_t n = 0;
    assert_true(reader_open(&reader, made.fd, NULL, &fault));
    while (reader_next(&reader, &frame, -1) == READER_FRAME)
        if (frame.kind == FRAME_RECORD) {
            struct record record = random_record(n, pool, block);
            expect_record(&frame, &record, n++);
        }
    assert_int_equal(fault.status, 0);
    assert_int_equal(n, RANDOM_RECORDS);
    reader_close(&reader);
    close(made.fd);
}

/* Every size around the bound where a record is no longer copied, and around the buffer's. */
static void every_size_around_a_bound_comes_back(void **state)
{
    (void)state;
    static char value[OUT_BUFFER + 64];
    static const size_t bounds[] = {FRAME_HEAD + 8, OUT_BUFFER / 4, OUT_BUFFER / 2, OUT_BUFFER};
    memset(value, 'v', sizeof value);
    for (size_t b = 0; b < sizeof bounds / sizeof bounds[0]; b++) {
        struct made made;
        made_open(&made, 2 * OUT_BUFFER);
        uint64_t records = 0;
        for (size_t size = bounds[b] - FRAME_HEAD - 8; size < bounds[b] + 8; size++, records++) {
            struct record record = {.value = span_of(value, size)};
            writer_record(&made.writer, &record);
        }
        struct reading reading = made_end(&made, 1);
        assert_int_equal(reading.result, READER_EOF);
        assert_int_equal(reading.records, records);
    }
}

static void the_bytes_are_the_pages(void **state)
{
    (void)state;
    struct made made;
    made_open(&made, 1000);
    writer_source(&made.writer, 1, text("in"), -1, -1);
    struct record record = {FRAME_CREATE_TIME, 1, 7, 9, text("k"), text("value"), {NULL, 0}, 0};
    writer_record(&made.writer, &record);
    struct bytes stream = made_bytes(&made);
    static const char expected[] = "kpipe/1 records; read with kout\n"
                                   "\x47\0\0\0\1\0\x2cp"
                                   "\0\0\0\0\0\0\0\0"
                                   "\xe8\3\0\0\0\0\0\0"
                                   "\0\0\0\0\0\0\0\0"
                                   "\1\0\0\0\7\0\0\0"
                                   "\0\0\0\0\0\0\0\0"
                                   "\1\2\3\4\5\6\7\x8"
                                   "\x9\xa\xb\xc\xd\xe\xf\x10"
                                   "cluster\0"
                                   "\x22\0\0\0\2\0Ip"
                                   "\1\0\0\0\2\0\0\0"
                                   "\xff\xff\xff\xff\xff\xff\xff\xff"
                                   "\xff\xff\xff\xff\xff\xff\xff\xff"
                                   "in\0\0\0\0\0\0"
                                   "\x26\0\0\0\3\x8Mp"
                                   "\1\0\0\0\1\0\0\0"
                                   "\7\0\0\0\0\0\0\0"
                                   "\x9\0\0\0\0\0\0\0"
                                   "kvalue\0\0";
    assert_int_equal(stream.size, sizeof expected - 1);
    assert_memory_equal(stream.at, expected, stream.size);
    free(stream.at);
}

static void opens_bytes_are_the_pages(void **state)
{
    (void)state;
    struct made made;
    made_start(&made);
    writer_preamble(&made.writer, 0x01020304);
    struct bytes stream = made_bytes(&made);
    static const char expected[] = "\x20\0\0\0\7\0Kp"
                                   "\4\3\2\1\0\0\0\0"
                                   "\0\0\0\0\0\0\0\0"
                                   "\0\0\0\0\0\0\0\0";
    assert_memory_equal(stream.at + stream.size - FRAME_HEAD, expected, FRAME_HEAD);
    free(stream.at);
}

static void the_magic_leaves_at_once(void **state)
{
    (void)state;
    struct fault fault = {.tool = "writer"};
    struct writer writer;
    int fd = memory_file();
    assert_true(writer_open(&writer, dup(fd), &fault));
    struct bytes stream = file_bytes(fd);
    assert_int_equal(stream.size, FRAME_MAGIC_SIZE);
    assert_memory_equal(stream.at, FRAME_MAGIC, FRAME_MAGIC_SIZE);
    free(stream.at);
    writer_close(&writer);
    close(fd);
}

static void a_stream_without_a_segment_is_cut(void **state)
{
    (void)state;
    struct fault fault = {.tool = "writer"};
    struct writer writer;
    int fd = memory_file();
    assert_true(writer_open(&writer, dup(fd), &fault));
    writer_close(&writer);
    struct reading reading = read_file(fd);
    expect_fault(&reading, STATUS_RETRY, "ended without END");
}

/* What a filter does that lets everything through: the same bytes, with its own checks. Frees the
 * stream. */
static void expect_passed(struct bytes stream)
{
    struct fault fault = {.tool = "filter"};
    struct reader reader;
    struct writer writer;
    struct frame frame;
    int in = file_of(stream.at, stream.size), out = memory_file();
    assert_true(writer_open(&writer, dup(out), &fault));
    assert_true(reader_open(&reader, in, &writer.out, &fault));
    while (reader_next(&reader, &frame, -1) == READER_FRAME)
        switch (frame.kind) {
        case FRAME_RECORD:
            writer_pass(&writer, &frame);
            break;
        case FRAME_HELLO_KIND:
            writer_hello(&writer, &reader.hello);
            break;
        case FRAME_BARRIER:
            writer_barrier(&writer, frame.offset, frame.flags == FRAME_FINAL);
            break;
        case FRAME_END:
            writer_end(&writer);
            break;
        default:
            writer_control(&writer, &frame);
            break;
        }
    writer_close(&writer);
    reader_close(&reader);
    assert_int_equal(fault.status, 0);
    struct bytes passed = file_bytes(out);
    assert_int_equal(passed.size, stream.size);
    assert_memory_equal(passed.at, stream.at, stream.size);
    free(passed.at);
    free(stream.at);
    close(in);
    close(out);
}

static void passing_on_gives_the_same_bytes(void **state)
{
    (void)state;
    expect_passed(sample_stream("", 3));
    expect_passed(sample_stream("group", 3));
    struct made made;
    char value[20];
    made_start(&made);
    for (int i = 0; i < 20000; i++) {
        snprintf(value, sizeof value, "record %d", i);
        made_record(&made, 0, value);
    }
    writer_barrier(&made.writer, 1, true);
    writer_end(&made.writer);
    expect_passed(made_bytes(&made));
}

/* A control frame is never longer than it may be, however long what it should say. */
static void long_words_are_cut(void **state)
{
    (void)state;
    static char words[FRAME_CONTROL + 10];
    memset(words, 'w', sizeof words - 1);
    struct made made;
    made_start(&made);
    writer_source(&made.writer, 1, text(words), 0, 0);
    assert_int_equal(made_end(&made, 1).result, READER_EOF);

    struct fault fault = {.tool = "writer"};
    struct writer writer;
    int fd = memory_file();
    assert_true(writer_open(&writer, dup(fd), &fault));
    struct hello hello = sample_hello(words);
    hello.cluster = text(words);
    writer_hello(&writer, &hello);
    writer_barrier(&writer, 1, true);
    writer_end(&writer);
    writer_close(&writer);
    assert_int_equal(read_file(fd).result, READER_EOF);
}

/* Padding is zeros, also where a longer frame stood in the same memory before. */
static void padding_is_zeros(void **state)
{
    (void)state;
    struct made made;
    made_start(&made);
    writer_source(&made.writer, 1, text("xxxxxxxxxxxxxxxxxxxxxxxx"), 0, 0);
    writer_source(&made.writer, 2, text("y"), 0, 0);
    struct bytes stream = made_bytes(&made);
    assert_memory_equal(stream.at + stream.size - 8, "y\0\0\0\0\0\0", 8);
    free(stream.at);
}

static void abort_keeps_the_line_whole(void **state)
{
    (void)state;
    struct made made;
    struct fault fault = {.tool = "kgrep", .status = 255, .by = "kgrep"};
    memset(fault.line, 'x', FAULT_LINE - 1);
    made_start(&made);
    writer_abort(&made.writer, &fault);
    struct reading reading = made_read(&made);
    expect_fault(&reading, 255, fault.line);
    assert_int_equal(strlen(reading.fault.line), FAULT_LINE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_records_come_back),
        cmocka_unit_test(every_size_around_a_bound_comes_back),
        cmocka_unit_test(the_bytes_are_the_pages),
        cmocka_unit_test(opens_bytes_are_the_pages),
        cmocka_unit_test(the_magic_leaves_at_once),
        cmocka_unit_test(a_stream_without_a_segment_is_cut),
        cmocka_unit_test(passing_on_gives_the_same_bytes),
        cmocka_unit_test(long_words_are_cut),
        cmocka_unit_test(padding_is_zeros),
        cmocka_unit_test(abort_keeps_the_line_whole),
    };
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
