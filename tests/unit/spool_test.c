/* kout/spool: what went in comes out, in order, whatever the room. */
#include "kout/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* A record whose value is `fill` bytes of one letter. */
static void put(struct spool *spool, char letter, size_t fill)
{
    static uint8_t raw[100000];
    size_t length = FRAME_HEAD + fill, need;
    const char *why;
    struct frame frame;
    memset(raw, 0, frame_padded(length));
    frame_head(raw, length, FRAME_RECORD, FRAME_NULL_KEY, 0, 0, -1, 0);
    memset(raw + FRAME_HEAD, letter, fill);
    assert_int_equal(frame_decode(raw, frame_padded(length), sizeof raw, &frame, &need, &why),
                     FRAME_OK);
    assert_true(spool_put(spool, &frame));
}

static void assert_comes(struct spool *spool, char letter, size_t fill)
{
    struct frame frame;
    assert_true(spool_next(spool, &frame));
    assert_int_equal(frame.value.size, fill);
    for (size_t i = 0; i < fill; i++)
        assert_int_equal(frame.value.at[i], letter);
}

static void frames_come_out_in_order(void **state)
{
    (void)state;
    struct spool spool;
    struct frame frame;
    spool_open(&spool, 1000);
    for (int again = 0; again < 3; again++) {
        put(&spool, 'a', 5);
        put(&spool, 'b', 0);
        assert_false(spool_full(&spool));
        put(&spool, 'c', 90000); /* far beyond the limit */
        assert_true(spool_full(&spool));
        spool_rewind(&spool);
        assert_comes(&spool, 'a', 5);
        assert_comes(&spool, 'b', 0);
        assert_comes(&spool, 'c', 90000);
        assert_false(spool_next(&spool, &frame));
        spool_rewind(&spool);
        assert_comes(&spool, 'a', 5);
        spool_empty(&spool);
        assert_false(spool_next(&spool, &frame));
        assert_true(spool.room <= 2 * spool.limit);
    }
    spool_close(&spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(frames_come_out_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
