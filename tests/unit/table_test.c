/* util/table against a plain list of keys. */
#include "util/table.h"

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

/* How many slots are looked at when each of the keys is looked up once. */
static size_t probes(const struct table *table)
{
    size_t sum = 0;
    for (size_t i = 0; i < table->room; i++)
        if (table->slots[i].entry != NULL)
            sum += 1 + ((i - (size_t)table->slots[i].hash) & (table->room - 1));
    return sum;
}

/* With a seed of zeros the hash of a key whose first half is zero is zero: who chooses such keys
 * gains nothing while the seed is not known. */
static void a_million_keys_that_collide_without_the_seed_do_not_with_it(void **state)
{
    (void)state;
    enum { KEYS = 1000000 };
    static const uint64_t none[2] = {0, 0};
    struct table unseeded, chosen, random;
    uint64_t key[2] = {0, 0}, other[2], dice = 1;
    assert_true(table_open(&unseeded, none));
    assert_true(table_open(&chosen, seed) && table_open(&random, seed));
    for (key[1] = 1; key[1] <= KEYS; key[1]++) {
        for (int i = 0; i < 2; i++)
            other[i] = dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407;
        struct span bytes = span_of((const uint8_t *)key, sizeof key);
        assert_true(table_hash(&unseeded, bytes) == 0);
        assert_int_equal(table_add(&chosen, bytes)->count, 1);
        table_add(&random, span_of((const uint8_t *)other, sizeof other));
    }
    assert_true(probes(&chosen) < 2 * probes(&random));
    assert_true(probes(&random) < 2 * KEYS);
    table_close(&unseeded);
    table_close(&chosen);
    table_close(&random);
}

/* At its worst, just after it grew; with all keys changed since the last barrier. */
static void a_key_costs_less_than_100_bytes_beside_it(void **state)
{
    (void)state;
    enum { KEYS = 2700000, SETTLED = 100000 };
    struct table table;
    size_t worst = 0, keys = 0;
    char key[9];
    assert_true(table_open(&table, seed));
    for (int i = 0; i < KEYS; i++) {
        size_t size = (size_t)snprintf(key, sizeof key, "%d", i);
        table_add(&table, span_of(key, size));
        keys += size;
        size_t each = (table_memory(&table) - keys) / table.used;
        worst = i > SETTLED && each > worst ? each : worst;
    }
    print_message("# at most %zu bytes a key beside it\n", worst);
    assert_true(worst < 100);
    table_close(&table);
}

static void length_and_bytes_do_not_cancel_out(void **state)
{
    (void)state;
    struct table table;
    assert_true(table_open(&table, seed));
    for (uint8_t a = 1; a < 9; a++)
        for (uint8_t b = 1; b < 9; b++) {
            uint8_t one[8] = {0x40 ^ a}, two[8] = {0x40 ^ b};
            uint64_t first = table_hash(&table, span_of(one, a));
            assert_true(a == b || first != table_hash(&table, span_of(two, b)));
        }
    table_close(&table);
}

static void what_is_set_is_no_change(void **state)
{
    (void)state;
    struct table table;
    assert_true(table_open(&table, seed));
    assert_true(table_set(&table, span_str("a"), 41));
    assert_true(table_set(&table, span_str("b"), 7));
    assert_true(table_set(&table, span_str("b"), 8));
    assert_int_equal(table.used, 2);
    assert_int_equal(table.changed_count, 0);
    assert_int_equal(table_add(&table, span_str("a"))->count, 42);
    assert_int_equal(table_add(&table, span_str("b"))->count, 9);
    assert_int_equal(table.changed_count, 2);
    table_close(&table);
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
        cmocka_unit_test(a_million_keys_that_collide_without_the_seed_do_not_with_it),
        cmocka_unit_test(a_key_costs_less_than_100_bytes_beside_it),
        cmocka_unit_test(length_and_bytes_do_not_cancel_out),
        cmocka_unit_test(what_is_set_is_no_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
