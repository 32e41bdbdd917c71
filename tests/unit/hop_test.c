/* stream/hop: every bit that is guarded counts, and so does the order and number of the frames. */
#include "sample.h"

static struct check record_check(const uint8_t *raw, size_t size)
{
    struct hop hop;
    hop_start(&hop);
    hop_record(&hop, raw, size);
    return hop.check;
}

static struct check control_check(const uint8_t *raw, size_t size)
{
    struct hop hop;
    hop_start(&hop);
    hop_control(&hop, raw, size);
    return hop.check;
}

/* The formula as kframe(5) has it, byte by byte: shares nothing with the header. */
static uint64_t by_hand(uint64_t hash, const uint8_t *at, size_t size)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = 0;
        for (size_t j = 8; j > 0; j--)
            word = word << 8 | at[i + j - 1];
        hash = (hash << 5) + (hash >> 59);
        hash = (hash ^ word) * 11400714819323198485U;
    }
    return hash;
}

static void the_formula_is_the_pages(void **state)
{
    (void)state;
    uint8_t raw[80];
    for (size_t i = 0; i < sizeof raw; i++)
        raw[i] = (uint8_t)(i * 37 + 11);
    const uint64_t start = 11400714819323198485U;
    assert_true(control_check(raw, sizeof raw).hash == by_hand(start, raw, sizeof raw));
    raw[FRAME_AT_FLAGS] = 0;
    assert_true(record_check(raw, sizeof raw).hash == by_hand(start, raw, FRAME_HEAD));
    raw[FRAME_AT_FLAGS] = FRAME_HEADERS;
    assert_true(record_check(raw, sizeof raw).hash == by_hand(start, raw, 40));
}

/* Turns every bit of `guarded` bytes in turn: another hash each time, and the old one at the end.
 */
static void every_bit_counts(struct check (*check)(const uint8_t *, size_t), uint8_t *raw,
                             size_t size, size_t guarded)
{
    const uint64_t hash = check(raw, size).hash;
    for (size_t bit = 0; bit < guarded * 8; bit++) {
        raw[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_true(check(raw, size).hash != hash);
        raw[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_true(check(raw, size).hash == hash);
}

static void every_bit_of_a_record_head_counts(void **state)
{
    (void)state;
    uint8_t raw[64] = {0};
    frame_head(raw, 60, FRAME_RECORD, 0, 1, 3, 41, 1700000000000);
    every_bit_counts(record_check, raw, sizeof raw, FRAME_HEAD);
    raw[FRAME_AT_FLAGS] = FRAME_HEADERS;
    every_bit_counts(record_check, raw, sizeof raw, FRAME_HEAD + FRAME_EXTRA);
}

static void every_bit_of_a_control_frame_counts(void **state)
{
    (void)state;
    uint8_t raw[96] = {0};
    frame_head(raw, 90, FRAME_SOURCE_KIND, 0, 1, 58, 17, 3);
    every_bit_counts(control_check, raw, sizeof raw, sizeof raw);
}

static void payload_does_not_count(void **state)
{
    (void)state;
    uint8_t raw[64] = {0};
    frame_head(raw, 60, FRAME_RECORD, 0, 1, 3, 41, 1700000000000);
    const uint64_t hash = record_check(raw, sizeof raw).hash;
    raw[FRAME_HEAD] ^= 1;
    raw[63] ^= 1;
    assert_true(record_check(raw, sizeof raw).hash == hash);
}

static struct check close_check(const uint8_t *raw, size_t size)
{
    (void)size;
    struct hop hop;
    hop_start(&hop);
    return hop_close(&hop, raw);
}

static void every_bit_of_a_closing_head_counts(void **state)
{
    (void)state;
    uint8_t raw[FRAME_HEAD];
    frame_head(raw, FRAME_HEAD + FRAME_CHECK, FRAME_BARRIER, FRAME_FINAL, 0, 0, 1, 0);
    every_bit_counts(close_check, raw, sizeof raw, sizeof raw);
}

static void counts_start_anew_and_the_hash_goes_on(void **state)
{
    (void)state;
    uint8_t raw[64] = {0}, head[FRAME_HEAD] = {0};
    struct hop hop;
    hop_start(&hop);
    assert_true(hop.check.hash == HOP_K && hop.check.frames == 0 && hop.check.bytes == 0);
    hop_record(&hop, raw, 64);
    hop_control(&hop, raw, 40);
    struct check first = hop_close(&hop, head);
    assert_int_equal(first.frames, 2);
    assert_int_equal(first.bytes, 104);
    assert_true(first.hash == hop.check.hash);
    hop_record(&hop, raw, 32);
    struct check second = hop_close(&hop, head);
    assert_int_equal(second.frames, 1);
    assert_int_equal(second.bytes, 32);
    assert_true(second.hash != first.hash);
}

/* One segment as a list of frames. */
struct list {
    struct bytes stream;
    size_t start[SAMPLE_FRAMES + 1];
};

static int make_list(void **state)
{
    static struct list list;
    list.stream = sample_stream("", 1);
    for (int i = 0; i < SAMPLE_FRAMES; i++)
        list.start[i] = sample_frame(span_of(list.stream.at, list.stream.size), i);
    list.start[SAMPLE_FRAMES] = list.stream.size;
    *state = &list;
    return 0;
}

static int free_list(void **state)
{
    struct list *list = *state;
    free(list->stream.at);
    return 0;
}

/* Reads a stream of the list's frames in this order, -1 for none. */
static struct reading in_order(const struct list *list, const int order[SAMPLE_FRAMES + 1])
{
    struct bytes stream = bytes_of(FRAME_MAGIC, FRAME_MAGIC_SIZE);
    for (int i = 0; i <= SAMPLE_FRAMES; i++)
        if (order[i] >= 0)
            bytes_add(&stream, list->stream.at + list->start[order[i]],
                      list->start[order[i] + 1] - list->start[order[i]]);
    struct reading reading = read_bytes(stream.at, stream.size);
    free(stream.at);
    return reading;
}

static void straight(int order[SAMPLE_FRAMES + 1])
{
    for (int i = 0; i < SAMPLE_FRAMES; i++)
        order[i] = i;
    order[SAMPLE_FRAMES] = -1;
}

static void a_straight_list_is_clean(void **state)
{
    int order[SAMPLE_FRAMES + 1];
    straight(order);
    struct reading reading = in_order(*state, order);
    assert_int_equal(reading.result, READER_EOF);
    assert_int_equal(reading.records + reading.controls, SAMPLE_FRAMES);
}

static void swapped_frames_are_found(void **state)
{
    int order[SAMPLE_FRAMES + 1];
    for (int i = 0; i < SAMPLE_FRAMES; i++)
        for (int j = i + 1; j < SAMPLE_FRAMES; j++) {
            straight(order);
            order[i] = j;
            order[j] = i;
            assert_int_equal(in_order(*state, order).result, READER_FAULT);
        }
}

static void dropped_frames_are_found(void **state)
{
    int order[SAMPLE_FRAMES + 1];
    for (int from = 0; from < SAMPLE_FRAMES; from++)
        for (int to = from; to < SAMPLE_FRAMES; to++) {
            straight(order);
            for (int i = from; i <= to; i++)
                order[i] = -1;
            assert_int_equal(in_order(*state, order).result, READER_FAULT);
        }
}

static void doubled_frames_are_found(void **state)
{
    int order[SAMPLE_FRAMES + 1];
    for (int i = 0; i < SAMPLE_FRAMES; i++) {
        straight(order);
        memmove(order + i + 1, order + i, (size_t)(SAMPLE_FRAMES - i) * sizeof order[0]);
        assert_int_equal(in_order(*state, order).result, READER_FAULT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_formula_is_the_pages),
        cmocka_unit_test(every_bit_of_a_record_head_counts),
        cmocka_unit_test(every_bit_of_a_control_frame_counts),
        cmocka_unit_test(every_bit_of_a_closing_head_counts),
        cmocka_unit_test(payload_does_not_count),
        cmocka_unit_test(counts_start_anew_and_the_hash_goes_on),
        cmocka_unit_test(a_straight_list_is_clean),
        cmocka_unit_test(swapped_frames_are_found),
        cmocka_unit_test(dropped_frames_are_found),
        cmocka_unit_test(doubled_frames_are_found),
    };
    return cmocka_run_group_tests_name("hop", tests, make_list, free_list);
}
