/* stream/frame: every kind of control frame, and HELLO: what stands where, and what is refused. */
#include "decode.h"

static void control_frames_have_their_own_bound(void **state)
{
    (void)state;
    struct frame frame;
    size_t need;
    const char *why = NULL;
    static uint8_t at[FRAME_CONTROL + 8];
    frame_head(at, FRAME_CONTROL, FRAME_SOURCE_KIND, 0, 1, FRAME_CONTROL - FRAME_HEAD, 0, 0);
    assert_int_equal(frame_decode(at, sizeof at, 1 << 20, &frame, &need, &why), FRAME_OK);
    frame_head(at, FRAME_CONTROL + 1, FRAME_SOURCE_KIND, 0, 1, 0, 0, 0);
    assert_int_equal(frame_decode(at, sizeof at, 1 << 20, &frame, &need, &why), FRAME_BROKEN);
    assert_string_equal(why, "a control frame is too long");
    at[FRAME_AT_KIND] = FRAME_OPTIONAL;
    assert_int_equal(frame_decode(at, sizeof at, 1 << 20, &frame, &need, &why), FRAME_OK);
}

static void kinds(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    for (unsigned kind = 0; kind < 256; kind++) {
        if (kind >= FRAME_HELLO_KIND && kind <= FRAME_LINES)
            continue;
        size_t size = control(at, (uint8_t)kind, 0xff, UINT32_MAX, UINT32_MAX, 5);
        if (kind < FRAME_OPTIONAL) {
            refused(at, size, "a frame of an unknown kind: made by a newer kpipe");
            continue;
        }
        struct frame frame = decoded(at, size);
        assert_int_equal(frame.kind, kind);
        assert_int_equal(frame.value.size, 5);
        assert_ptr_equal(frame.value.at, at + FRAME_HEAD);
    }
}

/* Puts 1 where the kind wants 0. */
static void spoiled(uint8_t at[ROOM], size_t size, size_t where, const char *reason)
{
    at[where] = 1;
    refused(at, size, reason);
}

static void barrier_and_end_are_exact(void **state)
{
    (void)state;
    static const struct {
        uint8_t kind, flags;
        const char *reason;
    } rows[] = {{FRAME_BARRIER, FRAME_FINAL, "BARRIER is malformed"},
                {FRAME_END, 0, "END is malformed"}};
    uint8_t at[ROOM];
    for (int i = 0; i < 2; i++) {
        uint8_t kind = rows[i].kind;
        const char *reason = rows[i].reason;
        decoded(at, control(at, kind, rows[i].flags, 0, 0, FRAME_CHECK));
        refused(at, control(at, kind, 0, 0, 0, FRAME_CHECK - 1), reason);
        refused(at, control(at, kind, 0, 0, 0, FRAME_CHECK + 1), reason);
        refused(at, control(at, kind, 0, 0, 0, 0), reason);
        refused(at, control(at, kind, 2, 0, 0, FRAME_CHECK), reason);
        refused(at, control(at, kind, 0, 1, 0, FRAME_CHECK), reason);
        refused(at, control(at, kind, 0, 0, 1, FRAME_CHECK), reason);
    }
    refused(at, control(at, FRAME_END, 1, 0, 0, FRAME_CHECK), "END is malformed");
    spoiled(at, control(at, FRAME_BARRIER, 0, 0, 0, FRAME_CHECK), FRAME_AT_TIMESTAMP,
            "BARRIER is malformed");
}

static void the_check_is_the_body(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    size_t size = control(at, FRAME_BARRIER, 0, 0, 0, FRAME_CHECK);
    store64(at + FRAME_HEAD, 1);
    store64(at + FRAME_HEAD + 8, UINT64_MAX);
    store64(at + FRAME_HEAD + 16, 0x0102030405060708);
    struct frame frame = decoded(at, size);
    struct check check = frame_check(&frame);
    assert_true(check.frames == 1 && check.bytes == UINT64_MAX);
    assert_true(check.hash == 0x0102030405060708);
}

static void source_is_exact(void **state)
{
    (void)state;
    const char *reason = "SOURCE is malformed";
    uint8_t at[ROOM];
    struct frame frame = decoded(at, control(at, FRAME_SOURCE_KIND, 0, 1, 5, 5));
    assert_int_equal(frame.key.size, 5);
    refused(at, control(at, FRAME_SOURCE_KIND, 0, 0, 5, 5), reason);
    refused(at, control(at, FRAME_SOURCE_KIND, 1, 1, 5, 5), reason);
    refused(at, control(at, FRAME_SOURCE_KIND, 0, 1, 4, 5), reason);
    refused(at, control(at, FRAME_SOURCE_KIND, 0, 1, 6, 5), reason);
}

static void abort_is_exact(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    size_t size = control(at, FRAME_ABORT, 0, 74, 4, 9);
    memcpy(at + FRAME_HEAD, "koutwhy it", 9);
    struct frame frame = decoded(at, size);
    span_is(frame.key, "kout");
    assert_int_equal(frame.value.size, 5);
    refused(at, control(at, FRAME_ABORT, 0, 0, 0, 0), "ABORT has no status");
    refused(at, control(at, FRAME_ABORT, 0, 256, 0, 0), "ABORT has no status");
    refused(at, control(at, FRAME_ABORT, 1, 255, 0, 0), "ABORT is malformed");
    refused(at, control(at, FRAME_ABORT, 0, 1, 10, 9),
            "a control frame's parts are longer than the frame");
    spoiled(at, control(at, FRAME_ABORT, 0, 1, 0, 0), FRAME_AT_OFFSET, "ABORT is malformed");
    spoiled(at, control(at, FRAME_ABORT, 0, 1, 0, 0), FRAME_AT_TIMESTAMP, "ABORT is malformed");
}

static void open_is_exact(void **state)
{
    (void)state;
    const char *reason = "OPEN is malformed";
    uint8_t at[ROOM];
    struct frame frame = decoded(at, control(at, FRAME_OPEN, 0, UINT32_MAX, 0, 0));
    assert_true(frame.source == UINT32_MAX);
    assert_int_equal(frame.key.size + frame.value.size + frame.headers.size, 0);
    decoded(at, control(at, FRAME_OPEN, 0, 0, 0, 0));
    refused(at, control(at, FRAME_OPEN, 1, 3, 0, 0), reason);
    refused(at, control(at, FRAME_OPEN, 0x80, 3, 0, 0), reason);
    refused(at, control(at, FRAME_OPEN, 0, 3, 1, 0), reason);
    refused(at, control(at, FRAME_OPEN, 0, 3, 0, 1), reason);
    refused(at, control(at, FRAME_OPEN, 0, 3, 0, 8), reason);
    refused(at, control(at, FRAME_OPEN, 0, 3, 1, 1), reason);
    spoiled(at, control(at, FRAME_OPEN, 0, 3, 0, 0), FRAME_AT_OFFSET, reason);
    spoiled(at, control(at, FRAME_OPEN, 0, 3, 0, 0), FRAME_AT_TIMESTAMP, reason);
}

static size_t hello_frame(uint8_t at[ROOM])
{
    memset(at, 0, ROOM);
    frame_head(at, FRAME_HELLO + 9, FRAME_HELLO_KIND, 0, 0, 0, 1 << 20, 0);
    store32(at + FRAME_HEAD, FRAME_VERSION);
    store32(at + FRAME_HEAD + 4, 3);
    store32(at + FRAME_HEAD + 8, 6);
    memcpy(at + FRAME_HEAD + 16, "0123456789abcdefclugroup!", 25);
    return frame_padded(FRAME_HELLO + 9);
}

static void hello_comes_back(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    struct frame frame = decoded(at, hello_frame(at));
    struct hello hello;
    const char *why = "none";
    assert_true(frame_hello(&frame, &hello, &why));
    assert_int_equal(hello.version, FRAME_VERSION);
    assert_int_equal(hello.flags, 0);
    assert_int_equal(hello.record_cap, 1 << 20);
    assert_memory_equal(hello.run_id, "0123456789abcdef", 16);
    span_is(hello.cluster, "clu");
    span_is(hello.group, "group!");
}

static void hello_has_three_flags(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    size_t size = hello_frame(at);
    for (uint8_t flags = 0; flags <= (FRAME_NO_HANDSHAKE | FRAME_SUMS | FRAME_PROGRESS); flags++) {
        at[FRAME_AT_FLAGS] = flags;
        struct frame frame = decoded(at, size);
        struct hello hello;
        const char *why = "none";
        assert_true(frame_hello(&frame, &hello, &why));
        assert_int_equal(hello.flags, flags);
    }
}

static void hello_refused(uint8_t at[ROOM], size_t size, const char *reason)
{
    struct frame frame = decoded(at, size);
    struct hello hello;
    const char *why = "none";
    assert_false(frame_hello(&frame, &hello, &why));
    assert_string_equal(why, reason);
}

static void bad_hellos_are_refused(void **state)
{
    (void)state;
    const char *newer = "HELLO has a version or flags that are not known: made by a newer kpipe";
    uint8_t at[ROOM];
    refused(at, control(at, FRAME_HELLO_KIND, 0, 0, 0, 31), "HELLO is too short");
    refused(at, control(at, FRAME_HELLO_KIND, 0, 1, 0, 32), "HELLO is malformed");
    refused(at, control(at, FRAME_HELLO_KIND, 0, 0, 1, 32), "HELLO is malformed");
    spoiled(at, hello_frame(at), FRAME_AT_TIMESTAMP, "HELLO is malformed");
    static const struct {
        size_t at;
        uint32_t number;
    } versions[] = {{0, 0}, {0, 2}, {12, 1}};
    for (int i = 0; i < 3; i++) {
        size_t size = hello_frame(at);
        store32(at + FRAME_HEAD + versions[i].at, versions[i].number);
        hello_refused(at, size, newer);
    }
    size_t size = hello_frame(at);
    static const uint8_t flags[] = {8, 15, 0x80};
    for (int i = 0; i < 3; i++) {
        at[FRAME_AT_FLAGS] = flags[i];
        hello_refused(at, size, newer);
    }
    static const uint32_t sizes[][2] = {{4, 6}, {3, 5}, {10, 0}, {0, 10}, {UINT32_MAX, 10}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size = hello_frame(at);
        store32(at + FRAME_HEAD + 4, sizes[i][0]);
        store32(at + FRAME_HEAD + 8, sizes[i][1]);
        hello_refused(at, size, "HELLO's parts do not add up");
    }
}

static void the_record_cap_has_a_bound(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    const uint64_t highest = (UINT64_C(1) << 30) - 129;
    size_t size = hello_frame(at);
    store64(at + FRAME_AT_OFFSET, highest);
    struct frame frame = decoded(at, size);
    struct hello hello;
    const char *why = "none";
    assert_true(frame_hello(&frame, &hello, &why));
    assert_true(hello.record_cap == highest);
    store64(at + FRAME_AT_OFFSET, highest + 1);
    hello_refused(at, size, "HELLO's record cap is too high");
    store64(at + FRAME_AT_OFFSET, UINT64_MAX);
    hello_refused(at, size, "HELLO's record cap is too high");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(barrier_and_end_are_exact),
        cmocka_unit_test(the_check_is_the_body),
        cmocka_unit_test(source_is_exact),
        cmocka_unit_test(abort_is_exact),
        cmocka_unit_test(open_is_exact),
        cmocka_unit_test(hello_comes_back),
        cmocka_unit_test(hello_has_three_flags),
        cmocka_unit_test(bad_hellos_are_refused),
        cmocka_unit_test(the_record_cap_has_a_bound),
        cmocka_unit_test(control_frames_have_their_own_bound),
    };
    return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
