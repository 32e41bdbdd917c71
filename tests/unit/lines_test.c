/* LINES: many records in a frame come back as they were, one by one or whole; what does not add up
 * is refused, however it was cut or changed. */
#include "decode.h"

enum { FOREIGN = 76, CAP = 100000, RECORDS = 1000 };

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

/* Lines of up to `most` bytes and a gap behind each; `sizes` gets theirs. */
static struct bytes lines_of(size_t count, size_t most, size_t gap, uint8_t *sizes)
{
    uint32_t seed = (uint32_t)(count * 7 + most * 3 + gap);
    struct bytes all = {NULL, 0};
    uint8_t line[256];
    for (size_t i = 0; i < count; i++) {
        size_t size = next(&seed) % (most + 1);
        memset(line, (int)('a' + i % 26), size);
        memset(line + size, '\n', gap);
        bytes_add(&all, line, size + gap);
        store32(sizes + 4 * i, (uint32_t)(size + gap));
    }
    return all;
}

/* A segment of a source and these lines, from offset 7, and a record behind them. */
static struct bytes lined(size_t count, size_t most, size_t gap)
{
    uint8_t sizes[4 * RECORDS];
    struct bytes all = lines_of(count, most, gap, sizes);
    struct made made;
    made_open(&made, CAP);
    writer_source(&made.writer, 1, text("in.txt"), -1, -1);
    writer_lines(&made.writer, 1, 7, sizes, count, gap, span_of(all.at, all.size));
    free(all.at);
    made_record(&made, 1, "behind them");
    writer_barrier(&made.writer, 1, true);
    writer_end(&made.writer);
    return made_bytes(&made);
}

static void expect_line(const struct frame *frame, size_t number, struct span all)
{
    assert_int_equal(frame->size, 0);
    assert_int_equal(frame->kind, FRAME_RECORD);
    assert_int_equal(frame->flags, FRAME_NULL_KEY);
    assert_int_equal(frame->source, 1);
    assert_int_equal(frame->offset, 7 + (int64_t)number);
    assert_int_equal(frame->timestamp, 0);
    span_is(frame->key, NULL);
    assert_int_equal(frame->headers.size, 0);
    assert_true(span_equal(frame->value, all));
}

static void expect_lines(size_t count, size_t most, size_t gap)
{
    uint8_t sizes[4 * RECORDS];
    struct bytes all = lines_of(count, most, gap, sizes), stream = lined(count, most, gap);
    struct fault fault = {.tool = "reader"};
    struct reader reader;
    struct frame frame;
    size_t number = 0, at = 0;
    int fd = file_of(stream.at, stream.size);
    assert_true(reader_open(&reader, fd, NULL, &fault));
    enum reader_result got;
    while ((got = reader_next(&reader, &frame, -1)) == READER_FRAME) {
        if (frame.kind != FRAME_RECORD || number == count)
            continue;
        size_t size = load32(sizes + 4 * number);
        expect_line(&frame, number++, span_of(all.at + at, size - gap));
        at += size;
    }
    assert_int_equal(got, READER_EOF);
    assert_int_equal(number, count);
    assert_int_equal(reader.records, count + 1);
    reader_close(&reader);
    close(fd);
    free(all.at);
    free(stream.at);
}

static void lines_come_back(void **state)
{
    (void)state;
    for (size_t count = 1; count < 20; count++)
        for (size_t most = 0; most < 9; most++)
            for (size_t gap = most == 0; gap < 3; gap++)
                expect_lines(count, most, gap);
    expect_lines(RECORDS, 100, 1);
    expect_lines(RECORDS, 1, 1);
}

static void bytes_are_where_the_page_says(void **state)
{
    (void)state;
    uint8_t sizes[12];
    struct made made;
    made_open(&made, CAP);
    writer_source(&made.writer, 1, text("f"), -1, -1);
    for (int i = 0; i < 3; i++)
        store32(sizes + 4 * i, (uint32_t)i + 1);
    writer_lines(&made.writer, 1, 0x0102, sizes, 3, 1, text("\na\nbc\n"));
    struct bytes stream = made_bytes(&made);
    const uint8_t *at = stream.at + sample_frame(span_of(stream.at, stream.size), 2);
    assert_memory_equal(at,
                        "\x38\0\0\0\x0c\0\x53\x70\1\0\0\0\3\0\0\0"
                        "\2\1\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
                        "\1\0\0\0\2\0\0\0\3\0\0\0\0\0\0\0"
                        "\0\0\na\nbc\n",
                        56);
    assert_int_equal(at + 56 - stream.at, stream.size);
    free(stream.at);
}

/* Reads a stream and writes it again: LINES whole, or record by record. */
static struct bytes rewritten(struct bytes stream, bool whole)
{
    struct fault fault = {.tool = "filter"};
    struct reader reader;
    struct writer writer;
    struct frame frame;
    int in = file_of(stream.at, stream.size), out = memory_file();
    assert_true(writer_open(&writer, dup(out), &fault));
    assert_true(reader_open(&reader, in, &writer.out, &fault));
    reader.takes_lines = whole;
    while (reader_next(&reader, &frame, -1) == READER_FRAME)
        if (frame.kind == FRAME_RECORD)
            writer_pass(&writer, &frame);
        else if (frame.kind == FRAME_LINES)
            writer_lines_pass(&writer, &frame);
        else if (frame.kind == FRAME_HELLO_KIND)
            writer_hello(&writer, &reader.hello);
        else if (frame.kind == FRAME_BARRIER)
            writer_barrier(&writer, frame.offset, frame.flags == FRAME_FINAL);
        else if (frame.kind == FRAME_END)
            writer_end(&writer);
        else
            writer_control(&writer, &frame);
    writer_close(&writer);
    reader_close(&reader);
    assert_int_equal(fault.status, 0);
    struct bytes passed = file_bytes(out);
    close(in);
    close(out);
    return passed;
}

static void lines_are_passed_whole_or_one_by_one(void **state)
{
    (void)state;
    for (size_t count = 1; count < RECORDS; count = count * 3 + 1) {
        struct bytes stream = lined(count, 50, 1), whole = rewritten(stream, true);
        assert_int_equal(whole.size, stream.size);
        assert_memory_equal(whole.at, stream.at, stream.size);
        struct bytes each = rewritten(stream, false);
        struct reading reading = read_bytes(each.at, each.size);
        assert_int_equal(reading.result, READER_EOF);
        assert_int_equal(reading.records, count + 1);
        size_t frame = sample_frame(span_of(each.at, each.size), 2);
        assert_int_equal(each.at[frame + FRAME_AT_KIND], FRAME_RECORD);
        struct bytes again = rewritten(each, false);
        assert_int_equal(again.size, each.size);
        assert_memory_equal(again.at, each.at, each.size);
        free(stream.at);
        free(whole.at);
        free(each.at);
        free(again.at);
    }
}

static void a_line_becomes_a_frame(void **state)
{
    (void)state;
    uint8_t at[ROOM], value[40];
    for (size_t size = 0; size < sizeof value; size++) {
        memset(value, 'v', sizeof value);
        memset(at, 0xff, sizeof at);
        const struct frame line = {.raw = at,
                                   .kind = FRAME_RECORD,
                                   .flags = FRAME_NULL_KEY,
                                   .source = 3,
                                   .offset = 41,
                                   .value = span_of(value, size)};
        frame_copy(at, &line);
        struct frame frame = decoded(at, frame_room(&line));
        assert_true(span_equal(frame.value, line.value));
        span_is(frame.key, NULL);
        assert_int_equal(frame.source, 3);
        assert_int_equal(frame.offset, 41);
        assert_int_equal(frame.timestamp, 0);
        for (size_t i = frame.length; i < frame.size; i++)
            assert_int_equal(at[i], 0);
        assert_int_equal(at[frame.size], 0xff);
    }
}

/* Those that end at a place or before it are skipped, and no other. */
static void lines_are_skipped(void **state)
{
    (void)state;
    const size_t count = 50;
    uint8_t sizes[4 * RECORDS];
    struct bytes all = lines_of(count, 5, 1, sizes), stream = lined(count, 5, 1);
    for (size_t until = 0; until <= all.size; until++) {
        struct fault fault = {.tool = "reader"};
        struct reader reader;
        struct frame frame;
        int fd = file_of(stream.at, stream.size);
        assert_true(reader_open(&reader, fd, NULL, &fault));
        while (reader_next(&reader, &frame, -1) == READER_FRAME && frame.kind != FRAME_RECORD)
            ;
        size_t first = load32(sizes), at = first, skipped = 0;
        assert_int_equal(reader_skip(&reader, frame.value.at - 1), 0);
        for (; skipped + 1 < count && at + load32(sizes + 4 * (skipped + 1)) <= until; skipped++)
            at += load32(sizes + 4 * (skipped + 1));
        assert_int_equal(reader_skip(&reader, frame.value.at + until), skipped);
        assert_int_equal(reader_next(&reader, &frame, -1), READER_FRAME);
        if (skipped + 1 < count)
            expect_line(&frame, skipped + 1,
                        span_of(all.at + at, load32(sizes + 4 * (skipped + 1)) - 1));
        while (reader_next(&reader, &frame, -1) == READER_FRAME)
            ;
        assert_int_equal(fault.status, 0);
        reader_close(&reader);
        close(fd);
    }
    free(all.at);
    free(stream.at);
}

/* LINES by hand, of three sizes that are 6 in all, behind 2 bytes of padding. */
static size_t hand(uint8_t at[ROOM])
{
    memset(at, 0, ROOM);
    frame_head(at, 56, FRAME_LINES, 0, 1, 3, 7, 1);
    for (uint32_t i = 0; i < 3; i++)
        store32(at + FRAME_HEAD + 4 * i, i + 1);
    return 56;
}

static void what_is_malformed_is_refused(void **state)
{
    (void)state;
    static const struct {
        size_t length;
        uint8_t flags;
        uint32_t source;
        size_t count;
        int64_t offset, gap;
    } rows[] = {{56, 1, 1, 3, 7, 1},          {56, 0, 0, 3, 7, 1},
                {56, 0, 1, 0, 7, 1},          {56, 0, 1, 7, 7, 1},
                {56, 0, 1, UINT32_MAX, 7, 1}, {56, 0, 1, 0x40000000, 7, 1},
                {56, 0, 1, 3, -1, 1},         {56, 0, 1, 3, INT64_MAX - UINT32_MAX + 1, 1},
                {56, 0, 1, 3, 7, -1},         {56, 0, 1, 3, 7, FRAME_GAP_MOST + 1},
                {55, 0, 1, 3, 7, 1},          {57, 0, 1, 3, 7, 1},
                {40, 0, 1, 3, 7, 1},          {32, 0, 1, 1, 7, 1}};
    uint8_t at[ROOM];
    decoded(at, hand(at));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hand(at);
        frame_head(at, rows[i].length, FRAME_LINES, rows[i].flags, rows[i].source, rows[i].count,
                   rows[i].offset, rows[i].gap);
        refused(at, ROOM, "LINES is malformed");
    }
}

static void sizes_add_up(void **state)
{
    (void)state;
    static const struct {
        uint32_t sizes[3];
        int64_t gap;
        uint64_t most;
        bool good;
    } rows[] = {{{1, 2, 3}, 1, 2, true},
                {{1, 2, 3}, 1, 1, false},
                {{1, 2, 3}, 2, 9, false},
                {{0, 0, 1}, 0, 9, true},
                {{0, 0, 0}, 0, 9, false}, /* 8 bytes are nobody's */
                {{8, 0, 0}, 0, 8, true},
                {{9, 0, 0}, 0, 9, false},
                {{UINT32_MAX, 2, 7}, 1, UINT32_MAX, false},
                {{UINT32_MAX, UINT32_MAX, UINT32_MAX}, 0, UINT64_MAX, false}};
    uint8_t at[ROOM];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hand(at);
        store64(at + FRAME_AT_TIMESTAMP, (uint64_t)rows[i].gap);
        for (int j = 0; j < 3; j++)
            store32(at + FRAME_HEAD + 4 * j, rows[i].sizes[j]);
        struct frame frame = decoded(at, 56);
        struct lines_view lines;
        assert_int_equal(frame_lines(&frame, rows[i].most, &lines), rows[i].good);
        if (rows[i].good) {
            assert_int_equal(lines.count, 3);
            assert_ptr_equal(lines.sizes, at + FRAME_HEAD);
            assert_int_equal(at + 56 - lines.values,
                             rows[i].sizes[0] + rows[i].sizes[1] + rows[i].sizes[2]);
        }
    }
}

static void a_cut_or_a_flip_is_never_clean(void **state)
{
    (void)state;
    struct bytes stream = lined(5, 6, 1);
    struct span all = span_of(stream.at, stream.size);
    size_t start = sample_frame(all, 2), end = sample_frame(all, 3);
    size_t guarded = start + frame_lines_head(5);
    for (size_t cut = start; cut < end; cut++) {
        struct reading reading = read_bytes(stream.at, cut);
        expect_fault(&reading, FOREIGN, "ended without END");
    }
    for (size_t bit = start * 8; bit < end * 8; bit++) {
        stream.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
        struct reading reading = read_bytes(stream.at, stream.size);
        stream.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(reading.result, bit < guarded * 8 ? READER_FAULT : READER_EOF);
        assert_true(reading.result == READER_EOF || reading.fault.status == FOREIGN);
    }
    free(stream.at);
}

/* Behind a HELLO of its own. */
static void expect_refused(struct hello hello, uint32_t source, const char *why)
{
    struct made made = {.fault = {.tool = "writer"}, .fd = memory_file()};
    uint8_t sizes[4];
    store32(sizes, 4);
    assert_true(writer_open(&made.writer, dup(made.fd), &made.fault));
    writer_hello(&made.writer, &hello);
    writer_source(&made.writer, 1, text("f"), -1, -1);
    if (hello.group.size > 0)
        writer_preamble(&made.writer, 1);
    writer_lines(&made.writer, source, 0, sizes, 1, 1, text("abc\n"));
    struct reading reading = made_end(&made, 1);
    expect_fault(&reading, FOREIGN, why);
}

static void lines_out_of_place_are_refused(void **state)
{
    (void)state;
    struct hello hello = sample_hello("");
    expect_refused(sample_hello("group"), 1, "LINES is out of place");
    expect_refused(hello, 2, "a record names a source that was not announced");
    hello.flags = FRAME_SUMS;
    expect_refused(hello, 1, "LINES is out of place");
    hello.flags = 0;
    hello.record_cap = 2;
    expect_refused(hello, 1, "the sizes in LINES do not add up");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_back),
        cmocka_unit_test(bytes_are_where_the_page_says),
        cmocka_unit_test(lines_are_passed_whole_or_one_by_one),
        cmocka_unit_test(a_line_becomes_a_frame),
        cmocka_unit_test(lines_are_skipped),
        cmocka_unit_test(what_is_malformed_is_refused),
        cmocka_unit_test(sizes_add_up),
        cmocka_unit_test(a_cut_or_a_flip_is_never_clean),
        cmocka_unit_test(lines_out_of_place_are_refused),
    };
    return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
