/* stream/reader: whole streams and concatenations are read; whatever is cut, changed or foreign
 * ends with the status of reader.h and never as a clean end. */
#include "sample.h"

enum { BEFORE_HELLO = 75, FOREIGN = 76 };

static int make_stream(void **state)
{
    static struct bytes stream;
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

static size_t frame_at(const struct bytes *stream, int index)
{
    return sample_frame(span_of(stream->at, stream->size), index);
}

static void a_segment_is_read(void **state)
{
    const struct bytes *stream = *state;
    struct reading reading = read_bytes(stream->at, stream->size);
    assert_int_equal(reading.result, READER_EOF);
    assert_int_equal(reading.records, SAMPLE_RECORDS);
    assert_int_equal(reading.records + reading.controls, SAMPLE_FRAMES);
}

static void a_groups_segment_is_read(void **state)
{
    (void)state;
    struct bytes stream = sample_stream("group", 2);
    struct reading reading = read_bytes(stream.at, stream.size);
    assert_int_equal(reading.result, READER_EOF);
    assert_int_equal(reading.records, 2 * SAMPLE_RECORDS);
    assert_int_equal(reading.records + reading.controls, 2 * (SAMPLE_FRAMES + 1));
    free(stream.at);
}

static void segments_follow_each_other(void **state)
{
    const struct bytes *stream = *state;
    struct bytes twice = bytes_of(stream->at, stream->size);
    bytes_add(&twice, stream->at, stream->size);
    struct reading reading = read_bytes(twice.at, twice.size);
    assert_int_equal(reading.result, READER_EOF);
    assert_int_equal(reading.records, 2 * SAMPLE_RECORDS);
    struct bytes written = sample_stream("", 2);
    assert_int_equal(written.size, twice.size);
    assert_memory_equal(written.at, twice.at, twice.size);
    free(written.at);
    free(twice.at);
}

static void hello_and_sources_are_kept(void **state)
{
    const struct bytes *stream = *state;
    struct fault fault = {.tool = "reader"};
    struct reader reader;
    struct frame frame;
    char place[PLACE_MOST];
    int fd = file_of(stream->at, stream->size);
    assert_true(reader_open(&reader, fd, NULL, &fault));
    assert_int_equal(reader_next(&reader, &frame, -1), READER_FRAME);
    assert_int_equal(frame.kind, FRAME_HELLO_KIND);
    assert_int_equal(reader.hello.record_cap, 100000);
    assert_true(span_equal(reader.hello.cluster, text("cluster")));
    assert_int_equal(reader.hello.group.size, 0);
    static const char *const places[] = {
        "in.txt:1", "topic/3@41", "topic/3@42", "topic/3@43", "topic/3@9223372036854775807",
        "record 6"};
    for (int n = 0; reader_next(&reader, &frame, -1) == READER_FRAME;)
        if (frame.kind == FRAME_RECORD)
            assert_string_equal(reader_place(&reader, &frame, place), places[n++]);
    assert_int_equal(reader.source_count, 2);
    assert_null(reader_source(&reader, 0));
    assert_int_equal(reader_source(&reader, 1)->partition, -1);
    assert_string_equal(reader_source(&reader, 2)->topic, "topic");
    assert_int_equal(reader_source(&reader, 2)->epoch, 17);
    reader_close(&reader);
    close(fd);
}

/* HELLO's flag and group, OPEN's number, and where the reader stands. With the flag nothing is
 * committed: a cut is as final as without a group. */
static void hello_and_open_are_kept(void **state)
{
    (void)state;
    struct fault fault = {.tool = "reader"};
    struct made made = {.fault = {.tool = "writer"}, .fd = memory_file()};
    struct hello hello = sample_hello("group");
    hello.flags = FRAME_NO_HANDSHAKE;
    assert_true(writer_open(&made.writer, dup(made.fd), &made.fault));
    writer_hello(&made.writer, &hello);
    writer_preamble(&made.writer, UINT32_MAX);
    writer_close(&made.writer);
    struct reader reader;
    struct frame frame;
    assert_int_equal(lseek(made.fd, 0, SEEK_SET), 0);
    assert_true(reader_open(&reader, made.fd, NULL, &fault));
    assert_int_equal(reader_next(&reader, &frame, -1), READER_FRAME);
    assert_true(reader.group && span_equal(reader.hello.group, text("group")));
    assert_int_equal(reader.hello.flags, FRAME_NO_HANDSHAKE);
    assert_int_equal(reader.state, READER_IN_PREAMBLE);
    assert_int_equal(reader_next(&reader, &frame, -1), READER_FRAME);
    assert_int_equal(frame.kind, FRAME_OPEN);
    assert_true(frame.source == UINT32_MAX && frame.length == FRAME_HEAD);
    assert_int_equal(reader.state, READER_IN_BODY);
    assert_int_equal(reader_next(&reader, &frame, -1), READER_FAULT);
    assert_int_equal(fault.status, FOREIGN);
    reader_close(&reader);
    close(made.fd);
}

/* A file's last line number is one more than the highest offset: no overflow there. */
static void the_highest_offset_has_a_place(void **state)
{
    (void)state;
    struct source source = {.topic = (char[]){"f"}, .topic_size = 1, .partition = -1};
    struct reader reader = {.sources = &source, .source_count = 1};
    struct frame frame = {.source = 1, .offset = INT64_MAX};
    char place[PLACE_MOST];
    assert_string_equal(reader_place(&reader, &frame, place), "f:9223372036854775808");
}

/* What a stream of one or more equal segments must say when it ends after `cut` bytes. */
static void expect_cut(const struct bytes *segment, const uint8_t *stream, size_t cut, bool group)
{
    struct reading reading = read_bytes(stream, cut);
    size_t in_segment = cut % segment->size;
    size_t hello_end = frame_at(segment, 1);
    if (cut == 0)
        expect_fault(&reading, FOREIGN, "nothing came");
    else if (in_segment == 0)
        assert_int_equal(reading.result, READER_EOF);
    else
        expect_fault(&reading, in_segment < hello_end || group ? BEFORE_HELLO : FOREIGN,
                     "ended without END");
}

static void every_cut_has_its_status(void **state)
{
    (void)state;
    struct bytes segment = sample_stream("", 1), twice = sample_stream("", 2);
    struct bytes group = sample_stream("group", 1);
    for (size_t cut = 0; cut <= twice.size; cut++)
        expect_cut(&segment, twice.at, cut, false);
    for (size_t cut = 0; cut <= group.size; cut++)
        expect_cut(&group, group.at, cut, true);
    free(segment.at);
    free(twice.at);
    free(group.at);
}

/* Which bytes the checks guard: all but the key, value, header block and padding of records. */
static bool guarded(const struct bytes *stream, size_t at)
{
    if (at < FRAME_MAGIC_SIZE)
        return true;
    for (int i = 0;; i++) {
        size_t start = frame_at(stream, i), size = frame_padded(load32(stream->at + start));
        if (at >= start + size)
            continue;
        size_t head = (stream->at[start + FRAME_AT_FLAGS] & FRAME_HEADERS) ? 40 : 32;
        return stream->at[start + FRAME_AT_KIND] != FRAME_RECORD || at < start + head;
    }
}

static void expect_flips(const struct bytes *stream)
{
    struct bytes copy = bytes_of(stream->at, stream->size);
    for (size_t i = 0; i < copy.size; i++) {
        bool must_fail = guarded(stream, i);
        for (unsigned bits = 1; bits < 256; bits = bits < 128 ? bits * 2 : bits + 127) {
            copy.at[i] ^= (uint8_t)bits;
            struct reading reading = read_bytes(copy.at, copy.size);
            if (must_fail && reading.result != READER_FAULT)
                fail_msg("byte %zu with bits %x turned is read as clean", i, bits);
            copy.at[i] ^= (uint8_t)bits;
        }
    }
    assert_int_equal(read_bytes(copy.at, copy.size).result, READER_EOF);
    free(copy.at);
}

static void a_flip_is_never_clean(void **state)
{
    struct bytes group = sample_stream("group", 1);
    expect_flips(*state);
    expect_flips(&group);
    free(group.at);
}

static void bytes_may_come_one_by_one(void **state)
{
    const struct bytes *stream = *state;
    struct fault fault = {.tool = "reader"};
    struct reader reader;
    struct frame frame;
    int ends[2], frames = 0;
    assert_int_equal(pipe(ends), 0);
    assert_true(reader_open(&reader, ends[0], NULL, &fault));
    for (size_t i = 0; i < stream->size; i++) {
        assert_int_equal(write(ends[1], stream->at + i, 1), 1);
        enum reader_result result;
        while ((result = reader_next(&reader, &frame, -1)) == READER_FRAME)
            frames++;
        assert_int_equal(result, READER_WAIT);
    }
    close(ends[1]);
    assert_int_equal(reader_next(&reader, &frame, -1), READER_EOF);
    assert_int_equal(frames, SAMPLE_FRAMES);
    reader_close(&reader);
    close(ends[0]);
}

static void hello_comes_first(void **state)
{
    const struct bytes *stream = *state;
    static const uint8_t kinds[] = {FRAME_RECORD, FRAME_OPTIONAL};
    for (int i = 0; i < 2; i++) {
        struct bytes copy = bytes_of(FRAME_MAGIC, FRAME_MAGIC_SIZE);
        uint8_t head[FRAME_HEAD];
        frame_head(head, FRAME_HEAD, kinds[i], 0, 0, 0, 0, 0);
        bytes_add(&copy, head, FRAME_HEAD);
        bytes_add(&copy, stream->at + FRAME_MAGIC_SIZE, stream->size - FRAME_MAGIC_SIZE);
        struct reading reading = read_bytes(copy.at, copy.size);
        expect_fault(&reading, FOREIGN, "HELLO is missing");
        free(copy.at);
    }
}

static void a_changed_optional_frame_is_found(void **state)
{
    (void)state;
    struct made made;
    made_start(&made);
    made_frame(&made, 0x90, 20);
    writer_barrier(&made.writer, 1, true);
    writer_end(&made.writer);
    struct bytes stream = made_bytes(&made);
    assert_int_equal(read_bytes(stream.at, stream.size).result, READER_EOF);
    stream.at[frame_at(&stream, 1) + FRAME_HEAD + 21] ^= 1; /* in the padding */
    struct reading reading = read_bytes(stream.at, stream.size);
    expect_fault(&reading, FOREIGN, "the check at a BARRIER does not agree");
    free(stream.at);
}

static void foreign_input_is_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *says;
    } rows[] = {
        {"kpipe/2 records; read with kout\n", "another version than kpipe/1: made by a newer"},
        {"kpipe/11", "another version than kpipe/1: made by a newer"},
        {"a line of text\n", "is not a record stream: text becomes records by: kcat-in"},
        {"k\n", "is not a record stream"},
        {"\n", "is not a record stream"},
        {"{\"key\": 1}", "is not a record stream"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct reading reading = read_bytes(rows[i].bytes, strlen(rows[i].bytes));
        expect_fault(&reading, FOREIGN, rows[i].says);
    }
    struct reading reading = read_bytes("\0\0\0\0", 4);
    expect_fault(&reading, FOREIGN, "is not a record stream");
}

static void what_follows_end_is_a_magic(void **state)
{
    const struct bytes *stream = *state;
    static const char *const tails[] = {"text\n", "\n", "kpipf"};
    for (int i = 0; i < 3; i++) {
        struct bytes copy = bytes_of(stream->at, stream->size);
        bytes_add(&copy, tails[i], strlen(tails[i]));
        struct reading reading = read_bytes(copy.at, copy.size);
        expect_fault(&reading, FOREIGN, "something follows END that is no record stream");
        assert_int_equal(reading.records, SAMPLE_RECORDS);
        free(copy.at);
    }
}

/* A fault names the byte where its frame starts. */
static void the_place_is_told(void **state)
{
    const struct bytes *stream = *state;
    struct bytes copy = bytes_of(stream->at, stream->size);
    size_t at = frame_at(stream, 4);
    store32(copy.at + at, 31);
    char place[96];
    snprintf(place, sizeof place,
             "at byte %zu: no frame stands here: bytes were changed or are missing", at);
    struct reading reading = read_bytes(copy.at, copy.size);
    expect_fault(&reading, FOREIGN, place);
    free(copy.at);
}

/* ABORT in place of every frame, after END (with its magic), and before HELLO. */
static void abort_is_taken_anywhere(void **state)
{
    const struct bytes *stream = *state;
    struct fault fault = {.tool = "other", .status = 74, .by = "kgrep", .line = "disk: full"};
    for (int index = 0; index < SAMPLE_FRAMES; index++) {
        struct writer writer = {.out = {.fd = -1}};
        int fd = memory_file();
        assert_true(out_open(&writer.out, dup(fd), "aborted", &(struct fault){.tool = "w"}));
        out_put(&writer.out, stream->at, frame_at(stream, index));
        writer_abort(&writer, &fault);
        writer_close(&writer);
        struct reading reading = read_file(fd);
        expect_fault(&reading, 74, "disk: full");
        assert_string_equal(reading.fault.by, "kgrep");
        assert_string_equal(reading.fault.line, "disk: full");
        assert_true(reading.fault.quiet);
        assert_int_equal(reading.records + reading.controls, index);
    }
}

static void abort_after_end_starts_a_segment(void **state)
{
    (void)state;
    struct made made;
    made_start(&made);
    writer_barrier(&made.writer, 1, true);
    writer_end(&made.writer);
    struct fault fault = {.tool = "other", .status = 143, .by = "kgrep", .line = "ended"};
    writer_abort(&made.writer, &fault);
    struct reading reading = made_read(&made);
    expect_fault(&reading, 143, "ended");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_segment_is_read),
        cmocka_unit_test(a_groups_segment_is_read),
        cmocka_unit_test(segments_follow_each_other),
        cmocka_unit_test(hello_and_sources_are_kept),
        cmocka_unit_test(hello_and_open_are_kept),
        cmocka_unit_test(the_highest_offset_has_a_place),
        cmocka_unit_test(every_cut_has_its_status),
        cmocka_unit_test(a_flip_is_never_clean),
        cmocka_unit_test(bytes_may_come_one_by_one),
        cmocka_unit_test(hello_comes_first),
        cmocka_unit_test(a_changed_optional_frame_is_found),
        cmocka_unit_test(foreign_input_is_told_apart),
        cmocka_unit_test(what_follows_end_is_a_magic),
        cmocka_unit_test(the_place_is_told),
        cmocka_unit_test(abort_is_taken_anywhere),
        cmocka_unit_test(abort_after_end_starts_a_segment),
    };
    return cmocka_run_group_tests_name("reader", tests, make_stream, free_stream);
}
