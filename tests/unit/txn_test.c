/* kout/txn: the order of a transaction, case by case, and by random scripts against a model. */
#include "kout/txn.h"
#include "model/transaction.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scripts.h"

static void assert_steps(struct txn *txn, const enum txn_action *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(txn_next(txn), steps[i]);
        if (steps[i] == TXN_PREPARE)
            assert_true(txn_answered(txn, TXN_GRANTED));
        else
            txn_done(txn, false);
    }
}
#define ASSERT_STEPS(txn, ...)                                \
    assert_steps(txn, (const enum txn_action[]){__VA_ARGS__}, \
                 sizeof((const enum txn_action[]){__VA_ARGS__}) / sizeof(enum txn_action))

static void a_barrier_with_records(void **state)
{
    (void)state;
    struct txn txn;
    txn_open(&txn);
    assert_int_equal(txn_next(&txn), TXN_READ);
    txn_barrier(&txn, 1, true);
    ASSERT_STEPS(&txn, TXN_BEGIN, TXN_SEND, TXN_FLUSH, TXN_PREPARE, TXN_OFFSETS, TXN_COMMIT,
                 TXN_ACK);
    assert_int_equal(txn_next(&txn), TXN_READ);
}

static void a_barrier_without_records_begins_when_it_is_granted(void **state)
{
    (void)state;
    struct txn txn;
    txn_open(&txn);
    txn_barrier(&txn, 1, false);
    ASSERT_STEPS(&txn, TXN_PREPARE, TXN_BEGIN, TXN_OFFSETS, TXN_COMMIT, TXN_ACK);
    assert_int_equal(txn_next(&txn), TXN_READ);
}

static void nothing_at_all_is_acknowledged_without_a_transaction(void **state)
{
    (void)state;
    struct txn txn;
    txn_open(&txn);
    txn_barrier(&txn, 1, false);
    assert_true(txn_answered(&txn, TXN_EMPTY));
    ASSERT_STEPS(&txn, TXN_ACK);
    assert_int_equal(txn_next(&txn), TXN_READ);
}

static void records_of_which_the_source_knows_nothing_end_it(void **state)
{
    (void)state;
    struct txn txn;
    txn_open(&txn);
    txn_barrier(&txn, 1, true);
    ASSERT_STEPS(&txn, TXN_BEGIN, TXN_SEND, TXN_FLUSH);
    assert_false(txn_answered(&txn, TXN_EMPTY));
    ASSERT_STEPS(&txn, TXN_ABORT);
    assert_int_equal(txn_next(&txn), TXN_END);
}

static void a_full_spool_begins_early_and_once(void **state)
{
    (void)state;
    struct txn txn;
    txn_open(&txn);
    txn_overflow(&txn);
    ASSERT_STEPS(&txn, TXN_BEGIN, TXN_SEND);
    assert_int_equal(txn_next(&txn), TXN_READ);
    txn_overflow(&txn);
    ASSERT_STEPS(&txn, TXN_SEND);
    txn_barrier(&txn, 1, false);
    ASSERT_STEPS(&txn, TXN_FLUSH, TXN_PREPARE, TXN_OFFSETS, TXN_COMMIT, TXN_ACK);
    assert_int_equal(txn_next(&txn), TXN_READ);
}

static void a_tainted_instance_is_replaced_before_the_next_begin(void **state)
{
    (void)state;
    struct txn txn;
    txn_open(&txn);
    txn_barrier(&txn, 1, true);
    ASSERT_STEPS(&txn, TXN_BEGIN, TXN_SEND, TXN_FLUSH, TXN_PREPARE, TXN_OFFSETS);
    txn_done(&txn, true);
    ASSERT_STEPS(&txn, TXN_ACK, TXN_RENEW);
    txn_barrier(&txn, 2, true);
    ASSERT_STEPS(&txn, TXN_BEGIN, TXN_SEND, TXN_FLUSH, TXN_PREPARE, TXN_OFFSETS, TXN_COMMIT,
                 TXN_ACK);
    assert_int_equal(txn_next(&txn), TXN_READ);
}

static void nothing_follows_a_failure(void **state)
{
    (void)state;
    struct txn txn;
    txn_open(&txn);
    txn_fail(&txn);
    assert_int_equal(txn_next(&txn), TXN_END);
    txn_open(&txn);
    txn_barrier(&txn, 1, true);
    ASSERT_STEPS(&txn, TXN_BEGIN, TXN_SEND, TXN_FLUSH);
    assert_true(txn_answered(&txn, TXN_DENIED));
    ASSERT_STEPS(&txn, TXN_ABORT);
    txn_fail(&txn);
    assert_int_equal(txn_next(&txn), TXN_END);
}

static void an_instance_that_was_replaced_reads_on(void **state)
{
    (void)state;
    struct txn txn;
    txn_open(&txn);
    txn_barrier(&txn, 1, true);
    ASSERT_STEPS(&txn, TXN_BEGIN, TXN_SEND, TXN_FLUSH, TXN_PREPARE, TXN_OFFSETS);
    txn_done(&txn, true);
    ASSERT_STEPS(&txn, TXN_ACK, TXN_RENEW);
    assert_int_equal(txn_next(&txn), TXN_READ);
    assert_false(txn.tainted);
    txn_barrier(&txn, 2, false);
    assert_true(txn_answered(&txn, TXN_EMPTY));
    ASSERT_STEPS(&txn, TXN_ACK);
    assert_int_equal(txn_next(&txn), TXN_READ);
}

static void the_end_is_the_end(void **state)
{
    (void)state;
    struct txn txn;
    txn_open(&txn);
    txn_end(&txn);
    assert_int_equal(txn_next(&txn), TXN_END);
    txn_done(&txn, true);
    txn_fail(&txn);
    assert_int_equal(txn_next(&txn), TXN_END);
    txn_open(&txn);
    txn_overflow(&txn);
    ASSERT_STEPS(&txn, TXN_BEGIN, TXN_SEND);
    txn_end(&txn); /* no barrier behind it: it is no end of ours */
    assert_int_equal(txn_next(&txn), TXN_ABORT);
    txn_fail(&txn);
    assert_int_equal(txn_next(&txn), TXN_ABORT);
    txn_done(&txn, false);
    assert_int_equal(txn_next(&txn), TXN_END);
    assert_false(txn.open);
}

static void refused_records_have_it_tried_again_by_another_instance(void **state)
{
    (void)state;
    struct txn txn;
    txn_open(&txn);
    txn_barrier(&txn, 1, true);
    for (int i = 0; i < 3; i++) {
        ASSERT_STEPS(&txn, TXN_BEGIN, TXN_SEND);
        assert_int_equal(txn_next(&txn), TXN_FLUSH);
        assert_true(txn_again(&txn));
        assert_true(txn.again && txn.open);
        ASSERT_STEPS(&txn, TXN_ABORT, TXN_RENEW);
    }
    ASSERT_STEPS(&txn, TXN_BEGIN, TXN_SEND, TXN_FLUSH, TXN_PREPARE, TXN_OFFSETS, TXN_COMMIT,
                 TXN_ACK);
    assert_int_equal(txn_next(&txn), TXN_READ);
}

static void what_is_not_held_any_more_cannot_be_tried_again(void **state)
{
    (void)state;
    struct txn txn;
    txn_open(&txn);
    txn_overflow(&txn);
    ASSERT_STEPS(&txn, TXN_BEGIN, TXN_SEND);
    txn_barrier(&txn, 1, true);
    ASSERT_STEPS(&txn, TXN_SEND);
    assert_false(txn_again(&txn));
    ASSERT_STEPS(&txn, TXN_FLUSH, TXN_PREPARE, TXN_OFFSETS, TXN_COMMIT, TXN_ACK);
    txn_barrier(&txn, 2, true);
    ASSERT_STEPS(&txn, TXN_BEGIN, TXN_SEND);
    assert_true(txn_again(&txn));
}

static void a_failure_in_between_ends_it(void **state)
{
    (void)state;
    for (int when = 0; when < 2; when++) {
        struct txn txn;
        txn_open(&txn);
        txn_barrier(&txn, 1, true);
        ASSERT_STEPS(&txn, TXN_BEGIN, TXN_SEND);
        assert_true(txn_again(&txn));
        if (when == 1)
            ASSERT_STEPS(&txn, TXN_ABORT);
        txn_fail(&txn);
        if (when == 0)
            ASSERT_STEPS(&txn, TXN_ABORT);
        assert_int_equal(txn_next(&txn), TXN_END);
    }
}

/* --- against model/transaction */

enum { SCRIPTS = 4000, STEPS = 300 };

static void did(struct transaction *model, enum deed deed)
{
    assert_true(transaction_may(model, deed));
    transaction_did(model, deed);
}

static void reads(struct transaction *model, struct txn *txn)
{
    unsigned more = (unsigned)rand() % 3;
    model->held += more;
    model->put += more;
    if (rand() % 4 == 0 && model->held > 0) {
        model->full = true;
        txn_overflow(txn);
    } else if (rand() % 2 == 0) {
        model->here = true;
        model->reported = false;
        txn_barrier(txn, ++model->barrier, model->held > 0);
    } else if (rand() % 100 == 0) {
        model->over = true;
        txn_end(txn);
    }
}

static void asks(struct transaction *model, struct txn *txn)
{
    did(model, DEED_ASK);
    switch (rand() % 8) {
    case 0:
        model->over = true;
        assert_true(txn_answered(txn, TXN_DENIED));
        break;
    case 1:
        assert_int_equal(txn_answered(txn, TXN_EMPTY), model->written == 0);
        model->over = model->written > 0;
        break;
    default:
        model->granted = true;
        assert_true(txn_answered(txn, TXN_GRANTED));
    }
}

/* False: it is over. */
static bool step(struct transaction *model, struct txn *txn)
{
    static const enum deed deeds[] = {
        [TXN_BEGIN] = DEED_BEGIN,     [TXN_SEND] = DEED_WRITE,    [TXN_FLUSH] = DEED_REPORTS,
        [TXN_OFFSETS] = DEED_OFFSETS, [TXN_COMMIT] = DEED_COMMIT, [TXN_ACK] = DEED_ACK,
        [TXN_RENEW] = DEED_RENEW,     [TXN_ABORT] = DEED_ABORT};
    enum txn_action action = txn_next(txn);
    bool unanswered = action == TXN_COMMIT && rand() % 4 == 0;
    if (action != TXN_END && rand() % 40 == 0) {
        model->over = true;
        txn_fail(txn);
        return true;
    }
    if (action == TXN_FLUSH && rand() % 4 == 0 && txn_again(txn)) {
        did(model, DEED_REFUSED);
        return true;
    }
    switch (action) {
    case TXN_READ:
        assert_false(model->over || model->here || model->full || model->unanswered);
        reads(model, txn);
        return true;
    case TXN_PREPARE:
        asks(model, txn);
        return true;
    case TXN_END:
        assert_true(model->over && !model->open);
        return false;
    default:
        if (action == TXN_ACK)
            assert_int_equal(txn->barrier, model->barrier);
        did(model, deeds[action]);
        model->unanswered |= unanswered;
        txn_done(txn, unanswered);
        return true;
    }
}

static unsigned acked;

static void play(void)
{
    struct transaction model = {0};
    struct txn txn;
    txn_open(&txn);
    for (int i = 0; i < STEPS && step(&model, &txn); i++)
        ;
    acked += (unsigned)model.acked;
}

static void random_scripts_keep_the_order(void **state)
{
    (void)state;
    acked = 0;
    scripts_play(SCRIPTS, play);
    assert_true(getenv("SEED") != NULL || acked > SCRIPTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_barrier_with_records),
        cmocka_unit_test(a_barrier_without_records_begins_when_it_is_granted),
        cmocka_unit_test(nothing_at_all_is_acknowledged_without_a_transaction),
        cmocka_unit_test(records_of_which_the_source_knows_nothing_end_it),
        cmocka_unit_test(a_full_spool_begins_early_and_once),
        cmocka_unit_test(a_tainted_instance_is_replaced_before_the_next_begin),
        cmocka_unit_test(nothing_follows_a_failure),
        cmocka_unit_test(an_instance_that_was_replaced_reads_on),
        cmocka_unit_test(the_end_is_the_end),
        cmocka_unit_test(refused_records_have_it_tried_again_by_another_instance),
        cmocka_unit_test(what_is_not_held_any_more_cannot_be_tried_again),
        cmocka_unit_test(a_failure_in_between_ends_it),
        SCRIPTS_TEST(random_scripts_keep_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
