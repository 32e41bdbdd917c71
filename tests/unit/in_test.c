/* stream/in, seen through a reader: how its buffer grows and shrinks, and when it waits. */
#include "sample.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>

static int make_stream(void **state)
{
    static struct bytes stream;
    signal(SIGPIPE, SIG_IGN);
    stream = sample_stream("", 1);
    *state = &stream;
    return 0;
}

static int free_stream(void **state)
{
    struct bytes *stream = *state;
    free(stream->at);
    return 0;
}

/* A head that claims half a gigabyte costs no more memory than what really comes. */
static void memory_grows_only_with_what_comes(void **state)
{
    (void)state;
    struct made made;
    made_open(&made, 600000000);
    struct bytes stream = made_bytes(&made);
    static uint8_t head[2 * IN_BUFFER];
    frame_head(head, 500000000, FRAME_RECORD, 0, 0, 0, 0, 0);
    bytes_add(&stream, head, sizeof head);
    struct fault fault = {.tool = "reader"};
    struct reader reader;
    struct frame frame;
    int fd = file_of(stream.at, stream.size);
    assert_true(reader_open(&reader, fd, NULL, &fault));
    assert_int_equal(reader_next(&reader, &frame, -1), READER_FRAME);
    assert_int_equal(reader_next(&reader, &frame, -1), READER_FAULT);
    assert_true(reader.in.room <= 4 * IN_BUFFER);
    reader_close(&reader);
    close(fd);
    free(stream.at);
}

static void a_large_record_grows_the_buffer_and_it_shrinks(void **state)
{
    (void)state;
    enum { LARGE = 5000001 };
    char *value = malloc(LARGE);
    assert_non_null(value);
    for (size_t i = 0; i < LARGE; i++)
        value[i] = (char)(i * 31 + i / 251);
    struct fault fault = {.tool = "large"};
    struct writer writer;
    int fd = memory_file(), seen = 0;
    assert_true(writer_open(&writer, dup(fd), &fault));
    struct hello hello = sample_hello("");
    hello.record_cap = LARGE;
    writer_hello(&writer, &hello);
    struct record record = {.value = span_of(value, LARGE)}, small = {.value = text("small")};
    writer_record(&writer, &small);
    writer_record(&writer, &record);
    for (int i = 0; i < 20000; i++)
        writer_record(&writer, &small);
    writer_barrier(&writer, 1, true);
    writer_end(&writer);
    writer_close(&writer);
    lseek(fd, 0, SEEK_SET);

    struct reader reader;
    struct frame frame;
    assert_true(reader_open(&reader, fd, NULL, &fault));
    while (reader_next(&reader, &frame, -1) == READER_FRAME) {
        if (frame.value.size != LARGE)
            continue;
        assert_memory_equal(frame.value.at, value, LARGE);
        assert_true(reader.in.room > LARGE);
        seen++;
    }
    assert_int_equal(fault.status, 0);
    assert_int_equal(seen, 1);
    assert_int_equal(reader.in.room, IN_BUFFER);
    reader_close(&reader);
    close(fd);
    free(value);
}

/* The same when it comes in pieces: the buffer does not shrink under a record that is half there.
 */
static void a_large_record_may_come_in_pieces(void **state)
{
    (void)state;
    enum { LARGE = 1000000, PIECE = 50001 };
    static char value[LARGE];
    memset(value, 'v', LARGE);
    struct made made;
    made_open(&made, LARGE);
    struct record record = {.value = span_of(value, LARGE)};
    writer_record(&made.writer, &record);
    struct bytes stream = made_bytes(&made);
    struct fault fault = {.tool = "reader"};
    struct reader reader;
    struct frame frame;
    int ends[2], records = 0;
    assert_int_equal(pipe(ends), 0);
    assert_true(reader_open(&reader, ends[0], NULL, &fault));
    for (size_t at = 0; at < stream.size; at += PIECE) {
        size_t size = stream.size - at < PIECE ? stream.size - at : PIECE;
        assert_int_equal(write(ends[1], stream.at + at, size), (ssize_t)size);
        while (reader_next(&reader, &frame, -1) == READER_FRAME)
            records += frame.kind == FRAME_RECORD && span_equal(frame.value, record.value);
    }
    assert_int_equal(fault.status, 0);
    assert_int_equal(records, 1);
    reader_close(&reader);
    close(ends[0]);
    close(ends[1]);
    free(stream.at);
}

/* What is not used stays, however much it is and however little is asked for. */
static void unused_bytes_are_kept(void **state)
{
    (void)state;
    enum { SIZE = 3 * IN_BUFFER + 77 };
    static uint8_t bytes[SIZE];
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i * 59 + i / 256);
    struct fault fault = {.tool = "in"};
    struct in in;
    int fd = file_of(bytes, SIZE);
    assert_true(in_open(&in, fd, "input", NULL, &fault));
    while (in_fill(&in, 1, -1) == IN_OK)
        ;
    assert_int_equal(in_bytes(&in).size, SIZE);
    assert_memory_equal(in_bytes(&in).at, bytes, SIZE);
    in.at += 2 * IN_BUFFER;
    assert_int_equal(in_fill(&in, 1, -1), IN_EOF);
    in.at += 100;
    assert_int_equal(in_fill(&in, 1, -1), IN_EOF);
    assert_int_equal(in_bytes(&in).size, SIZE - 2 * IN_BUFFER - 100);
    assert_memory_equal(in_bytes(&in).at, bytes + 2 * IN_BUFFER + 100, IN_BUFFER - 23);
    in_close(&in);
    close(fd);
}

/* With hold the caller is told once before each read, and nothing moves at that. */
static void a_hold_comes_before_each_read(void **state)
{
    (void)state;
    struct fault fault = {.tool = "in"};
    struct in in;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_true(in_open(&in, ends[0], "input", NULL, &fault));
    in.hold = true;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(write(ends[1], "bytes", 5), 5);
        struct span before = in_bytes(&in);
        assert_int_equal(in_fill(&in, 1, -1), IN_WAIT);
        assert_ptr_equal(in_bytes(&in).at, before.at);
        assert_int_equal(in_fill(&in, 1, -1), IN_OK);
        in.at += 4;
    }
    assert_int_equal(in_bytes(&in).size, 3);
    in_close(&in);
    close(ends[0]);
    close(ends[1]);
}

/* A reader with a paired output, both over pipes. */
struct pair {
    struct fault fault;
    struct out out;
    struct reader reader;
    int to_reader, from_out;
};

static void pair_open(struct pair *pair)
{
    int in[2], out[2];
    *pair = (struct pair){.fault = {.tool = "pair"}};
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    assert_true(out_open(&pair->out, out[1], "standard output", &pair->fault));
    assert_true(reader_open(&pair->reader, in[0], &pair->out, &pair->fault));
    pair->to_reader = in[1];
    pair->from_out = out[0];
}

static void pair_close(struct pair *pair)
{
    close(pair->reader.in.fd);
    reader_close(&pair->reader);
    out_close(&pair->out);
    close(pair->to_reader);
    close(pair->from_out);
}

static int waiting(int fd)
{
    int bytes = -1;
    assert_int_equal(ioctl(fd, FIONREAD, &bytes), 0);
    return bytes;
}

static void output_is_flushed_before_a_wait_only(void **state)
{
    const struct bytes *stream = *state;
    struct pair pair;
    struct frame frame;
    pair_open(&pair);
    assert_int_equal(write(pair.to_reader, stream->at, stream->size), (ssize_t)stream->size);
    for (int i = 0; i < SAMPLE_FRAMES; i++) {
        assert_int_equal(reader_next(&pair.reader, &frame, 1), READER_FRAME);
        out_pass(&pair.out, frame.raw, frame.size);
        assert_int_equal(waiting(pair.from_out), 0);
    }
    assert_int_equal(reader_next(&pair.reader, &frame, 0), READER_WAIT);
    assert_int_equal(waiting(pair.from_out), 0);
    assert_int_equal(reader_next(&pair.reader, &frame, 1), READER_WAIT);
    assert_int_equal(waiting(pair.from_out), (int)stream->size - FRAME_MAGIC_SIZE);
    uint8_t got[4096];
    assert_true(read(pair.from_out, got, sizeof got) > 0);
    assert_memory_equal(got, stream->at + FRAME_MAGIC_SIZE, stream->size - FRAME_MAGIC_SIZE);
    pair_close(&pair);
}

static void a_lost_reader_ends_a_quiet_stream(void **state)
{
    (void)state;
    struct pair pair;
    struct frame frame;
    pair_open(&pair);
    close(pair.from_out);
    pair.from_out = -1;
    assert_int_equal(reader_next(&pair.reader, &frame, -1), READER_FAULT);
    assert_int_equal(pair.fault.status, 128 + SIGPIPE);
    assert_true(pair.fault.quiet);
    pair_close(&pair);
}

/* Where the input ends at the same time, its end is told: all that was owed has been written. */
static void an_end_comes_before_a_lost_reader(void **state)
{
    const struct bytes *stream = *state;
    struct pair pair;
    struct frame frame;
    pair_open(&pair);
    assert_int_equal(write(pair.to_reader, stream->at, stream->size), (ssize_t)stream->size);
    for (int i = 0; i < SAMPLE_FRAMES; i++)
        assert_int_equal(reader_next(&pair.reader, &frame, -1), READER_FRAME);
    close(pair.to_reader);
    close(pair.from_out);
    pair.to_reader = pair.from_out = -1;
    assert_int_equal(reader_next(&pair.reader, &frame, -1), READER_EOF);
    assert_int_equal(pair.fault.status, 0);
    pair_close(&pair);
}

static void a_failed_output_ends_the_reading(void **state)
{
    const struct bytes *stream = *state;
    struct pair pair;
    struct frame frame;
    pair_open(&pair);
    assert_int_equal(write(pair.to_reader, stream->at, stream->size), (ssize_t)stream->size);
    close(pair.from_out);
    pair.from_out = -1;
    out_put(&pair.out, "x", 1);
    out_flush(&pair.out);
    assert_int_equal(reader_next(&pair.reader, &frame, -1), READER_FAULT);
    assert_int_equal(pair.fault.status, 128 + SIGPIPE);
    pair_close(&pair);
}

static void what_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    int directory = open("/", O_RDONLY | O_DIRECTORY);
    struct reading reading = read_file(directory);
    expect_fault(&reading, STATUS_IO, "standard input: cannot read: Is a directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_grows_only_with_what_comes),
        cmocka_unit_test(a_large_record_grows_the_buffer_and_it_shrinks),
        cmocka_unit_test(a_large_record_may_come_in_pieces),
        cmocka_unit_test(unused_bytes_are_kept),
        cmocka_unit_test(a_hold_comes_before_each_read),
        cmocka_unit_test(output_is_flushed_before_a_wait_only),
        cmocka_unit_test(a_lost_reader_ends_a_quiet_stream),
        cmocka_unit_test(an_end_comes_before_a_lost_reader),
        cmocka_unit_test(a_failed_output_ends_the_reading),
        cmocka_unit_test(what_cannot_be_read_is_an_error),
    };
    return cmocka_run_group_tests_name("in", tests, make_stream, free_stream);
}
