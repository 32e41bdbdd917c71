/* kcount/tasks: tables that come and go with their tasks. */
#include "kcount/tasks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const uint64_t seed[2] = {3, 4};

static void a_task_has_its_own_table(void **state)
{
    (void)state;
    struct tasks tasks;
    tasks_open(&tasks, seed);
    for (uint32_t n = 0; n < 20; n++)
        for (uint32_t times = 0; times <= n; times++)
            assert_non_null(table_add(&tasks_add(&tasks, n * 7)->table, span_str("key")));
    assert_int_equal(tasks.count, 20);
    assert_int_equal(tasks_keys(&tasks), 20);
    for (uint32_t n = 0; n < 20; n++)
        assert_int_equal(table_add(&tasks_find(&tasks, n * 7)->table, span_str("key"))->count,
                         n + 2);
    assert_null(tasks_find(&tasks, 1));
    tasks_close(&tasks);
}

static void a_task_that_went_comes_back_empty(void **state)
{
    (void)state;
    struct tasks tasks;
    tasks_open(&tasks, seed);
    for (uint32_t n = 0; n < 3; n++) {
        tasks_add(&tasks, n)->assigned = true;
        assert_non_null(table_add(&tasks_add(&tasks, n)->table, span_str("key")));
    }
    size_t before = tasks_memory(&tasks);
    tasks_drop(&tasks, 0);
    tasks_drop(&tasks, 5);
    assert_true(tasks_memory(&tasks) < before);
    assert_null(tasks_find(&tasks, 0));
    assert_int_equal(tasks_find(&tasks, 2)->number, 2);
    assert_int_equal(tasks_find(&tasks, 1)->table.used, 1);
    struct task *again = tasks_add(&tasks, 0);
    assert_int_equal(again->table.used, 0);
    assert_false(again->assigned);
    for (uint32_t n = 0; n < 3; n++)
        tasks_drop(&tasks, n);
    assert_int_equal(tasks.count, 0);
    assert_int_equal(tasks_memory(&tasks), 0);
    tasks_close(&tasks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_has_its_own_table),
        cmocka_unit_test(a_task_that_went_comes_back_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
