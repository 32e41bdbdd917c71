/* stream/frame: records that were written are decoded, and what cannot be one is refused with its
 * reason. */
#include "decode.h"
#include "util/crc32c.h"

/* A record frame of these parts; its size with padding. */
static size_t make(uint8_t at[ROOM], const char *key, const char *value, struct span block,
                   uint32_t count, unsigned flags)
{
    size_t key_size = key ? strlen(key) : 0, value_size = value ? strlen(value) : 0;
    flags |= (key ? 0U : FRAME_NULL_KEY) | (value ? 0U : FRAME_NULL_VALUE);
    flags |= count > 0 ? FRAME_HEADERS : 0U;
    size_t head = FRAME_HEAD + (count > 0 ? (size_t)FRAME_EXTRA : 0);
    size_t length = head + key_size + value_size + block.size;
    memset(at, 0, ROOM);
    frame_head(at, length, FRAME_RECORD, (uint8_t)flags, 7, key_size, 41, -5);
    if (count > 0) {
        store32(at + FRAME_HEAD, (uint32_t)block.size);
        store32(at + FRAME_HEAD + 4, count);
    }
    memcpy(at + head, key ? key : "", key_size);
    memcpy(at + head + key_size, value ? value : "", value_size);
    if (block.size > 0)
        memcpy(at + head + key_size + value_size, block.at, block.size);
    return frame_padded(length);
}

static size_t plain(uint8_t at[ROOM], const char *key, const char *value)
{
    return make(at, key, value, span_of(NULL, 0), 0, 0);
}

static void null_and_empty_stay_apart(void **state)
{
    (void)state;
    static const char *const fields[] = {NULL, "", "x"};
    uint8_t at[ROOM];
    for (int k = 0; k < 3; k++)
        for (int v = 0; v < 3; v++) {
            struct frame frame = decoded(at, plain(at, fields[k], fields[v]));
            span_is(frame.key, fields[k]);
            span_is(frame.value, fields[v]);
            assert_int_equal(frame.headers.size, 0);
            assert_int_equal(frame.header_count, 0);
        }
}

static void numbers_come_back(void **state)
{
    (void)state;
    uint8_t at[ROOM] = {0};
    static const int64_t numbers[] = {0, 1, -1, INT64_MAX, INT64_MIN, 0x0102030405060708};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        frame_head(at, FRAME_HEAD, FRAME_RECORD, FRAME_CREATE_TIME, UINT32_MAX, 0, numbers[i],
                   ~numbers[i]);
        struct frame frame = decoded(at, FRAME_HEAD);
        assert_true(frame.offset == numbers[i]);
        assert_true(frame.timestamp == ~numbers[i]);
        assert_int_equal(frame.source, UINT32_MAX);
        assert_int_equal(frame.flags, FRAME_CREATE_TIME);
        assert_int_equal(frame.kind, FRAME_RECORD);
    }
}

static void bytes_are_where_the_page_says(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    frame_head(at, 0x01020304, 5, 6, 0x11121314, 0x21222324, 0x3132333435363738,
               0x4142434445464748);
    assert_memory_equal(at,
                        "\4\3\2\1\5\6\x6d\x72\x14\x13\x12\x11\x24\x23\x22\x21"
                        "\x38\x37\x36\x35\x34\x33\x32\x31\x48\x47\x46\x45\x44\x43\x42\x41",
                        FRAME_HEAD);
    assert_memory_equal(FRAME_MAGIC, "kpipe/1 records; read with kout\n", FRAME_MAGIC_SIZE);
    struct header header = {span_str("n"), span_str("vw")}, null = {span_str("n"), {NULL, 0}};
    assert_ptr_equal(frame_header_put(at, &header), at + frame_header_size(&header));
    assert_memory_equal(at, "\1\0\0\0\2\0\0\0nvw", 11);
    assert_ptr_equal(frame_header_put(at, &null), at + frame_header_size(&null));
    assert_memory_equal(at, "\1\0\0\0\xff\xff\xff\xffn", 9);
}

static void every_padding_decodes(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    for (size_t n = 0; n < 16; n++) {
        char value[17] = "0123456789abcdef";
        value[n] = '\0';
        size_t size = plain(at, "key", value);
        assert_int_equal(size % 8, 0);
        assert_true(size - (FRAME_HEAD + 3 + n) < 8);
        span_is(decoded(at, size).value, value);
    }
}

static void headers_come_in_order(void **state)
{
    (void)state;
    uint8_t at[ROOM], room[64];
    struct span block = sample_headers(room);
    struct frame frame = decoded(at, make(at, "key", "value", block, SAMPLE_HEADERS, 0));
    span_is(frame.key, "key");
    span_is(frame.value, "value");
    assert_int_equal(frame.header_count, SAMPLE_HEADERS);
    assert_true(span_equal(frame.headers, block));
    static const char *const expected[][2] = {{"trace", "one"}, {"trace", NULL}, {"", ""}};
    struct header header;
    for (int i = 0; i < SAMPLE_HEADERS; i++) {
        assert_true(frame_header_next(&frame.headers, &header));
        span_is(header.name, expected[i][0]);
        span_is(header.value, expected[i][1]);
    }
    assert_false(frame_header_next(&frame.headers, &header));
}

static void bad_header_blocks_are_refused(void **state)
{
    (void)state;
    const char *reason = "a header block does not parse to its length";
    uint8_t at[ROOM], room[64];
    struct span block = sample_headers(room);
    refused(at, make(at, "k", "v", block, 2, 0), reason);
    refused(at, make(at, "k", "v", block, 4, 0), reason);
    refused(at, make(at, "k", "v", block, UINT32_MAX, 0), reason);
    for (size_t cut = 0; cut < block.size; cut++)
        refused(at, make(at, "k", "v", span_of(block.at, cut), SAMPLE_HEADERS, 0), reason);
    static const uint32_t sizes[] = {4, 6, 0x7fffffff, 0xfffffffe, 0xffffffff};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        block = sample_headers(room);
        store32(room, sizes[i]);
        refused(at, make(at, "k", "v", block, SAMPLE_HEADERS, 0), reason);
        block = sample_headers(room);
        store32(room + 4, sizes[i]);
        refused(at, make(at, "k", "v", block, SAMPLE_HEADERS, 0), reason);
    }
}

static void records_that_do_not_add_up_are_refused(void **state)
{
    (void)state;
    const char *longer = "a record's parts are longer than the record";
    uint8_t at[ROOM], room[64];
    size_t size = plain(at, "key", "value");
    store32(at + FRAME_AT_KEY_SIZE, 9);
    refused(at, size, longer);
    store32(at + FRAME_AT_KEY_SIZE, UINT32_MAX);
    refused(at, size, longer);
    size = make(at, "", "", sample_headers(room), SAMPLE_HEADERS, 0);
    store32(at + FRAME_HEAD, load32(at + FRAME_HEAD) + 1);
    refused(at, size, longer);
    store32(at + FRAME_HEAD, UINT32_MAX);
    refused(at, size, longer);
    size = make(at, "k", "", sample_headers(room), SAMPLE_HEADERS, 0);
    store32(at + FRAME_AT_KEY_SIZE, 2);
    refused(at, size, longer);
    size = plain(at, "", "1234567");
    at[FRAME_AT_FLAGS] = FRAME_HEADERS;
    refused(at, size, "a record is cut in its header block");
    size = plain(at, "k", "");
    at[FRAME_AT_FLAGS] = FRAME_NULL_KEY;
    refused(at, size, "a null key has bytes");
    size = plain(at, "", "v");
    at[FRAME_AT_FLAGS] = FRAME_NULL_VALUE;
    refused(at, size, "a null value has bytes");
}

static void unknown_flags_are_refused(void **state)
{
    (void)state;
    const char *reason = "a frame has flags that are not known: made by a newer kpipe";
    uint8_t at[ROOM];
    for (unsigned flags = 0; flags < 256; flags++) {
        size_t size = make(at, "", "", span_of(NULL, 0), 0, flags & ~(unsigned)FRAME_HEADERS);
        bool times = (flags & 24) == 24, summed = (flags & FRAME_SUMMED) != 0;
        if (flags < 64 && summed && !times)
            continue; /* a sum is missing */
        if (flags > 31 || times)
            refused(at, size, reason);
        else
            decoded(at, size);
    }
}

static const char guarded[] = "no frame stands here: bytes were changed or are missing";

/* With no more than the head there: nobody waits for a length that was changed. */
static void a_changed_length_is_known_at_once(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    struct frame frame;
    for (unsigned bit = 0; bit < 64; bit++) {
        if (bit / 8 == FRAME_AT_KIND || bit / 8 == FRAME_AT_FLAGS)
            continue;
        plain(at, "key", "value");
        at[bit / 8] ^= (uint8_t)(1U << bit % 8);
        refused(at, FRAME_HEAD, guarded);
        assert_false(frame_usual(at, ROOM, MOST, &frame));
        control(at, FRAME_SOURCE_KIND, 0, 1, 0, 0);
        at[bit / 8] ^= (uint8_t)(1U << bit % 8);
        refused(at, FRAME_HEAD, guarded);
    }
    memset(at, 0, ROOM);
    refused(at, FRAME_HEAD, guarded);
}

/* Another length, as its writer would have made it. */
static void put_length(uint8_t *at, size_t length)
{
    store64(at, frame_word(length, at[FRAME_AT_KIND], at[FRAME_AT_FLAGS]));
}

/* The frame's last 4 bytes are its sum, which the view leaves out. */
static size_t sum_up(uint8_t *at)
{
    size_t length = load32(at + FRAME_AT_LENGTH);
    at[FRAME_AT_FLAGS] |= FRAME_SUMMED;
    put_length(at, length + FRAME_SUM);
    memset(at + length, 0, 16);
    store32(at + length, crc32c(0, span_of(at, length)));
    return frame_padded(length + FRAME_SUM);
}

static void a_sum_finds_every_flip(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    for (size_t n = 0; n < 20; n++) {
        char value[21] = "12345678901234567890";
        value[n] = '\0';
        plain(at, "key", value);
        size_t size = sum_up(at);
        struct frame frame = decoded(at, size);
        assert_int_equal(frame.flags & FRAME_SUMMED, 0);
        span_is(frame.key, "key");
        span_is(frame.value, value);
        assert_int_equal(frame.length, FRAME_HEAD + 3 + n);
        assert_int_equal(frame.size, size);
        frame_sum(&frame);
        decoded(at, size);
        for (size_t i = FRAME_HEAD; i < size; i++)
            for (unsigned bit = 0; bit < 8; bit++) {
                at[i] ^= (uint8_t)(1U << bit);
                refused(at, size, "a record's checksum is wrong: its bytes were changed");
                at[i] ^= (uint8_t)(1U << bit);
            }
    }
}

static void lengths_have_bounds(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    for (uint32_t length = 0; length < FRAME_HEAD; length++) {
        plain(at, "", "");
        put_length(at, length);
        refused(at, FRAME_HEAD, "a frame is shorter than its header");
    }
    static const uint32_t lengths[] = {MOST + 1, UINT32_C(1) << 30, 0x7069706b, UINT32_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        put_length(at, lengths[i]);
        refused(at, FRAME_HEAD, "a frame is longer than HELLO allows");
    }
}

/* At every cut more is asked for, and never more than the whole frame. */
static void a_cut_frame_asks_for_more(void **state)
{
    (void)state;
    uint8_t at[ROOM], room[64];
    size_t size = make(at, "key", "a value", sample_headers(room), SAMPLE_HEADERS, 0);
    for (size_t have = 0; have < size; have++) {
        struct frame frame;
        size_t need = 0;
        const char *why = NULL;
        uint8_t *copy = malloc(have + 1); /* so that a sanitizer sees a byte too many */
        assert_non_null(copy);
        memcpy(copy, at, have);
        assert_int_equal(frame_decode(copy, have, MOST, &frame, &need, &why), FRAME_MORE);
        assert_int_equal(need, have < FRAME_HEAD ? FRAME_HEAD : size);
        free(copy);
    }
}

static bool same(const struct frame *a, const struct frame *b)
{
    return a->raw == b->raw && a->size == b->size && a->length == b->length && a->kind == b->kind &&
           a->flags == b->flags && a->source == b->source && a->offset == b->offset &&
           a->timestamp == b->timestamp && a->key.at == b->key.at && a->key.size == b->key.size &&
           a->value.at == b->value.at && a->value.size == b->value.size &&
           a->headers.size == b->headers.size && a->header_count == b->header_count;
}

/* What the short way takes is what the long way would say, whatever stands in the header. */
static void the_short_way_agrees_with_the_long_one(void **state)
{
    (void)state;
    uint32_t seed = 1, taken = 0;
    for (int i = 0; i < 300000; i++) {
        uint8_t at[ROOM];
        size_t size = plain(at, i % 3 == 0 ? NULL : "key", i % 5 == 0 ? "" : "a value"), need = 0;
        for (int changes = i % 4; changes > 0; changes--) {
            seed = seed * 1664525 + 1013904223;
            at[(seed >> 8) % FRAME_HEAD] ^= (uint8_t)(1U << (seed >> 16) % 8);
        }
        size_t have = i % 7 == 0 ? size - 1 - (seed >> 8) % size : size;
        struct frame usual, frame;
        const char *why = NULL;
        if (!frame_usual(at, have, MOST, &usual))
            continue;
        assert_int_equal(frame_decode(at, have, MOST, &frame, &need, &why), FRAME_OK);
        assert_true(same(&usual, &frame));
        taken++;
    }
    assert_true(taken > 100000);
}

static void a_span_is_edited_in_place(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    struct frame frame = decoded(at, plain(at, "key", "value"));
    memcpy(frame_edit(&frame, frame.value), "VALUE", 5);
    span_is(decoded(at, frame.size).value, "VALUE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_and_empty_stay_apart),
        cmocka_unit_test(numbers_come_back),
        cmocka_unit_test(bytes_are_where_the_page_says),
        cmocka_unit_test(every_padding_decodes),
        cmocka_unit_test(headers_come_in_order),
        cmocka_unit_test(bad_header_blocks_are_refused),
        cmocka_unit_test(records_that_do_not_add_up_are_refused),
        cmocka_unit_test(unknown_flags_are_refused),
        cmocka_unit_test(a_changed_length_is_known_at_once),
        cmocka_unit_test(a_sum_finds_every_flip),
        cmocka_unit_test(lengths_have_bounds),
        cmocka_unit_test(a_cut_frame_asks_for_more),
        cmocka_unit_test(the_short_way_agrees_with_the_long_one),
        cmocka_unit_test(a_span_is_edited_in_place),
    };
    return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
