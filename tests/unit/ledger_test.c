/* kcat-in/ledger: what may be committed, case by case, and by random scripts against a model. */
#include "kcat-in/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_commits(struct ledger *ledger, uint32_t place, int64_t position)
{
    uint32_t got_place;
    int64_t got;
    assert_true(ledger_commit(ledger, &got_place, &got));
    assert_int_equal(got_place, place);
    assert_int_equal(got, position);
}

static void assert_commits_nothing(struct ledger *ledger)
{
    uint32_t place;
    int64_t position;
    assert_false(ledger_commit(ledger, &place, &position));
}

static void an_ack_commits_what_stood_before_the_barrier(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    assert_true(ledger_assign(&ledger, 0, 10));
    ledger_move(&ledger, 0, 12);
    assert_int_equal(ledger_barrier(&ledger), 1);
    ledger_move(&ledger, 0, 15);
    assert_commits_nothing(&ledger);
    assert_true(ledger_ack(&ledger, 1));
    assert_commits(&ledger, 0, 12);
    assert_commits_nothing(&ledger);
    assert_false(ledger_settled(&ledger));
    ledger_close(&ledger);
}

static void the_first_barrier_of_a_stint_lists_it_unmoved(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    assert_true(ledger_assign(&ledger, 2, 7));
    assert_int_equal(ledger_barrier(&ledger), 1);
    assert_true(ledger_ack(&ledger, 1));
    assert_commits(&ledger, 2, 7);
    assert_int_equal(ledger_barrier(&ledger), 2);
    assert_true(ledger_ack(&ledger, 2));
    assert_commits_nothing(&ledger);
    assert_true(ledger_settled(&ledger));
    ledger_close(&ledger);
}

static void acks_are_cumulative_and_never_invented(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    assert_true(ledger_assign(&ledger, 0, 0));
    for (int i = 1; i <= 3; i++) {
        ledger_move(&ledger, 0, i);
        assert_int_equal(ledger_barrier(&ledger), i);
    }
    assert_false(ledger_ack(&ledger, 4));
    assert_true(ledger_ack(&ledger, 2));
    assert_commits(&ledger, 0, 2);
    assert_true(ledger_ack(&ledger, 2));
    assert_commits_nothing(&ledger);
    assert_false(ledger_ack(&ledger, 1));
    assert_true(ledger_ack(&ledger, 3));
    assert_commits(&ledger, 0, 3);
    ledger_close(&ledger);
}

static void a_late_ack_commits_nothing_of_a_stint_that_ended(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    assert_true(ledger_assign(&ledger, 0, 0) && ledger_assign(&ledger, 1, 0));
    ledger_move(&ledger, 0, 5);
    ledger_move(&ledger, 1, 6);
    assert_int_equal(ledger_barrier(&ledger), 1);
    ledger_give_up(&ledger, 0);
    assert_true(ledger_assign(&ledger, 0, 3)); /* back again: another stint */
    assert_true(ledger_ack(&ledger, 1));
    assert_commits(&ledger, 1, 6);
    assert_commits_nothing(&ledger);
    ledger_close(&ledger);
}

static void an_ack_not_yet_taken_dies_with_the_stint(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    assert_true(ledger_assign(&ledger, 0, 0));
    ledger_move(&ledger, 0, 5);
    ledger_barrier(&ledger);
    assert_true(ledger_ack(&ledger, 1));
    ledger_give_up(&ledger, 0);
    assert_commits_nothing(&ledger);
    ledger_close(&ledger);
}

static void only_records_of_ours_and_from_the_position_on_are_wanted(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    assert_false(ledger_wants(&ledger, 0, 0));
    assert_true(ledger_assign(&ledger, 0, 5));
    assert_false(ledger_wants(&ledger, 0, 4));
    assert_true(ledger_wants(&ledger, 0, 5));
    ledger_move(&ledger, 0, 3); /* never back */
    assert_false(ledger_wants(&ledger, 0, 4));
    ledger_give_up(&ledger, 0);
    assert_false(ledger_wants(&ledger, 0, 9));
    ledger_close(&ledger);
}

/* The model knows only what was told in kdelivery(7): per partition the records put in this stint
 * and after which barrier each stands. It says which positions are right; it does not keep a
 * ledger. */
enum { PLACES = 3, STEPS = 400, SCRIPTS = 2000 };

struct model {
    bool owned[PLACES];
    int64_t start[PLACES], next[PLACES], committed[PLACES];
    int64_t at_barrier[PLACES]
                      [STEPS + 1]; /* next offset when barrier n was put; -1: not ours then */
    int64_t stint_from[PLACES];    /* the first barrier of this stint */
    int64_t barrier, acked;
};

static void model_commits(struct model *model, struct ledger *ledger)
{
    uint32_t place;
    int64_t position;
    while (ledger_commit(ledger, &place, &position)) {
        assert_true(place < PLACES);
        assert_true(model->owned[place]);
        /* Not a thing that no ack covers, nor of an earlier stint. */
        assert_true(model->acked >= model->stint_from[place]);
        assert_int_equal(position, model->at_barrier[place][model->acked]);
        assert_true(position >= model->committed[place]);
        model->committed[place] = position;
    }
    /* And nothing that an ack covers is held back. */
    for (int i = 0; i < PLACES; i++)
        if (model->owned[i] && model->acked >= model->stint_from[i])
            assert_int_equal(model->committed[i], model->at_barrier[i][model->acked]);
}

static void step(struct model *model, struct ledger *ledger)
{
    uint32_t p = (uint32_t)rand() % PLACES;
    switch (rand() % 8) {
    case 0:
        if (!model->owned[p]) {
            model->owned[p] = true;
            model->start[p] = model->next[p] = rand() % 10;
            model->committed[p] = -1;
            model->stint_from[p] = model->barrier + 1;
            assert_true(ledger_assign(ledger, p, model->next[p]));
        }
        break;
    case 1:
        if (rand() % 3 == 0) {
            model->owned[p] = false;
            ledger_give_up(ledger, p);
        }
        break;
    case 2:
    case 3:
    case 4: {
        int64_t offset = model->next[p] + rand() % 4 - 1;
        bool wanted = model->owned[p] && offset >= model->next[p];
        assert_int_equal(ledger_wants(ledger, p, offset), wanted);
        if (wanted) {
            ledger_move(ledger, p, offset + 1);
            model->next[p] = offset + 1;
        }
        break;
    }
    case 5:
    case 6:
        assert_int_equal(ledger_barrier(ledger), ++model->barrier);
        for (int i = 0; i < PLACES; i++)
            model->at_barrier[i][model->barrier] = model->owned[i] ? model->next[i] : -1;
        break;
    default:
        assert_false(ledger_ack(ledger, model->barrier + 1));
        model->acked += rand() % (model->barrier - model->acked + 1);
        assert_true(ledger_ack(ledger, model->acked));
        model_commits(model, ledger);
    }
}

static void random_scripts_agree_with_the_model(void **state)
{
    (void)state;
    const char *given = getenv("SEED");
    unsigned first = given != NULL ? (unsigned)strtoul(given, NULL, 10) : 1;
    for (unsigned seed = first; seed < first + (given != NULL ? 1 : SCRIPTS); seed++) {
        static struct model model;
        struct ledger ledger;
        srand(seed);
        if (given != NULL)
            printf("# SEED=%u\n", seed);
        memset(&model, 0, sizeof model);
        for (int i = 0; i < PLACES; i++)
            model.committed[i] = -1;
        ledger_open(&ledger);
        for (int i = 0; i < STEPS; i++)
            step(&model, &ledger);
        ledger_close(&ledger);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ack_commits_what_stood_before_the_barrier),
        cmocka_unit_test(the_first_barrier_of_a_stint_lists_it_unmoved),
        cmocka_unit_test(acks_are_cumulative_and_never_invented),
        cmocka_unit_test(a_late_ack_commits_nothing_of_a_stint_that_ended),
        cmocka_unit_test(an_ack_not_yet_taken_dies_with_the_stint),
        cmocka_unit_test(only_records_of_ours_and_from_the_position_on_are_wanted),
        cmocka_unit_test(random_scripts_agree_with_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
