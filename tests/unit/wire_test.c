/* ack/wire: messages there and back, and what is no message. */
#include "ack/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct message examples[] = {
    {.kind = WIRE_HERE, .run_id = {1, 2, 3, 255}},
    {.kind = WIRE_READY, .flags = WIRE_COMMAND, .spool = UINT64_C(0x1122334455667788)},
    {.kind = WIRE_READY, .number = 200},
    {.kind = WIRE_ACK, .number = INT64_MAX},
    {.kind = WIRE_BYE, .status = 0x1234, .number = 7},
    {.kind = WIRE_STOP},
    {.kind = WIRE_DONE, .status = 141},
    {.kind = WIRE_READY, .flags = WIRE_ONCE | WIRE_COMMAND},
    {.kind = WIRE_PREPARE, .number = 9},
    {.kind = WIRE_DENY, .number = 9},
    {.kind = WIRE_EMPTY, .number = 9}};
enum { EXAMPLES = sizeof examples / sizeof examples[0] };

static void every_kind_comes_back(void **state)
{
    (void)state;
    for (int i = 0; i < EXAMPLES; i++) {
        uint8_t packet[WIRE_MOST];
        struct message got;
        size_t size = wire_put(packet, &examples[i]);
        assert_true(wire_take(span_of(packet, size), &got));
        assert_memory_equal(&got, &examples[i], sizeof got);
    }
}

static void a_size_that_is_not_the_kinds_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < EXAMPLES; i++) {
        uint8_t packet[WIRE_MOST + 1] = {0};
        struct message got;
        size_t right = wire_put(packet, &examples[i]);
        for (size_t size = 0; size <= WIRE_MOST + 1; size++)
            assert_int_equal(wire_take(span_of(packet, size), &got), size == right);
    }
}

static void unknown_kinds_flags_and_zeros_are_refused(void **state)
{
    (void)state;
    uint8_t packet[WIRE_MOST];
    struct message got;
    size_t size = wire_put(packet, &examples[2]);
    for (int kind = 0; kind < 256; kind++) {
        packet[0] = (uint8_t)kind;
        bool known = kind > WIRE_HERE && kind <= WIRE_EMPTY && kind != WIRE_GRANT;
        assert_int_equal(wire_take(span_of(packet, size), &got), known);
    }
    packet[0] = WIRE_ACK;
    for (int bit = 0; bit < 8; bit++) {
        packet[1] = (uint8_t)(1 << bit);
        assert_false(wire_take(span_of(packet, size), &got));
    }
    packet[1] = 0;
    for (int i = 4; i < 8; i++) {
        packet[i] = 1;
        assert_false(wire_take(span_of(packet, size), &got));
        packet[i] = 0;
    }
    packet[15] = 0x80; /* a negative number */
    assert_false(wire_take(span_of(packet, size), &got));
}

static void a_grant_has_a_piece(void **state)
{
    (void)state;
    static uint8_t piece[WIRE_PIECE], packet[WIRE_MOST + 1];
    static const size_t sizes[] = {1, 100, WIRE_PIECE};
    memset(piece, 7, sizeof piece);
    for (int i = 0; i < 3; i++) {
        struct message got, message = {.kind = WIRE_GRANT,
                                       .flags = WIRE_MORE,
                                       .number = 3,
                                       .piece = span_of(piece, sizes[i])};
        size_t size = wire_put(packet, &message);
        assert_true(wire_take(span_of(packet, size), &got));
        assert_true(span_equal(got.piece, message.piece));
        assert_int_equal(got.flags, WIRE_MORE);
        assert_int_equal(got.number, 3);
    }
    struct message got;
    packet[0] = WIRE_GRANT;
    assert_false(wire_take(span_of(packet, WIRE_SIZE), &got));
    assert_false(wire_take(span_of(packet, WIRE_MOST + 1), &got));
}

static void ready_may_name_a_store(void **state)
{
    (void)state;
    uint8_t packet[WIRE_MOST];
    struct message got, message = {.kind = WIRE_READY, .piece = span_str("counts_1")};
    size_t size = wire_put(packet, &message);
    assert_true(wire_take(span_of(packet, size), &got));
    assert_true(span_equal(got.piece, message.piece));
    packet[WIRE_SIZE + 3] = '-';
    assert_false(wire_take(span_of(packet, size), &got));
    memset(packet + WIRE_SIZE, 'a', 65);
    assert_true(wire_take(span_of(packet, WIRE_SIZE + 64), &got));
    assert_false(wire_take(span_of(packet, WIRE_SIZE + 65), &got));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_comes_back),
        cmocka_unit_test(a_size_that_is_not_the_kinds_is_refused),
        cmocka_unit_test(unknown_kinds_flags_and_zeros_are_refused),
        cmocka_unit_test(a_grant_has_a_piece),
        cmocka_unit_test(ready_may_name_a_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
