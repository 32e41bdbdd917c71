/* ack/grant: there and back, and what is no grant. */
#include "ack/grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void make(struct grant_bytes *bytes)
{
    struct grant grant = {
        .generation = 7, .group = span_str("up"), .member = span_str("m-1"), .instance = {0}};
    grant_start(bytes, &grant);
    grant_add(bytes, &(struct grant_offset){
                         .topic = span_str("A"), .partition = 0, .offset = 0, .note = {0}});
    grant_add(bytes, &(struct grant_offset){.topic = span_str(""), .partition = 3, .offset = 9});
    grant_add(bytes, &(struct grant_offset){.topic = span_str("B"),
                                            .partition = 1,
                                            .offset = INT64_MAX,
                                            .note = span_str("note")});
    assert_false(bytes->failed);
}

static void assert_offset(struct grant *grant, const char *topic, int32_t partition, int64_t at,
                          const char *note)
{
    struct grant_offset offset;
    assert_true(grant_next(grant, &offset));
    assert_true(span_equal(offset.topic, span_str(topic)));
    assert_int_equal(offset.partition, partition);
    assert_true(offset.offset == at);
    assert_true(span_equal(offset.note, span_str(note)));
}

static void it_comes_back(void **state)
{
    (void)state;
    struct grant_bytes bytes = {0};
    struct grant grant;
    struct grant_offset offset;
    for (int again = 0; again < 2; again++) {
        make(&bytes);
        assert_true(grant_read(&grant, span_of(bytes.at, bytes.size)));
        assert_int_equal(grant.generation, 7);
        assert_int_equal(grant.count, 3);
        assert_true(span_equal(grant.group, span_str("up")));
        assert_true(span_equal(grant.member, span_str("m-1")));
        assert_null(grant.instance.at);
        assert_offset(&grant, "A", 0, 0, "");
        assert_offset(&grant, "A", 3, 9, "");
        assert_offset(&grant, "B", 1, INT64_MAX, "note");
        assert_false(grant_next(&grant, &offset));
    }
    grant_free(&bytes);
}

static void a_static_member_has_its_name(void **state)
{
    (void)state;
    struct grant_bytes bytes = {0};
    struct grant grant = {
        .group = span_str("g"), .member = span_str("m"), .instance = span_str("here")};
    grant_start(&bytes, &grant);
    assert_true(grant_read(&grant, span_of(bytes.at, bytes.size)));
    assert_true(span_equal(grant.instance, span_str("here")));
    grant_free(&bytes);
}

static void what_was_cut_or_has_more_is_none(void **state)
{
    (void)state;
    struct grant_bytes bytes = {0};
    struct grant grant;
    make(&bytes);
    for (size_t size = 0; size < bytes.size; size++) {
        uint8_t *cut = malloc(size + 1); /* so that a sanitizer sees what is read beyond */
        assert_non_null(cut);
        memcpy(cut, bytes.at, size);
        assert_false(grant_read(&grant, span_of(cut, size)));
        free(cut);
    }
    uint8_t more[256] = {0};
    memcpy(more, bytes.at, bytes.size);
    assert_false(grant_read(&grant, span_of(more, bytes.size + 1)));
    grant_free(&bytes);
}

static void without_group_or_member_it_is_none(void **state)
{
    (void)state;
    struct grant_bytes bytes = {0};
    struct grant grant = {.group = span_str("g"), .member = span_str("")};
    grant_start(&bytes, &grant);
    assert_false(grant_read(&grant, span_of(bytes.at, bytes.size)));
    grant = (struct grant){.group = span_str(""), .member = span_str("m")};
    grant_start(&bytes, &grant);
    assert_false(grant_read(&grant, span_of(bytes.at, bytes.size)));
    grant_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_back),
        cmocka_unit_test(a_static_member_has_its_name),
        cmocka_unit_test(what_was_cut_or_has_more_is_none),
        cmocka_unit_test(without_group_or_member_it_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
