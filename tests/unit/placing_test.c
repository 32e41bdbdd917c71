/* kcat-in/placing: Java's rule, another one, and too little or too mixed to say. */
#include "kcat-in/placing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct placing looked(uint32_t same, uint32_t others)
{
    struct placing placing = {0};
    for (uint32_t i = 0; i < others; i++)
        assert_true(placing_look(&placing, 1, 0));
    for (uint32_t i = 0; i < same; i++)
        assert_true(placing_look(&placing, 3, 3));
    return placing;
}

static void rules_are_told_apart(void **state)
{
    (void)state;
    struct placing all = looked(PLACING_LOOKS, 0), few = looked(PLACING_LOOKS - 1, 0),
                   one = looked(PLACING_LOOKS - 1, 1), some = looked(0, PLACING_OTHERS),
                   less = looked(0, PLACING_OTHERS - 1);
    assert_int_equal(placing_rule(&all), PLACING_JAVA);
    assert_int_equal(placing_rule(&few), PLACING_OPEN);
    assert_int_equal(placing_rule(&one), PLACING_OPEN);
    assert_int_equal(placing_rule(&some), PLACING_OTHER);
    assert_int_equal(placing_rule(&less), PLACING_OPEN);
}

static void looking_ends(void **state)
{
    (void)state;
    struct placing placing = looked(PLACING_LOOKS, 0);
    for (int i = 0; i < PLACING_OTHERS; i++)
        assert_false(placing_look(&placing, 1, 0));
    assert_int_equal(placing_rule(&placing), PLACING_JAVA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rules_are_told_apart),
                                       cmocka_unit_test(looking_ends)};
    return cmocka_run_group_tests_name("placing", tests, NULL, NULL);
}
