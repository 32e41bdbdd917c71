/* kafka/profiles and kafka/kcatconf: a configuration file's text; kafka/conf: -X. */
#include "kafka/conf.h"
#include "kafka/kcatconf.h"
#include "kafka/profiles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static const char good[] = "# two clusters\n"
                           "default: dev\n"
                           "profiles:\n"
                           "  dev:\n"
                           "    brokers: 127.0.0.1:19092\n"
                           "  prod:\n"
                           "    brokers: 'a:9093,b:9093'\n"
                           "    properties:\n"
                           "      security.protocol: SASL_SSL\n"
                           "      linger.ms: 5\n"
                           "      sasl.password: \"@./pw\"\n"
                           "      client.id: \"a # b\"\n"
                           "  none: {}\n";

static void a_file_has_profiles(void **state)
{
    (void)state;
    struct profiles profiles;
    struct fault fault = {.tool = "test"};
    assert_true(profiles_parse(&profiles, "f", span_str(good), &fault));
    assert_int_equal(profiles.count, 3);
    assert_string_equal(profiles.standard, "dev");
    assert_null(profiles.plain);
    assert_null(profiles_find(&profiles, "pro"));
    const struct profile *prod = profiles_find(&profiles, "prod");
    assert_string_equal(prod->brokers, "a:9093,b:9093");
    assert_int_equal(prod->props.count, 4);
    const struct prop *prop = &prod->props.list[1];
    assert_string_equal(prop->name, "linger.ms");
    assert_string_equal(prop->value, "5");
    assert_false(prop->hidden);
    assert_string_equal(prop->place.file, "f");
    assert_int_equal(prop->place.line, 10);
    assert_int_equal(prop->place.column, 7);
    assert_true(props_find(&prod->props, "sasl.password")->hidden);
    assert_string_equal(props_find(&prod->props, "client.id")->value, "a # b");
    assert_null(profiles_find(&profiles, "none")->brokers);
    profiles_close(&profiles);
}

#define PROP "profiles:\n  p:\n    properties:\n      "

static const struct {
    const char *text, *says;
} wrong[] = {
    {"", "f:1:1: is empty"},
    {"# nothing\n", "is empty"},
    {"just words\n", "f:1:1: the file: wants NAME: VALUE lines"},
    {"- a\n- b\n", "f:1:1: the file: wants NAME: VALUE lines"},
    {"defualt: x\n", "f:1:1: defualt: unknown: default or profiles"},
    {"default: x\nprofiles:\n  y: {}\n", "f:1:10: default: no such profile"},
    {"default: [x]\n", "f:1:10: default: wants one value"},
    {"default: x\ndefault: y\n", "f:2:1: default: stands there twice, first in line 1"},
    {"profiles:\n  a: {}\n  a: {}\n", "f:3:3: a: stands there twice, first in line 2"},
    {"profiles:\n  a/b: {}\n", "f:2:3: is no name"},
    {"profiles:\n  ? [a]\n  : {}\n", "f:2:5: is no name"},
    {"profiles:\n", "profiles: wants NAME: VALUE lines"},
    {"profiles:\n  p:\n    broker: x\n", "f:3:5: broker: unknown: brokers or properties"},
    {"profiles:\n  p:\n    sasl.password: hunter2\n", "f:3:5: sasl.password: unknown: brokers or "
                                                      "properties, and this stands below"},
    {"profiles:\n  p:\n    brokers:\n", "brokers: has no value"},
    {"profiles:\n  p:\n    brokers: [a, b]\n", "f:3:14: brokers: wants one value"},
    {PROP "acks: ~\n", "f:4:13: acks: has no value"},
    {PROP "acks: null\n", "acks: has no value"},
    {PROP "acks: ''\n", "acks: has no value"},
    {PROP "acks: {a: b}\n", "f:4:13: acks: wants one value"},
    {PROP "a: 1\n      b: 2\n      a: 3\n", "f:6:7: a: stands there twice, first in line 4"},
    {PROP "a: \"x\\0y\"\n", "a: has a NUL byte"},
    {PROP "sasl.password: @pw\n", "f:4:22: a word with @ must be quoted: \"@FILE\""},
    {PROP "sasl.password:hunter2\n", "properties: wants NAME: VALUE lines"},
    {PROP "{sasl.password:hunter2}\n", "f:4:8: is no name"},
    {PROP "sasl.password=hunter2: x\n", "f:4:7: is no name"},
    {PROP "sasl.password: &a hunter2\n", "f:4:22: no anchors, aliases, tags or directives"},
    {PROP "sasl.password: !!str hunter2\n", "f:4:22: no anchors"},
    {PROP "a: *b\n", "f:4:10: no anchors"},
    {"&a profiles: {}\n", "f:1:1: no anchors"},
    {"!x {}\n", "f:1:1: no anchors"},
    {"%YAML 1.1\n---\nprofiles: {}\n", "f:1:1: no anchors"},
    {"profiles: {}\n---\nprofiles: {}\n", "f:2:1: a second document"},
    {"profiles: {\n", "is not YAML: "},
    {"profiles:\n\tp: {}\n", "f:2:1: is not YAML: "},
    {"a: \"hunter2\n", "is not YAML: "},
    {"profiles: {}\n\x01", "is not YAML: "},
    {"\xff\xfe"
     "d",
     "is not YAML: "},
};

static void a_file_that_is_wrong_is_told_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct profiles profiles;
        struct fault fault = {.tool = "test"};
        if (profiles_parse(&profiles, "f", span_str(wrong[i].text), &fault))
            fail_msg("taken: %s", wrong[i].text);
        profiles_close(&profiles);
        assert_int_equal(fault.status, STATUS_CONFIG);
        if (strstr(fault.line, wrong[i].says) == NULL)
            fail_msg("%s\nsays: %s\nnot:  %s", wrong[i].text, fault.line, wrong[i].says);
        if (strstr(fault.line, "hunter2") != NULL)
            fail_msg("a secret is told: %s", fault.line);
    }
}

static void depth_costs_nothing(void **state)
{
    (void)state;
    enum { DEEP = 60000 };
    char *text = malloc(DEEP + 1);
    assert_non_null(text);
    const char brackets[] = "[{";
    for (int i = 0; i < 2; i++) {
        memset(text, brackets[i], DEEP);
        struct profiles profiles;
        struct fault fault = {.tool = "test"};
        assert_false(profiles_parse(&profiles, "f", span_of(text, DEEP), &fault));
        profiles_close(&profiles);
        assert_int_equal(fault.status, STATUS_CONFIG);
    }
    free(text);
}

static void a_secret_in_the_file_is_noticed(void **state)
{
    (void)state;
    struct profiles profiles;
    struct fault fault = {.tool = "test"};
    static const char text[] = PROP "sasl.username: u\n      sasl.password: hunter2\n";
    assert_true(profiles_parse(&profiles, "f", span_str(text), &fault));
    assert_string_equal(profiles.plain->name, "sasl.password");
    assert_int_equal(profiles.plain->place.line, 5);
    profiles_close(&profiles);
}

/* --- kcat's files */

static void kcat_files_are_known(void **state)
{
    (void)state;
    assert_true(kcatconf_is(span_str("# c\n\n  a.b = c\n")));
    assert_true(kcatconf_is(span_str("sasl.password=a: b")));
    assert_false(kcatconf_is(span_str("")));
    assert_false(kcatconf_is(span_str("default: a=b\n")));
    assert_false(kcatconf_is(span_str("profiles:\n  a=b\n")));
    assert_false(kcatconf_is(span_str(good)));
}

static const char kcat[] = "# kcat\n"
                           "metadata.broker.list=a:9093, b:9093\n"
                           "security.protocol = SASL_SSL\r\n"
                           "sasl.mechanism=PLAIN\n"
                           "sasl.username=say \"hi\" \\ \xc3\xa4\n"
                           "sasl.password=hunter2\n"
                           "linger.ms=1\n"
                           "linger.ms=5\n"
                           "not a property\n"
                           "group.id=g\n"
                           "enable.ssl.certificate.verification=false\n"
                           "client.id=\n";

static const char said[] =
    "default: kcat\n"
    "profiles:\n"
    "  kcat:\n"
    "    brokers: \"a:9093, b:9093\"\n"
    "    properties:\n"
    "      security.protocol: SASL_SSL\n"
    "      sasl.mechanism: PLAIN\n"
    "      sasl.username: \"say \\\"hi\\\" \\\\ \xc3\xa4\"\n"
    "      sasl.password: \"@~/.config/sasl.password\" # a file with it alone, chmod 600\n"
    "      linger.ms: 5\n"
    "      # group.id: the group is -g GROUP: leave it out\n"
    "      # enable.ssl.certificate.verification: whoever answers is taken for the broker\n"
    "      # client.id: has no value\n";

static char *show(const char *text)
{
    char *made = NULL;
    size_t size;
    struct fault fault = {.tool = "test"};
    FILE *to = open_memstream(&made, &size);
    assert_non_null(to);
    assert_true(kcatconf_show(to, span_str(text), &fault));
    fclose(to);
    return made;
}

static void kcat_files_are_said_in_yaml(void **state)
{
    (void)state;
    char *made = show(kcat);
    assert_string_equal(made, said);
    struct profiles profiles;
    struct fault fault = {.tool = "test"};
    assert_true(profiles_parse(&profiles, "f", span_str(made), &fault));
    const struct profile *profile = profiles_find(&profiles, "kcat");
    assert_string_equal(profile->brokers, "a:9093, b:9093");
    assert_int_equal(profile->props.count, 5);
    assert_string_equal(props_find(&profile->props, "sasl.username")->value,
                        "say \"hi\" \\ \xc3\xa4");
    profiles_close(&profiles);
    free(made);
}

static void a_kcat_file_that_says_little_is_yaml_too(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "group.id=g",        "bootstrap.servers=a",     "linger.ms=-1",
        "client.id=null",    "linger.ms=1\nlinger.ms=", "bootstrap.servers=",
        "client.id=\x01\xff"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char *made = show(texts[i]);
        struct profiles profiles;
        struct fault fault = {.tool = "test"};
        if (!profiles_parse(&profiles, "f", span_str(made), &fault))
            fail_msg("%s\n%s", made, fault.line);
        profiles_close(&profiles);
        free(made);
    }
}

/* --- -X */

static void a_word_of_x_is_name_and_value(void **state)
{
    (void)state;
    struct conf conf = {0};
    struct fault fault = {.tool = "test"};
    assert_true(conf_set(&conf, "a.b=c=d", &fault));
    assert_true(conf_set(&conf, "sasl.password=@./x", &fault));
    assert_string_equal(conf.sets.list[0].value, "c=d");
    assert_null(conf.sets.list[0].place.file);
    assert_true(conf.sets.list[1].hidden);
    conf_close(&conf);
}

static void a_wrong_word_of_x_is_not_repeated(void **state)
{
    (void)state;
    static const char *const words[] = {"hunter2",
                                        "=hunter2",
                                        "sasl.password:hunter2",
                                        "sasl password=hunter2",
                                        "sasl.password=hunter2",
                                        "ssl.key.pem=hunter2"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct conf conf = {0};
        struct fault fault = {.tool = "test"};
        if (conf_set(&conf, words[i], &fault))
            fail_msg("taken: %s", words[i]);
        conf_close(&conf);
        assert_int_equal(fault.status, STATUS_USAGE);
        assert_null(strstr(fault.line, "hunter2"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_has_profiles),
        cmocka_unit_test(a_file_that_is_wrong_is_told_with_its_place),
        cmocka_unit_test(depth_costs_nothing),
        cmocka_unit_test(a_secret_in_the_file_is_noticed),
        cmocka_unit_test(kcat_files_are_known),
        cmocka_unit_test(kcat_files_are_said_in_yaml),
        cmocka_unit_test(a_kcat_file_that_says_little_is_yaml_too),
        cmocka_unit_test(a_word_of_x_is_name_and_value),
        cmocka_unit_test(a_wrong_word_of_x_is_not_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
