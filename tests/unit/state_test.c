/* stream: the kinds that carry state, STORE, TASK, RESTORE and STATE: what stands where, what is
 * refused, and where in a segment each may stand. */
#include "decode.h"

static size_t store(uint8_t at[ROOM], const char *name)
{
    size_t size = control(at, FRAME_STORE, 0, 0, strlen(name), strlen(name));
    memcpy(at + FRAME_HEAD, name, strlen(name));
    store64(at + FRAME_AT_OFFSET, FRAME_COUNTS);
    return size;
}

static size_t task(uint8_t at[ROOM], int64_t what, uint8_t flags)
{
    size_t size = control(at, FRAME_TASK, flags, 7, 0, 0);
    store64(at + FRAME_AT_OFFSET, (uint64_t)what);
    return size;
}

/* Key "key", store "store", value "12345678". */
static size_t kept(uint8_t at[ROOM], uint8_t kind, uint8_t flags)
{
    size_t size = control(at, kind, flags, 7, 3, 17);
    memcpy(at + FRAME_HEAD,
           "keystore\0"
           "12345678",
           17);
    return size;
}

static void spoiled(uint8_t at[ROOM], size_t size, size_t where, const char *reason)
{
    at[where] = 1;
    refused(at, size, reason);
}

static void store_is_exact(void **state)
{
    (void)state;
    const char *reason = "STORE is malformed";
    uint8_t at[ROOM];
    char name[FRAME_STORE_NAME + 2];
    struct frame frame = decoded(at, store(at, "Counts_09"));
    span_is(frame.key, "Counts_09");
    memset(name, 'n', sizeof name);
    name[FRAME_STORE_NAME] = '\0';
    decoded(at, store(at, name));
    name[FRAME_STORE_NAME] = 'n';
    name[FRAME_STORE_NAME + 1] = '\0';
    refused(at, store(at, name), reason);
    static const char *const names[] = {"", "a-b", "a.b", "a b", "a/b", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        refused(at, store(at, names[i]), reason);
    spoiled(at, store(at, "n"), FRAME_AT_FLAGS, reason);
    spoiled(at, store(at, "n"), FRAME_AT_SOURCE, reason);
    spoiled(at, store(at, "n"), FRAME_AT_TIMESTAMP, reason);
    spoiled(at, store(at, "nm"), FRAME_AT_KEY_SIZE, reason);
    size_t size = store(at, "n");
    store64(at + FRAME_AT_OFFSET, FRAME_COUNTS + 1);
    refused(at, size, "STORE is of an unknown kind: made by a newer kpipe");
}

static void task_is_exact(void **state)
{
    (void)state;
    const char *reason = "TASK is malformed";
    uint8_t at[ROOM];
    for (int64_t what = -1; what <= 5; what++) {
        size_t size = task(at, what, 0);
        if (what >= FRAME_ASSIGNED && what <= FRAME_LOST)
            assert_int_equal(decoded(at, size).source, 7);
        else
            refused(at, size, reason);
    }
    assert_int_equal(decoded(at, task(at, FRAME_ASSIGNED, FRAME_NEW)).flags, FRAME_NEW);
    refused(at, task(at, FRAME_REVOKED, FRAME_NEW), reason);
    refused(at, task(at, FRAME_ASSIGNED, 2), reason);
    spoiled(at, task(at, FRAME_ASSIGNED, 0), FRAME_AT_TIMESTAMP, reason);
    spoiled(at, task(at, FRAME_ASSIGNED, 0), FRAME_AT_KEY_SIZE, reason);
    size_t size = task(at, FRAME_ASSIGNED, 0);
    store32(at + FRAME_AT_SOURCE, INT32_MAX);
    decoded(at, size);
    store32(at + FRAME_AT_SOURCE, INT32_MAX + 1U);
    refused(at, size, reason);
    refused(at, control(at, FRAME_TASK, 0, 7, 0, 8), reason);
}

static void state_comes_back(void **state)
{
    (void)state;
    static const uint8_t kinds[] = {FRAME_STATE, FRAME_RESTORE};
    uint8_t at[ROOM];
    for (int i = 0; i < 2; i++) {
        struct frame frame = decoded(at, kept(at, kinds[i], 0));
        span_is(frame.key, "key");
        span_is(frame_state(&frame).store, "store");
        span_is(frame_state(&frame).value, "12345678");
    }
}

static void state_and_restore_are_exact(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    decoded(at, kept(at, FRAME_STATE, FRAME_CREATE_TIME));
    decoded(at, kept(at, FRAME_STATE, FRAME_LOG_APPEND_TIME));
    refused(at, kept(at, FRAME_STATE, FRAME_CREATE_TIME | FRAME_LOG_APPEND_TIME),
            "STATE is malformed");
    refused(at, kept(at, FRAME_STATE, FRAME_NULL_KEY), "STATE is malformed");
    refused(at, kept(at, FRAME_RESTORE, FRAME_CREATE_TIME), "RESTORE is malformed");
    spoiled(at, kept(at, FRAME_STATE, 0), FRAME_AT_OFFSET, "STATE is malformed");
    spoiled(at, kept(at, FRAME_RESTORE, 0), FRAME_AT_TIMESTAMP, "RESTORE is malformed");
    size_t size = kept(at, FRAME_RESTORE, 0);
    store32(at + FRAME_AT_SOURCE, UINT32_MAX);
    refused(at, size, "RESTORE is malformed");
    size = kept(at, FRAME_STATE, 0);
    store32(at + FRAME_AT_KEY_SIZE, 18);
    refused(at, size, "a control frame's parts are longer than the frame");
    const char *reason = "a state's parts do not name a store";
    for (uint32_t key = 8; key <= 17; key++) { /* an empty name; no NUL; nothing */
        size = kept(at, FRAME_STATE, 0);
        store32(at + FRAME_AT_KEY_SIZE, key);
        refused(at, size, reason);
    }
    size = kept(at, FRAME_STATE, 0);
    at[FRAME_HEAD + 4] = '-';
    refused(at, size, reason);
}

/* A key as long as a record's cap is no reason to refuse its count. */
static void state_is_as_long_as_a_record(void **state)
{
    (void)state;
    struct frame frame;
    size_t need;
    const char *why = NULL;
    static uint8_t at[FRAME_CONTROL + 64];
    size_t length = FRAME_CONTROL + 32;
    frame_head(at, length, FRAME_STATE, 0, 1, length - FRAME_HEAD - 2, 0, 0);
    at[length - 2] = 's';
    assert_int_equal(frame_decode(at, sizeof at, length, &frame, &need, &why), FRAME_OK);
    assert_int_equal(frame_decode(at, sizeof at, length - 1, &frame, &need, &why), FRAME_BROKEN);
}

static void the_hop_guards_a_states_header_only(void **state)
{
    (void)state;
    uint8_t at[ROOM];
    struct hop before, after;
    for (size_t where = 0; where < FRAME_HEAD + 17; where++) {
        size_t size = kept(at, FRAME_STATE, 0);
        hop_start(&before);
        hop_frame(&before, at, size);
        if (where == FRAME_AT_KIND)
            continue;
        at[where] ^= 0x10;
        hop_start(&after);
        hop_frame(&after, at, size);
        assert_int_equal(before.check.hash != after.check.hash, where < FRAME_HEAD);
    }
}

/* What a segment is made of; the letters stand for writer calls. */
static void write_one(struct writer *writer, char what)
{
    const struct kept row = {.kind = what == 'R' ? FRAME_RESTORE : FRAME_STATE,
                             .task = 1,
                             .store = text("s"),
                             .key = text("k"),
                             .value = text("v")};
    if (what == 'S')
        writer_store(writer, text("s"));
    else if (what == 'O')
        writer_preamble(writer, 1);
    else if (what == 'T')
        writer_task(writer, 1, FRAME_ASSIGNED, 0);
    else
        writer_kept(writer, &row);
}

/* Reads a segment of these; "" where it is clean, else why it is not. */
static void order(const char *group, const char *letters, const char *reason)
{
    struct made made = {.fault = {.tool = "writer"}, .fd = memory_file()};
    assert_true(writer_open(&made.writer, dup(made.fd), &made.fault));
    struct hello hello = sample_hello(group);
    writer_hello(&made.writer, &hello);
    for (; *letters != '\0'; letters++)
        write_one(&made.writer, *letters);
    struct reading reading = made_end(&made, 1);
    if (*reason == '\0')
        assert_int_equal(reading.result, READER_EOF);
    else
        expect_fault(&reading, STATUS_STREAM, reason);
}

static void each_has_its_place(void **state)
{
    (void)state;
    order("g", "SOTRK", "");
    order("g", "SSORTKKRT", "");
    order("g", "OTRK", "");
    order("g", "OS", "STORE is out of place");
    order("g", "TO", "OPEN is missing");
    order("g", "RO", "OPEN is missing");
    order("g", "KO", "OPEN is missing");
    order("", "S", "STORE is out of place");
    order("", "T", "state is kept for groups only");
    order("", "R", "state is kept for groups only");
    order("", "K", "state is kept for groups only");
}

static struct bytes kept_stream(const struct kept *rows, size_t count)
{
    struct made made = {.fault = {.tool = "writer"}, .fd = memory_file()};
    assert_true(writer_open(&made.writer, dup(made.fd), &made.fault));
    struct hello hello = sample_hello("g");
    writer_hello(&made.writer, &hello);
    writer_preamble(&made.writer, 1);
    for (size_t i = 0; i < count; i++)
        writer_kept(&made.writer, &rows[i]);
    writer_barrier(&made.writer, 1, true);
    writer_end(&made.writer);
    return made_bytes(&made);
}

/* Keys of every padding, and one that leaves uncopied. */
static void what_is_written_is_read(void **state)
{
    (void)state;
    enum { ROWS = 18, LARGE = 60000 };
    static char key[LARGE + 1];
    memset(key, 'k', LARGE);
    struct kept rows[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        rows[i] = (struct kept){.kind = i % 2 == 0 ? FRAME_STATE : FRAME_RESTORE,
                                .time = i == 4 ? FRAME_CREATE_TIME : 0,
                                .task = (uint32_t)i,
                                .offset = i % 2 == 0 ? 0 : 5,
                                .timestamp = i == 4 ? 1700000000000 : 0,
                                .store = text("a_store"),
                                .key = span_of((uint8_t *)key, i == 17 ? LARGE : i),
                                .value = span_of((const uint8_t *)"\0\1\2\3\4\5\6\7", i % 9)};
    struct bytes stream = kept_stream(rows, ROWS);
    int fd = file_of(stream.at, stream.size);
    struct fault fault = {.tool = "reader"};
    struct reader reader;
    struct frame frame;
    assert_true(reader_open(&reader, fd, NULL, &fault));
    size_t at = 0;
    while (reader_next(&reader, &frame, -1) == READER_FRAME) {
        if (!frame_is_data(frame.kind))
            continue;
        const struct kept *row = &rows[at++];
        struct state got = frame_state(&frame);
        assert_true(frame.kind == row->kind && frame.source == row->task);
        assert_true(frame.flags == row->time && frame.timestamp == row->timestamp);
        assert_true(frame.offset == row->offset && span_equal(frame.key, row->key));
        assert_true(span_equal(got.store, row->store) && span_equal(got.value, row->value));
    }
    assert_int_equal(fault.status, 0);
    assert_int_equal(at, ROWS);
    reader_close(&reader);
    close(fd);
    free(stream.at);
}

static void bytes_are_the_pages(void **state)
{
    (void)state;
    struct made made;
    made_start(&made);
    writer_store(&made.writer, text("st"));
    writer_task(&made.writer, 0x01020304, FRAME_ASSIGNED, FRAME_NEW);
    const struct kept row = {FRAME_STATE, FRAME_CREATE_TIME, 2,         0,
                             9,           text("st"),        text("k"), text("v")};
    writer_kept(&made.writer, &row);
    struct bytes stream = made_bytes(&made);
    static const char expected[] = "\x22\0\0\0\x8\0Ip"
                                   "\0\0\0\0\2\0\0\0"
                                   "\1\0\0\0\0\0\0\0"
                                   "\0\0\0\0\0\0\0\0"
                                   "st\0\0\0\0\0\0"
                                   "\x20\0\0\0\x9\1Kp"
                                   "\4\3\2\1\0\0\0\0"
                                   "\1\0\0\0\0\0\0\0"
                                   "\0\0\0\0\0\0\0\0"
                                   "\x25\0\0\0\xb\x8Np"
                                   "\2\0\0\0\1\0\0\0"
                                   "\0\0\0\0\0\0\0\0"
                                   "\x9\0\0\0\0\0\0\0"
                                   "kst\0v\0\0\0";
    size_t size = sizeof expected - 1;
    assert_memory_equal(stream.at + stream.size - size, expected, size);
    free(stream.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_is_exact),
        cmocka_unit_test(task_is_exact),
        cmocka_unit_test(state_comes_back),
        cmocka_unit_test(state_and_restore_are_exact),
        cmocka_unit_test(state_is_as_long_as_a_record),
        cmocka_unit_test(the_hop_guards_a_states_header_only),
        cmocka_unit_test(each_has_its_place),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(bytes_are_the_pages),
    };
    return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
