/* kcount/table against a plain list of keys. */
#include "kcount/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static const uint64_t seed[2] = {UINT64_C(0x0123456789abcdef), UINT64_C(0xfedcba9876543210)};

static void counts_every_key_apart(void **state)
{
    (void)state;
    struct table table;
    assert_true(table_open(&table, seed));
    /* Prefixes of each other, NULs, and every length over several words of the hash. */
    uint8_t bytes[64] = {0};
    for (int round = 1; round <= 3; round++)
        for (size_t size = 0; size <= sizeof bytes; size++)
            assert_int_equal(table_add(&table, span_of(bytes, size))->count, round);
    assert_int_equal(table.used, sizeof bytes + 1);
    table_close(&table);
}

static void a_changed_byte_is_another_key(void **state)
{
    (void)state;
    struct table table;
    assert_true(table_open(&table, seed));
    uint8_t bytes[40] = {0};
    for (size_t i = 0; i < sizeof bytes; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] ^= (uint8_t)(1 << bit);
            assert_int_equal(table_add(&table, span_of(bytes, sizeof bytes))->count, 1);
            bytes[i] ^= (uint8_t)(1 << bit);
        }
    table_close(&table);
}

static void grows_and_keeps_what_it_has(void **state)
{
    (void)state;
    enum { KEYS = 50000 };
    struct table table;
    char key[16];
    assert_true(table_open(&table, seed));
    for (int round = 1; round <= 2; round++)
        for (int i = 0; i < KEYS; i++) {
            snprintf(key, sizeof key, "key%d", i);
            assert_int_equal(table_add(&table, span_str(key))->count, round);
        }
    assert_int_equal(table.used, KEYS);
    table_close(&table);
}

static void a_long_key_has_its_own_chunk(void **state)
{
    (void)state;
    struct table table;
    size_t size = 5 << 20;
    uint8_t *key = calloc(1, size);
    assert_non_null(key);
    assert_true(table_open(&table, seed));
    struct entry *small = table_add(&table, span_str("small"));
    struct entry *large = table_add(&table, span_of(key, size));
    key[size - 1] = 1;
    assert_ptr_not_equal(table_add(&table, span_of(key, size)), large);
    assert_ptr_equal(table_add(&table, span_str("small")), small);
    assert_int_equal(entry_key(large).size, size);
    table_close(&table);
    free(key);
}

static void changes_stand_in_the_order_of_the_first(void **state)
{
    (void)state;
    struct table table;
    assert_true(table_open(&table, seed));
    table_add(&table, span_str("b"));
    table_add(&table, span_str("a"));
    table_add(&table, span_str("b"));
    assert_int_equal(table.changed_count, 2);
    assert_true(span_equal(entry_key(table.changed[0]), span_str("b")));
    assert_int_equal(table.changed[0]->count, 2);
    table_settle(&table);
    assert_int_equal(table.changed_count, 0);
    struct entry *entry = table_add(&table, span_str("a"));
    assert_int_equal(entry->count, 2);
    assert_int_equal(table.changed_count, 1);
    assert_ptr_equal(table.changed[0], entry);
    table_close(&table);
}

static void the_seed_decides_where_keys_lie(void **state)
{
    (void)state;
    static const uint64_t other[2] = {1, 2};
    struct table a, b;
    char key[16];
    int apart = 0;
    assert_true(table_open(&a, seed));
    assert_true(table_open(&b, other));
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof key, "%d", i);
        table_add(&a, span_str(key));
        table_add(&b, span_str(key));
    }
    for (size_t i = 0; i < a.room; i++)
        apart += (a.slots[i].entry == NULL) != (b.slots[i].entry == NULL);
    assert_true(apart > 100);
    table_close(&a);
    table_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_every_key_apart),
        cmocka_unit_test(a_changed_byte_is_another_key),
        cmocka_unit_test(grows_and_keeps_what_it_has),
        cmocka_unit_test(a_long_key_has_its_own_chunk),
        cmocka_unit_test(changes_stand_in_the_order_of_the_first),
        cmocka_unit_test(the_seed_decides_where_keys_lie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
