/* stream/reader: the rules of a segment, each broken in a stream whose hop checks are right. */
#include "sample.h"

enum { FOREIGN = 76 };

static void an_empty_segment_is_clean(void **state)
{
    (void)state;
    struct made made;
    made_start(&made);
    assert_int_equal(made_end(&made, 1).result, READER_EOF);
}

static void barriers_are_numbered_in_order(void **state)
{
    (void)state;
    static const int64_t numbers[] = {0, 2, -1, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct made made;
        made_start(&made);
        struct reading reading = made_end(&made, numbers[i]);
        expect_fault(&reading, FOREIGN, "barriers are not numbered in order");
    }
    struct made made;
    made_start(&made);
    writer_barrier(&made.writer, 1, false);
    struct reading reading = made_end(&made, 1);
    expect_fault(&reading, FOREIGN, "barriers are not numbered in order");
}

static void nothing_follows_the_final_barrier(void **state)
{
    (void)state;
    const char *what = "END is missing after the FINAL barrier";
    for (int i = 0; i < 4; i++) {
        struct made made;
        made_start(&made);
        writer_barrier(&made.writer, 1, true);
        if (i == 0)
            made_record(&made, 0, "late");
        else if (i == 1)
            writer_barrier(&made.writer, 2, true);
        else if (i == 2)
            made_frame(&made, FRAME_OPTIONAL, 0);
        else
            writer_source(&made.writer, 1, text("late"), 0, 0);
        writer_end(&made.writer);
        struct reading reading = made_read(&made);
        expect_fault(&reading, FOREIGN, what);
    }
}

static void end_needs_a_final_barrier(void **state)
{
    (void)state;
    struct made made;
    made_start(&made);
    writer_barrier(&made.writer, 1, false);
    writer_end(&made.writer);
    struct reading reading = made_read(&made);
    expect_fault(&reading, FOREIGN, "END without a FINAL barrier");
}

static void ends_totals_are_checked(void **state)
{
    (void)state;
    static const uint64_t records[] = {1, 1, 0}, frames[] = {0, UINT64_MAX, 1};
    for (int i = 0; i < 3; i++) {
        struct made made;
        made_start(&made);
        made_record(&made, 0, "one");
        writer_barrier(&made.writer, 1, true);
        made.writer.records += records[i];
        made.writer.frames += frames[i];
        writer_end(&made.writer);
        struct reading reading = made_read(&made);
        expect_fault(&reading, FOREIGN, "the check at END does not agree");
    }
}

static void a_second_hello_is_refused(void **state)
{
    (void)state;
    struct made made;
    made_start(&made);
    made_frame(&made, FRAME_HELLO_KIND, 32);
    struct reading reading = made_end(&made, 1);
    expect_fault(&reading, FOREIGN, "a second HELLO");
}

static void records_name_announced_sources(void **state)
{
    (void)state;
    struct made made;
    made_start(&made);
    writer_source(&made.writer, 1, text("one"), -1, -1);
    made_record(&made, 2, "of the second");
    struct reading reading = made_end(&made, 1);
    expect_fault(&reading, FOREIGN, "a record names a source that was not announced");
}

/* Numbers are a segment's own: the second one starts without the first one's sources. */
static void sources_end_with_their_segment(void **state)
{
    (void)state;
    struct made made;
    made_start(&made);
    writer_source(&made.writer, 1, text("one"), -1, -1);
    writer_barrier(&made.writer, 1, true);
    writer_end(&made.writer);
    struct hello hello = sample_hello("");
    writer_hello(&made.writer, &hello);
    made_record(&made, 1, "of the first segment's source");
    struct reading reading = made_end(&made, 1);
    expect_fault(&reading, FOREIGN, "a record names a source that was not announced");
}

static void sources_are_announced_in_order(void **state)
{
    (void)state;
    static const uint32_t ids[][2] = {{2, 3}, {1, 1}, {1, 3}, {UINT32_MAX, 1}};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct made made;
        made_start(&made);
        writer_source(&made.writer, ids[i][0], text("a"), -1, -1);
        writer_source(&made.writer, ids[i][1], text("b"), -1, -1);
        struct reading reading = made_end(&made, 1);
        expect_fault(&reading, FOREIGN, "sources are not announced in order");
    }
}

static void many_sources_are_kept(void **state)
{
    (void)state;
    struct made made;
    made_start(&made);
    for (uint32_t id = 1; id <= 1000; id++) {
        writer_source(&made.writer, id, text("topic"), id, 0);
        made_record(&made, id, "x");
    }
    struct reading reading = made_end(&made, 1);
    assert_int_equal(reading.result, READER_EOF);
    assert_int_equal(reading.records, 1000);
}

static void unknown_kinds_are_refused_or_passed(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 256; kind++) {
        if (kind >= FRAME_HELLO_KIND && kind <= FRAME_LINES)
            continue;
        struct made made;
        made_start(&made);
        made_frame(&made, (uint8_t)kind, kind % 50);
        made_record(&made, 0, "after it");
        struct reading reading = made_end(&made, 1);
        if (kind < FRAME_OPTIONAL) {
            expect_fault(&reading, FOREIGN, "a frame of an unknown kind: made by a newer kpipe");
        } else {
            assert_int_equal(reading.result, READER_EOF);
            assert_int_equal(reading.records, 1);
            assert_int_equal(reading.controls, 4);
        }
    }
}

/* Opens a stream whose HELLO names a group. */
static void grouped(struct made *made)
{
    *made = (struct made){.fault = {.tool = "writer"}, .fd = memory_file()};
    assert_true(writer_open(&made->writer, dup(made->fd), &made->fault));
    struct hello hello = sample_hello("group");
    writer_hello(&made->writer, &hello);
}

/* Sources may come on both sides of it, and what a reader need not know, too. */
static void open_ends_the_preamble(void **state)
{
    (void)state;
    struct made made;
    grouped(&made);
    writer_source(&made.writer, 1, text("before"), 0, 0);
    made_frame(&made, FRAME_OPTIONAL, 5);
    writer_preamble(&made.writer, 12);
    writer_source(&made.writer, 2, text("behind"), 0, 0);
    made_record(&made, 1, "one");
    made_record(&made, 2, "two");
    struct reading reading = made_end(&made, 1);
    assert_int_equal(reading.result, READER_EOF);
    assert_int_equal(reading.records, 2);
    assert_int_equal(reading.controls, 7);
}

static void open_alone_is_a_preamble(void **state)
{
    (void)state;
    struct made made;
    grouped(&made);
    writer_preamble(&made.writer, 0);
    assert_int_equal(made_end(&made, 1).result, READER_EOF);
}

/* Each segment has its own, and one of a group makes none of the next. */
static void open_is_its_segments_own(void **state)
{
    (void)state;
    for (int again = 0; again < 3; again++) {
        struct made made;
        grouped(&made);
        writer_preamble(&made.writer, 3);
        writer_barrier(&made.writer, 1, true);
        writer_end(&made.writer);
        struct hello hello = sample_hello(again < 2 ? "group" : "");
        writer_hello(&made.writer, &hello);
        if (again == 0)
            writer_preamble(&made.writer, 3);
        struct reading reading = made_end(&made, 1);
        if (again == 1)
            expect_fault(&reading, FOREIGN, "OPEN is missing");
        else
            assert_int_equal(reading.result, READER_EOF);
    }
}

static void a_group_needs_open(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct made made;
        grouped(&made);
        writer_source(&made.writer, 1, text("s"), 0, 0);
        if (i == 0)
            made_record(&made, 1, "early");
        else if (i < 3)
            writer_barrier(&made.writer, 1, i == 2);
        if (i < 3)
            writer_preamble(&made.writer, 1);
        struct reading reading = made_end(&made, i == 0 || i == 3 ? 1 : 2);
        expect_fault(&reading, FOREIGN, "OPEN is missing");
        assert_int_equal(reading.records, 0);
        assert_int_equal(reading.controls, 2);
    }
}

static void a_preamble_has_no_end(void **state)
{
    (void)state;
    struct made made;
    grouped(&made);
    writer_end(&made.writer);
    struct reading reading = made_read(&made);
    expect_fault(&reading, FOREIGN, "END without a FINAL barrier");
    grouped(&made);
    made_frame(&made, FRAME_HELLO_KIND, 32);
    reading = made_end(&made, 1);
    expect_fault(&reading, FOREIGN, "a second HELLO");
}

static void open_out_of_place_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct made made;
        if (i < 3) {
            grouped(&made);
            writer_preamble(&made.writer, 1);
        } else {
            made_start(&made);
        }
        if (i == 1)
            made_record(&made, 0, "between");
        else if (i == 2)
            writer_barrier(&made.writer, 1, false);
        writer_preamble(&made.writer, 1);
        struct reading reading = made_end(&made, i == 2 ? 2 : 1);
        expect_fault(&reading, FOREIGN, "OPEN is out of place");
    }
    struct made made;
    grouped(&made);
    writer_preamble(&made.writer, 1);
    writer_barrier(&made.writer, 1, true);
    writer_preamble(&made.writer, 1);
    writer_end(&made.writer);
    struct reading reading = made_read(&made);
    expect_fault(&reading, FOREIGN, "END is missing after the FINAL barrier");
}

static void the_record_cap_holds(void **state)
{
    (void)state;
    for (int over = 0; over < 2; over++) {
        struct made made;
        made_start(&made);
        size_t size = 100000 + FRAME_SLACK - FRAME_HEAD + (size_t)over;
        char *value = malloc(size);
        assert_non_null(value);
        memset(value, 'x', size);
        struct record record = {.key = text(""), .value = span_of(value, size)};
        writer_record(&made.writer, &record);
        struct reading reading = made_end(&made, 1);
        free(value);
        if (over == 0)
            assert_int_equal(reading.result, READER_EOF);
        else
            expect_fault(&reading, FOREIGN, "a frame is longer than HELLO allows");
    }
}

/* A small cap bounds records, not control frames. */
static void a_small_cap_leaves_room_for_control(void **state)
{
    (void)state;
    static char name[4000];
    memset(name, 'n', sizeof name - 1);
    struct made made;
    made_open(&made, 0);
    writer_source(&made.writer, 1, text(name), -1, -1);
    assert_int_equal(made_end(&made, 1).result, READER_EOF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_segment_is_clean),
        cmocka_unit_test(barriers_are_numbered_in_order),
        cmocka_unit_test(nothing_follows_the_final_barrier),
        cmocka_unit_test(end_needs_a_final_barrier),
        cmocka_unit_test(ends_totals_are_checked),
        cmocka_unit_test(a_second_hello_is_refused),
        cmocka_unit_test(records_name_announced_sources),
        cmocka_unit_test(sources_end_with_their_segment),
        cmocka_unit_test(sources_are_announced_in_order),
        cmocka_unit_test(many_sources_are_kept),
        cmocka_unit_test(unknown_kinds_are_refused_or_passed),
        cmocka_unit_test(open_ends_the_preamble),
        cmocka_unit_test(open_alone_is_a_preamble),
        cmocka_unit_test(open_is_its_segments_own),
        cmocka_unit_test(a_group_needs_open),
        cmocka_unit_test(a_preamble_has_no_end),
        cmocka_unit_test(open_out_of_place_is_refused),
        cmocka_unit_test(the_record_cap_holds),
        cmocka_unit_test(a_small_cap_leaves_room_for_control),
    };
    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
