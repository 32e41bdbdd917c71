#include "kcat-in/pacing.h"

void pacing_open(struct pacing *pacing, int64_t interval, uint64_t count, int64_t now)
{
    *pacing = (struct pacing){.interval = interval, .count = count, .last = now};
}

bool pacing_due(const struct pacing *pacing, bool moved, int64_t now)
{
    uint64_t since = pacing->put - pacing->marked;
    if (!moved && since == 0)
        return false;
    if (pacing->count > 0 && since >= pacing->count)
        return true;
    if (pacing->window > 0 && since > 0 && since >= pacing->window / 2)
        return true;
    if (pacing->spool > 0 && pacing->bytes >= pacing->spool / 2)
        return true;
    return pacing->interval > 0 && now - pacing->last >= pacing->interval;
}

int pacing_wait(const struct pacing *pacing, bool moved, int64_t now)
{
    if (pacing->interval == 0 || (!moved && pacing->put == pacing->marked))
        return -1;
    int64_t left = pacing->last + pacing->interval - now;
    return left <= 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

void pacing_barrier(struct pacing *pacing, int64_t number, int64_t now)
{
    int slot = (int)(number % PACING_BARRIERS);
    pacing->marks[slot].number = number;
    pacing->marks[slot].time = now;
    pacing->marks[slot].put = pacing->put;
    pacing->marks[slot].before = pacing->acked;
    pacing->marked = pacing->put;
    pacing->bytes = 0;
    pacing->last = now;
}

/* More barriers than PACING_BARRIERS on their way: the ack of a forgotten one says nothing. */
void pacing_ack(struct pacing *pacing, int64_t number, int64_t now)
{
    int slot = (int)(number % PACING_BARRIERS);
    if (pacing->marks[slot].number != number)
        return;
    uint64_t flying = pacing->marks[slot].put - pacing->marks[slot].before;
    int64_t took = now - pacing->marks[slot].time;
    if (pacing->marks[slot].put > pacing->acked)
        pacing->acked = pacing->marks[slot].put;
    if (took > PACING_SLOW && !pacing->steady) {
        uint64_t half = flying / 2 > 0 ? flying / 2 : 1;
        if (pacing->window == 0 || half < pacing->window)
            pacing->window = half;
    } else if (pacing->window > 0 && took < PACING_FAST && flying * 2 > pacing->window) {
        pacing->window += pacing->window / 4 + 1;
    }
}
