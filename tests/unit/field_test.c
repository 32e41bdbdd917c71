/* stream/field: which bytes of a record a selector means. */
#include "sample.h"

#include "stream/field.h"

static void words_are_parsed(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        enum field_kind kind;
        const char *name;
    } good[] = {{"value", FIELD_VALUE, NULL},
                {"key", FIELD_KEY, NULL},
                {"topic", FIELD_TOPIC, NULL},
                {"partition", FIELD_PARTITION, NULL},
                {"any", FIELD_ANY, NULL},
                {"header:x", FIELD_HEADER, "x"},
                {"header:key", FIELD_HEADER, "key"},
                {"header::", FIELD_HEADER, ":"}};
    struct field field;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(field_parse(good[i].word, &field));
        assert_int_equal(field.kind, good[i].kind);
        if (good[i].name != NULL)
            assert_true(span_equal(field.name, text(good[i].name)));
    }
    static const char *const bad[] = {"",        "Value",     "values", "val",  "header",
                                      "header:", "headers:x", "offset", " key", "key "};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(field_parse(bad[i], &field));
}

/* A record with all that can be selected; a test takes parts away. */
struct scene {
    struct source sources[2];
    struct reader reader;
    struct frame frame;
    uint8_t block[64];
};

static void scene_set(struct scene *scene)
{
    static char topic[] = "orders", file[] = "in.txt";
    *scene = (struct scene){.sources = {{topic, 6, 12, 0}, {file, 6, -1, -1}}};
    scene->reader.sources = scene->sources;
    scene->reader.source_count = 2;
    scene->frame = (struct frame){.source = 1,
                                  .key = text("k"),
                                  .value = text("v"),
                                  .headers = sample_headers(scene->block),
                                  .header_count = SAMPLE_HEADERS};
}

/* The walk gives these fields, and after the last one nothing, however often it is asked. */
static void expect_walk(const struct scene *scene, const char *word, const char *const *fields)
{
    struct field field;
    struct field_walk walk;
    struct span bytes;
    assert_true(field_parse(word, &field));
    field_start(&walk, &scene->frame);
    for (; *fields != NULL; fields++) {
        assert_true(field_next(&field, &scene->reader, &scene->frame, &walk, &bytes));
        assert_non_null(bytes.at);
        assert_true(span_equal(bytes, text(*fields)));
    }
    assert_false(field_next(&field, &scene->reader, &scene->frame, &walk, &bytes));
    assert_false(field_next(&field, &scene->reader, &scene->frame, &walk, &bytes));
}

static const char *const none[] = {NULL};

static void each_field_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *word, *fields[6];
    } rows[] = {{"value", {"v"}},          {"key", {"k"}},
                {"topic", {"orders"}},     {"partition", {"12"}},
                {"header:trace", {"one"}}, {"any", {"v", "k", "one", ""}},
                {"header:TRACE", {NULL}},  {"header:trac", {NULL}}};
    struct scene scene;
    scene_set(&scene);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_walk(&scene, rows[i].word, rows[i].fields);
}

static void nulls_are_left_out_and_empty_ones_are_not(void **state)
{
    (void)state;
    struct scene scene;
    scene_set(&scene);
    scene.frame.headers = span_of(NULL, 0);
    scene.frame.header_count = 0;
    scene.frame.key = text("");
    scene.frame.value = span_of(NULL, 0);
    expect_walk(&scene, "value", none);
    expect_walk(&scene, "key", (const char *const[]){"", NULL});
    expect_walk(&scene, "any", (const char *const[]){"", NULL});
    expect_walk(&scene, "header:trace", none);
    scene.frame.key = span_of(NULL, 0);
    expect_walk(&scene, "key", none);
    expect_walk(&scene, "any", none);
}

/* Every header of the name is meant, in order; one with a null value is not. */
static void repeated_headers_are_all_meant(void **state)
{
    (void)state;
    struct scene scene;
    scene_set(&scene);
    const struct header all[] = {{text("a"), text("1")},
                                 {text("b"), text("2")},
                                 {text("a"), {NULL, 0}},
                                 {text("a"), text("3")}};
    uint8_t *end = scene.block;
    for (int i = 0; i < 4; i++)
        end = frame_header_put(end, &all[i]);
    scene.frame.headers = span_of(scene.block, (size_t)(end - scene.block));
    scene.frame.header_count = 4;
    expect_walk(&scene, "header:a", (const char *const[]){"1", "3", NULL});
    expect_walk(&scene, "any", (const char *const[]){"v", "k", "1", "2", "3", NULL});
}

static void a_place_may_be_missing(void **state)
{
    (void)state;
    struct scene scene;
    scene_set(&scene);
    scene.frame.source = 2; /* a file has a name and no partition */
    expect_walk(&scene, "topic", (const char *const[]){"in.txt", NULL});
    expect_walk(&scene, "partition", none);
    scene.frame.source = 0;
    expect_walk(&scene, "topic", none);
    expect_walk(&scene, "partition", none);
    scene.sources[0].partition = INT64_MAX;
    scene.frame.source = 1;
    expect_walk(&scene, "partition", (const char *const[]){"9223372036854775807", NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_parsed),
        cmocka_unit_test(each_field_is_found),
        cmocka_unit_test(nulls_are_left_out_and_empty_ones_are_not),
        cmocka_unit_test(repeated_headers_are_all_meant),
        cmocka_unit_test(a_place_may_be_missing),
    };
    return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
