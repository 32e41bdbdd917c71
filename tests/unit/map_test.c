/* map: every way of applying a map gives what its tables say, and touches nothing else. */
#include "ktr/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 128, GUARD = 0xA5 };

static void shift(struct map *map, unsigned first, unsigned last, unsigned by)
{
    map_start(map);
    for (unsigned c = first; c <= last; c++)
        map->to[c] = (uint8_t)(c + by);
    map_ready(map);
}

/* What the tables say, in the slowest and plainest manner. */
static size_t expected(const struct map *map, const uint8_t *from, size_t size, uint8_t *to)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = map->to[from[i]];
        if (map->drop[byte] || (map->squeeze[byte] && n > 0 && to[n - 1] == byte))
            continue;
        to[n++] = byte;
    }
    return n;
}

/* All sizes up to 70 at all places of a 16-byte block, all bytes, with guards before and behind. */
static void assert_applies(const struct map *map)
{
    for (size_t size = 0; size <= 70; size++)
        for (size_t place = 1; place <= 16; place++) {
            uint8_t before[ROOM], at[ROOM], want[ROOM];
            for (size_t i = 0; i < size; i++)
                before[i] = (uint8_t)((size * 31 + place * 7 + i / 2 * 5) % 256);
            memset(at, GUARD, sizeof at);
            memcpy(at + place, before, size);
            size_t want_size = expected(map, before, size, want);
            assert_int_equal(map_apply(map, at + place, size), want_size);
            assert_memory_equal(at + place, want, want_size);
            for (size_t i = 0; i < place; i++)
                assert_int_equal(at[i], GUARD);
            for (size_t i = place + size; i < ROOM; i++)
                assert_int_equal(at[i], GUARD);
        }
}

static void nothing_changes(void **state)
{
    (void)state;
    struct map map;
    map_start(&map);
    map_ready(&map);
    assert_int_equal(map.way, MAP_SAME);
    assert_applies(&map);
}

static void a_range_is_shifted(void **state)
{
    (void)state;
    static const struct {
        unsigned first, last, by;
    } ranges[] = {{'a', 'z', 224}, {'A', 'Z', 32}, {'\r', '\r', 19}, {0, 255, 1},
                  {0, 0, 255},     {255, 255, 1},  {0, 127, 128},    {200, 255, 100}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        struct map map;
        shift(&map, ranges[i].first, ranges[i].last, ranges[i].by);
        assert_int_equal(map.way, MAP_SHIFT);
        assert_applies(&map);
    }
}

static void other_maps_use_the_table(void **state)
{
    (void)state;
    struct map map;
    shift(&map, 'a', 'z', 224);
    map.to['M'] = 'M' + 32; /* two ranges */
    map_ready(&map);
    assert_int_equal(map.way, MAP_TABLE);
    assert_applies(&map);
    shift(&map, 'a', 'z', 224);
    map.to['m'] = 'm'; /* a hole */
    map_ready(&map);
    assert_int_equal(map.way, MAP_TABLE);
    assert_applies(&map);
    shift(&map, 'a', 'z', 224);
    map.to['m'] = '?'; /* another distance */
    map_ready(&map);
    assert_int_equal(map.way, MAP_TABLE);
    assert_applies(&map);
}

static void bytes_are_dropped(void **state)
{
    (void)state;
    struct map map;
    map_start(&map);
    map.drop['\r'] = map.drop[0] = map.drop[255] = true;
    map_ready(&map);
    assert_applies(&map);
    memset(map.drop, true, sizeof map.drop);
    map_ready(&map);
    assert_applies(&map);
}

static void runs_are_squeezed(void **state)
{
    (void)state;
    struct map map;
    map_start(&map);
    for (unsigned c = 0; c < 128; c++)
        map.squeeze[c] = true;
    map_ready(&map);
    assert_applies(&map);
}

static void a_dropped_byte_between_two_does_not_keep_both(void **state)
{
    (void)state;
    struct map map;
    uint8_t at[] = "a-a-b";
    map_start(&map);
    map.drop['-'] = true;
    map.squeeze['a'] = true;
    map_ready(&map);
    assert_int_equal(map_apply(&map, at, 5), 2);
    assert_memory_equal(at, "ab", 2);
    assert_applies(&map);
}

static void what_bytes_became_is_squeezed(void **state)
{
    (void)state;
    struct map map;
    uint8_t at[] = "abcxx";
    shift(&map, 'a', 'c', 0);
    map.to['a'] = map.to['b'] = map.to['c'] = '-';
    map.squeeze['-'] = true;
    map_ready(&map);
    assert_int_equal(map_apply(&map, at, 5), 3);
    assert_memory_equal(at, "-xx", 3);
    assert_applies(&map);
}

static void squeezing_starts_anew_at_each_call(void **state)
{
    (void)state;
    struct map map;
    uint8_t at[] = "aa";
    map_start(&map);
    map.squeeze['a'] = true;
    map_ready(&map);
    assert_int_equal(map_apply(&map, at, 1), 1);
    assert_int_equal(map_apply(&map, at + 1, 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_changes),
        cmocka_unit_test(a_range_is_shifted),
        cmocka_unit_test(other_maps_use_the_table),
        cmocka_unit_test(bytes_are_dropped),
        cmocka_unit_test(runs_are_squeezed),
        cmocka_unit_test(a_dropped_byte_between_two_does_not_keep_both),
        cmocka_unit_test(what_bytes_became_is_squeezed),
        cmocka_unit_test(squeezing_starts_anew_at_each_call),
    };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
