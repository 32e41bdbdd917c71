/* kcat-in/ledger: what may be committed, case by case, and by random scripts against a model. */
#include "kcat-in/ledger.h"
#include "model/offsets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scripts.h"

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

static void assert_listed(const struct ledger *ledger, uint32_t place, int64_t position)
{
    assert_int_equal(ledger->places[place].listed, position);
}

static void a_grant_has_every_position_as_of_its_barrier(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    assert_true(ledger_assign(&ledger, 0, 10) && ledger_assign(&ledger, 1, 20));
    ledger_move(&ledger, 0, 12);
    ledger_barrier(&ledger);
    ledger_move(&ledger, 1, 25);
    ledger_barrier(&ledger);
    ledger_move(&ledger, 0, 13);
    assert_int_equal(ledger_grant(&ledger, 1), LEDGER_GRANT);
    assert_listed(&ledger, 0, 12);
    assert_listed(&ledger, 1, 20);
    assert_true(ledger_ack(&ledger, 1));
    assert_true(ledger_assign(&ledger, 2, 30)); /* came after barrier 2 was put */
    assert_int_equal(ledger_grant(&ledger, 2), LEDGER_GRANT);
    assert_listed(&ledger, 0, 12);
    assert_listed(&ledger, 1, 25);
    assert_listed(&ledger, 2, -1);
    ledger_close(&ledger);
}

static void grants_come_in_order_and_only_for_barriers_that_were_put(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    assert_true(ledger_assign(&ledger, 0, 0));
    for (int i = 1; i <= 3; i++) {
        ledger_move(&ledger, 0, i);
        ledger_barrier(&ledger);
    }
    assert_int_equal(ledger_grant(&ledger, 2), LEDGER_DENY); /* 1 was not acked */
    assert_int_equal(ledger_grant(&ledger, 1), LEDGER_GRANT);
    assert_true(ledger_ack(&ledger, 1));
    assert_int_equal(ledger_grant(&ledger, 1), LEDGER_DENY);
    assert_int_equal(ledger_grant(&ledger, 2), LEDGER_GRANT);
    assert_true(ledger_ack(&ledger, 3));
    assert_int_equal(ledger_grant(&ledger, 4), LEDGER_DENY);
    assert_int_equal(ledger_barrier(&ledger), 4);
    assert_int_equal(ledger_grant(&ledger, 4), LEDGER_EMPTY);
    ledger_close(&ledger);
}

static void nothing_is_granted_after_records_were_given_up_with_their_stint(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    assert_true(ledger_assign(&ledger, 0, 0) && ledger_assign(&ledger, 1, 0));
    ledger_barrier(&ledger);
    assert_true(ledger_ack(&ledger, 1));
    ledger_give_up(&ledger, 1); /* drained: nothing of it is open */
    ledger_move(&ledger, 0, 5);
    ledger_barrier(&ledger);
    assert_int_equal(ledger_grant(&ledger, 2), LEDGER_GRANT);
    assert_true(ledger_ack(&ledger, 2));
    ledger_move(&ledger, 0, 6); /* put, no barrier yet: it goes, and comes back */
    ledger_give_up(&ledger, 0);
    assert_true(ledger_assign(&ledger, 0, 6));
    ledger_barrier(&ledger);
    assert_int_equal(ledger_grant(&ledger, 3), LEDGER_DENY);
    ledger_close(&ledger);
    ledger_open(&ledger);
    assert_true(ledger_assign(&ledger, 0, 0));
    ledger_move(&ledger, 0, 5);
    ledger_barrier(&ledger);
    ledger_give_up(&ledger, 0); /* in an open barrier */
    assert_true(ledger_assign(&ledger, 0, 0));
    assert_int_equal(ledger_grant(&ledger, 1), LEDGER_DENY);
    ledger_close(&ledger);
}

/* reallocarray(3) of this program: has no memory when it is told so. */
static bool no_memory;

void *reallocarray(void *at, size_t count, size_t size)
{
    return no_memory ? NULL : realloc(at, count * size);
}

static void without_memory_nothing_changes(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    no_memory = true;
    assert_false(ledger_assign(&ledger, 0, 5));
    assert_int_equal(ledger.place_count, 0);
    no_memory = false;
    assert_true(ledger_assign(&ledger, 0, 5));
    assert_int_equal(ledger.place_count, 1);
    no_memory = true;
    assert_int_equal(ledger_barrier(&ledger), 0);
    assert_true(ledger_moved(&ledger));
    no_memory = false;
    assert_int_equal(ledger_barrier(&ledger), 1);
    assert_false(ledger_moved(&ledger));
    ledger_close(&ledger);
    assert_null(ledger.places);
    assert_int_equal(ledger.place_count + (size_t)ledger.barrier, 0);
}

static void its_memory_is_that_of_the_open_barriers(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    assert_true(ledger_assign(&ledger, 1, 0));
    for (int i = 1; i <= 1000; i++) {
        ledger_move(&ledger, 1, i);
        assert_int_equal(ledger_barrier(&ledger), i);
        if (i > 2)
            assert_true(ledger_ack(&ledger, i - 2));
        assert_true(ledger.count - ledger.head <= 2 + (i < 3));
    }
    assert_in_range(ledger.room, 2, 16);
    ledger_close(&ledger);
}

static void what_was_never_ours_is_nothing(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    ledger_give_up(&ledger, 0);
    assert_false(ledger_wants(&ledger, 0, 0));
    assert_true(ledger_assign(&ledger, 2, 7));
    assert_int_equal(ledger.place_count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(ledger.places[i].ready, -1);
        assert_listed(&ledger, i, -1);
        assert_int_equal(ledger.places[i].stint, i == 2);
    }
    ledger_give_up(&ledger, 0);
    ledger_give_up(&ledger, 3);
    assert_int_equal(ledger_barrier(&ledger), 1);
    assert_int_equal(ledger_grant(&ledger, 1), LEDGER_GRANT);
    assert_true(ledger_ack(&ledger, 1));
    assert_int_equal(ledger.places[2].ready, 7);
    assert_commits(&ledger, 2, 7);
    assert_int_equal(ledger.places[2].ready, -1);
    ledger_give_up(&ledger, 2);
    assert_listed(&ledger, 2, -1);
    assert_true(ledger_assign(&ledger, 2, 8));
    assert_int_equal(ledger.places[2].ready, -1);
    assert_listed(&ledger, 2, -1);
    assert_int_equal(ledger.places[2].stint, 2);
    ledger_close(&ledger);
}

/* --- against model/offsets */

enum { STEPS = 400, SCRIPTS = 2000 };

struct played {
    struct offsets model;
    struct ledger ledger;
    int64_t committed[OFFSETS_PARTS]; /* in this stint; -1: nothing */
};

static void asks(struct played *played)
{
    static const enum ledger_answer answers[] = {[OFFSETS_GRANT] = LEDGER_GRANT,
                                                 [OFFSETS_EMPTY] = LEDGER_EMPTY,
                                                 [OFFSETS_DENY] = LEDGER_DENY};
    int64_t barrier = played->model.acked + (rand() % 8 == 0 ? rand() % 3 : 1);
    enum offsets_word word = offsets_asked(&played->model, barrier);
    assert_int_equal(ledger_grant(&played->ledger, barrier), answers[word]);
    for (int i = 0; i < OFFSETS_PARTS && word != OFFSETS_DENY; i++)
        if (played->model.owned[i])
            assert_listed(&played->ledger, (uint32_t)i, offsets_of(&played->model, i, barrier));
}

/* Nothing that is not safe, nothing of an earlier stint, nothing back; and all that is safe. */
static void commits(struct played *played)
{
    uint32_t place;
    int64_t position;
    while (ledger_commit(&played->ledger, &place, &position)) {
        assert_in_range(place, 0, OFFSETS_PARTS - 1);
        assert_int_equal(position, offsets_safe(&played->model, (int)place));
        assert_true(position >= played->committed[place]);
        played->committed[place] = position;
    }
    for (int i = 0; i < OFFSETS_PARTS; i++)
        if (offsets_safe(&played->model, i) >= 0)
            assert_int_equal(played->committed[i], offsets_safe(&played->model, i));
}

static void acks(struct played *played)
{
    struct offsets *model = &played->model;
    assert_false(ledger_ack(&played->ledger, model->barrier + 1));
    if (model->acked > 0)
        assert_false(ledger_ack(&played->ledger, model->acked - 1));
    model->acked += rand() % (model->barrier - model->acked + 1);
    assert_true(ledger_ack(&played->ledger, model->acked));
    commits(played);
}

static void reads(struct played *played, int part)
{
    int64_t offset = played->model.next[part] + rand() % 4 - 1;
    bool wanted = offsets_wants(&played->model, part, offset);
    assert_int_equal(ledger_wants(&played->ledger, (uint32_t)part, offset), wanted);
    ledger_move(&played->ledger, (uint32_t)part, offset); /* an end: not over it */
    if (wanted)
        played->model.next[part] = offset;
    if (!wanted || rand() % 4 == 0)
        return;
    ledger_move(&played->ledger, (uint32_t)part, offset + 1);
    played->model.next[part] = offset + 1;
}

static void comes_or_goes(struct played *played, int part)
{
    if (!played->model.owned[part]) {
        played->committed[part] = -1;
        offsets_come(&played->model, part, rand() % 10);
        assert_true(ledger_assign(&played->ledger, (uint32_t)part, played->model.next[part]));
    } else if (rand() % 3 == 0) {
        offsets_go(&played->model, part);
        ledger_give_up(&played->ledger, (uint32_t)part);
        assert_commits_nothing(&played->ledger);
    }
}

static void step(struct played *played)
{
    int part = rand() % OFFSETS_PARTS;
    switch (rand() % 8) {
    case 0:
        comes_or_goes(played, part);
        break;
    case 1:
    case 2:
    case 3:
        reads(played, part);
        break;
    case 4:
    case 5:
        offsets_barrier(&played->model);
        assert_int_equal(ledger_barrier(&played->ledger), played->model.barrier);
        break;
    case 6:
        asks(played);
        break;
    default:
        acks(played);
    }
    bool still = offsets_still(&played->model);
    assert_int_equal(ledger_moved(&played->ledger), !still);
    assert_int_equal(ledger_settled(&played->ledger),
                     still && played->model.acked == played->model.barrier);
}

/* Every other script stands for exactly once, where a tear is the end. */
static void play(void)
{
    static struct played played;
    bool once = rand() % 2 == 0;
    int after = 20;
    played = (struct played){.committed = {-1, -1, -1}};
    ledger_open(&played.ledger);
    for (int i = 0; i < STEPS && after > 0; i++) {
        step(&played);
        after -= once && played.model.torn;
    }
    ledger_close(&played.ledger);
}

static void random_scripts_agree_with_the_model(void **state)
{
    (void)state;
    scripts_play(SCRIPTS, play);
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
        cmocka_unit_test(a_grant_has_every_position_as_of_its_barrier),
        cmocka_unit_test(grants_come_in_order_and_only_for_barriers_that_were_put),
        cmocka_unit_test(nothing_is_granted_after_records_were_given_up_with_their_stint),
        cmocka_unit_test(without_memory_nothing_changes),
        cmocka_unit_test(its_memory_is_that_of_the_open_barriers),
        cmocka_unit_test(what_was_never_ours_is_nothing),
        SCRIPTS_TEST(random_scripts_agree_with_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
