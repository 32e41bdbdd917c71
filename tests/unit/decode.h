/* What the tests of stream/frame share: frames made by hand, decoded or refused. */
#ifndef KPIPE_TESTS_UNIT_DECODE_H
#define KPIPE_TESTS_UNIT_DECODE_H

#include "sample.h"

enum { ROOM = 512, MOST = 4096 };

/* Decodes; the result must be FRAME_OK. */
static inline struct frame decoded(uint8_t *at, size_t size)
{
    struct frame frame;
    size_t need = 0;
    const char *why = "none";
    assert_int_equal(frame_decode(at, size, MOST, &frame, &need, &why), FRAME_OK);
    assert_ptr_equal(frame.raw, at);
    assert_int_equal(frame.size, size);
    assert_int_equal(frame.size, frame_padded(load32(at + FRAME_AT_LENGTH)));
    return frame;
}

static inline void refused(uint8_t *at, size_t size, const char *reason)
{
    struct frame frame;
    size_t need = 0;
    const char *why = "none";
    assert_int_equal(frame_decode(at, size, MOST, &frame, &need, &why), FRAME_BROKEN);
    assert_string_equal(why, reason);
}

static inline void span_is(struct span span, const char *bytes)
{
    if (bytes == NULL) {
        assert_null(span.at);
        assert_int_equal(span.size, 0);
    } else {
        assert_non_null(span.at);
        assert_true(span_equal(span, span_str(bytes)));
    }
}

/* A control frame with `body` bytes of zeros after its header. */
static inline size_t control(uint8_t at[ROOM], uint8_t kind, uint8_t flags, uint32_t source,
                             size_t key_size, size_t body)
{
    memset(at, 0, ROOM);
    frame_head(at, FRAME_HEAD + body, kind, flags, source, key_size, 0, 0);
    return frame_padded(FRAME_HEAD + body);
}

#endif
