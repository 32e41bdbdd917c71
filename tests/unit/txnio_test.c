/* kout/txnio: a begin behind a commit whose results came in another order than they were asked for:
 * the library's calls are played, as 2.0.2 has them. */
#include "kout/txnio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum phase { READY, BEGUN, NOT_ACKED };

static struct {
    enum phase state;
    int stale; /* begins that get the result of the call before and are not carried out */
    int commits, begins;
} library;

static rd_kafka_error_t *refused(void)
{
    return rd_kafka_error_new(RD_KAFKA_RESP_ERR__STATE, "not in this state");
}

rd_kafka_resp_err_t rd_kafka_fatal_error(rd_kafka_t *handle, char *why, size_t size)
{
    (void)handle, (void)why, (void)size;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_error_t *rd_kafka_begin_transaction(rd_kafka_t *handle)
{
    (void)handle;
    library.begins++;
    if (library.stale > 0 && library.stale--)
        return NULL;
    if (library.state != READY)
        return refused();
    library.state = BEGUN;
    return NULL;
}

rd_kafka_error_t *rd_kafka_commit_transaction(rd_kafka_t *handle, int wait_ms)
{
    (void)handle, (void)wait_ms;
    library.commits++;
    if (library.state == READY)
        return refused();
    library.state = READY;
    return NULL;
}

static void begins(enum phase from, int stale, int commits)
{
    struct fault fault = {.tool = "kout"};
    struct slot slot = {.id = "kpipe/g/i"};
    const struct txnio txnio = {.fault = &fault, .slot = &slot};
    library.state = from;
    library.stale = stale;
    library.commits = library.begins = 0;
    assert_int_equal(txnio_begin(&txnio), TXNIO_DONE);
    assert_int_equal(library.state, BEGUN);
    assert_int_equal(library.commits, commits);
    assert_int_equal(fault.status, 0);
}

static void a_begin_is_asked_for_until_it_is_one(void **state)
{
    (void)state;
    begins(READY, 0, 0);
    assert_int_equal(library.begins, 2);
    begins(READY, 3, 0);
    assert_int_equal(library.begins, 5);
}

static void a_commit_without_its_last_step_gets_it(void **state)
{
    (void)state;
    begins(NOT_ACKED, 0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_begin_is_asked_for_until_it_is_one),
        cmocka_unit_test(a_commit_without_its_last_step_gets_it),
    };
    return cmocka_run_group_tests_name("txnio", tests, NULL, NULL);
}
