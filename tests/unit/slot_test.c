/* kout/slot: ids that are the same after a restart and no other's meanwhile. */
#include "kout/slot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct fault fault = {.tool = "slot"};
static char group[64]; /* of this process, so that no real one's locks are in the way */

static int name_group(void **state)
{
    (void)state;
    snprintf(group, sizeof group, "slot_test/%ld \xff", (long)getpid());
    return 0;
}

static void assert_opens(struct slot *slot, const char *instance)
{
    assert_true(slot_open(slot, span_str(group), instance, &fault));
    assert_int_equal(fault.status, 0);
}

static void assert_ends(const struct slot *slot, const char *end)
{
    size_t size = strlen(slot->id), tail = strlen(end);
    assert_true(size > tail);
    assert_string_equal(slot->id + size - tail, end);
}

static void the_first_free_one_is_taken(void **state)
{
    (void)state;
    struct slot first, second, third;
    assert_opens(&first, NULL);
    assert_opens(&second, NULL);
    assert_ends(&first, "/0");
    assert_ends(&second, "/1");
    assert_memory_equal(first.id, second.id, strlen(first.id) - 1);
    assert_memory_equal(first.id, "kpipe/", 6);
    slot_close(&first);
    assert_opens(&third, NULL);
    assert_string_equal(third.id, first.id);
    slot_close(&third);
    slot_close(&second);
}

static void an_instance_is_its_own_name(void **state)
{
    (void)state;
    struct slot slot;
    char want[128];
    snprintf(want, sizeof want, "kpipe/%s/here", group);
    assert_opens(&slot, "here");
    assert_string_equal(slot.id, want);
    assert_false(slot_fenced(&slot));
    assert_false(slot_fenced(&slot));
    slot_close(&slot);
}

static void a_second_fence_within_a_minute_is_told(void **state)
{
    (void)state;
    struct slot slot;
    assert_opens(&slot, NULL);
    assert_false(slot_fenced(&slot));
    slot_close(&slot);
    assert_opens(&slot, NULL); /* the next run */
    assert_true(slot_fenced(&slot));
    slot_close(&slot);
}

static void a_kept_lock_is_young(void **state)
{
    (void)state;
    struct slot slot;
    struct stat status;
    const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    assert_opens(&slot, NULL);
    assert_int_equal(futimens(slot.fd, old), 0);
    slot_keep(&slot);
    assert_int_equal(fstat(slot.fd, &status), 0);
    assert_true(status.st_mtime > 1000);
    slot_close(&slot);
}

static void a_long_group_fits(void **state)
{
    (void)state;
    struct slot slot;
    uint8_t name[1000];
    memset(name, 'g', sizeof name);
    assert_true(slot_open(&slot, span_of(name, sizeof name), NULL, &fault));
    assert_ends(&slot, "/0");
    slot_close(&slot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_free_one_is_taken),
        cmocka_unit_test(an_instance_is_its_own_name),
        cmocka_unit_test(a_second_fence_within_a_minute_is_told),
        cmocka_unit_test(a_kept_lock_is_young),
        cmocka_unit_test(a_long_group_fits),
    };
    return cmocka_run_group_tests(tests, name_group, NULL);
}
