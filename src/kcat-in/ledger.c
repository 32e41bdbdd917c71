#include "kcat-in/ledger.h"

#include <stdlib.h>
#include <string.h>

void ledger_open(struct ledger *ledger)
{
    *ledger = (struct ledger){0};
}

void ledger_close(struct ledger *ledger)
{
    free(ledger->places);
    free(ledger->entries);
    *ledger = (struct ledger){0};
}

static bool add_places(struct ledger *ledger, size_t count)
{
    struct ledger_place *places = reallocarray(ledger->places, count, sizeof *places);
    if (places == NULL)
        return false;
    for (size_t i = ledger->place_count; i < count; i++)
        places[i] = (struct ledger_place){.ready = -1, .listed = -1};
    ledger->places = places;
    ledger->place_count = count;
    return true;
}

bool ledger_assign(struct ledger *ledger, uint32_t place, int64_t position)
{
    if (place >= ledger->place_count && !add_places(ledger, (size_t)place + 1))
        return false;
    struct ledger_place *p = &ledger->places[place];
    *p = (struct ledger_place){.position = position,
                               .ready = -1,
                               .listed = -1,
                               .stint = p->stint + 1,
                               .owned = true,
                               .moved = true};
    return true;
}

/* Whether an open barrier holds something of the present stint. */
static bool is_open(const struct ledger *ledger, uint32_t place)
{
    for (size_t i = ledger->head; i < ledger->count; i++)
        if (ledger->entries[i].place == place &&
            ledger->entries[i].stint == ledger->places[place].stint)
            return true;
    return ledger->places[place].moved;
}

void ledger_give_up(struct ledger *ledger, uint32_t place)
{
    if (place >= ledger->place_count)
        return;
    struct ledger_place *p = &ledger->places[place];
    ledger->torn |= p->owned && is_open(ledger, place);
    p->owned = p->moved = false;
    p->ready = p->listed = -1;
}

bool ledger_wants(const struct ledger *ledger, uint32_t place, int64_t offset)
{
    return place < ledger->place_count && ledger->places[place].owned &&
           offset >= ledger->places[place].position;
}

void ledger_move(struct ledger *ledger, uint32_t place, int64_t position)
{
    if (!ledger_wants(ledger, place, position) || position == ledger->places[place].position)
        return;
    ledger->places[place].position = position;
    ledger->places[place].moved = true;
}

bool ledger_moved(const struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->place_count; i++)
        if (ledger->places[i].moved)
            return true;
    return false;
}

/* Room for as many entries more as there are places. */
static bool make_room(struct ledger *ledger)
{
    if (ledger->head > 0) {
        ledger->count -= ledger->head;
        memmove(ledger->entries, ledger->entries + ledger->head,
                ledger->count * sizeof *ledger->entries);
        ledger->head = 0;
    }
    size_t room = ledger->count + ledger->place_count;
    if (room <= ledger->room)
        return true;
    struct ledger_entry *entries = reallocarray(ledger->entries, room * 2, sizeof *entries);
    if (entries == NULL)
        return false;
    ledger->entries = entries;
    ledger->room = room * 2;
    return true;
}

int64_t ledger_barrier(struct ledger *ledger)
{
    if (!make_room(ledger))
        return 0;
    ledger->barrier++;
    for (size_t i = 0; i < ledger->place_count; i++) {
        struct ledger_place *p = &ledger->places[i];
        if (!p->moved)
            continue;
        p->moved = false;
        ledger->entries[ledger->count++] =
            (struct ledger_entry){ledger->barrier, p->position, (uint32_t)i, p->stint};
    }
    return ledger->barrier;
}

bool ledger_ack(struct ledger *ledger, int64_t barrier)
{
    if (barrier > ledger->barrier || barrier < ledger->acked)
        return false;
    ledger->acked = barrier;
    for (; ledger->head < ledger->count; ledger->head++) {
        const struct ledger_entry *entry = &ledger->entries[ledger->head];
        struct ledger_place *p = &ledger->places[entry->place];
        if (entry->barrier > barrier)
            break;
        if (p->owned && p->stint == entry->stint)
            p->ready = p->listed = entry->position;
    }
    return true;
}

enum ledger_answer ledger_grant(struct ledger *ledger, int64_t barrier)
{
    if (ledger->torn || barrier != ledger->acked + 1 || barrier > ledger->barrier)
        return LEDGER_DENY;
    enum ledger_answer answer = LEDGER_EMPTY;
    for (size_t i = ledger->head; i < ledger->count; i++) {
        const struct ledger_entry *entry = &ledger->entries[i];
        if (entry->barrier != barrier)
            break;
        ledger->places[entry->place].listed = entry->position;
        answer = LEDGER_GRANT;
    }
    return answer;
}

bool ledger_commit(struct ledger *ledger, uint32_t *place, int64_t *position)
{
    for (size_t i = 0; i < ledger->place_count; i++) {
        if (ledger->places[i].ready < 0)
            continue;
        *place = (uint32_t)i;
        *position = ledger->places[i].ready;
        ledger->places[i].ready = -1;
        return true;
    }
    return false;
}
