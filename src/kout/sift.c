#include "kout/sift.h"

#include "util/grow.h"

#include <stdlib.h>
#include <string.h>

enum { PARTS = 8 };

struct sift_partition {
    size_t bad, seen; /* refused ones, and how many of them the look has passed */
    bool exact;       /* the broker said which are to blame */
    bool ended;       /* the last refused one was just passed */
};

bool sift_open(struct sift *sift, int32_t partitions, struct fault *fault)
{
    *sift = (struct sift){.partition_count = partitions + 1};
    sift->partitions = calloc((size_t)partitions + 1, sizeof *sift->partitions);
    if (sift->partitions == NULL)
        fault_memory(fault);
    return sift->partitions != NULL;
}

void sift_start(struct sift *sift)
{
    sift->count = 0;
    sift->marked = false;
}

void sift_again(struct sift *sift)
{
    for (size_t i = 0; i < sift->count; i++)
        sift->records[i].flags &= SIFT_CUT | SIFT_OUT | SIFT_NEW | SIFT_ALONE;
}

bool sift_add(struct sift *sift, int32_t partition, struct fault *fault)
{
    struct sifted *records =
        grow_list(sift->records, sift->count, &sift->room, 4096, sizeof *records);
    if (records == NULL) {
        fault_memory(fault);
        return false;
    }
    sift->records = records;
    sift->records[sift->count++] = (struct sifted){.partition = partition};
    return true;
}

void sift_report(struct sift *sift, size_t number, enum sift_report report, int err)
{
    static const uint8_t flags[] = {[SIFT_GOOD] = SIFT_DONE,
                                    [SIFT_REFUSED] = SIFT_BAD,
                                    [SIFT_TOO_LARGE] = SIFT_BAD | SIFT_WHOLE,
                                    [SIFT_BY_ITSELF] = SIFT_BAD | SIFT_ALONE,
                                    [SIFT_WITH_OTHERS] = SIFT_BAD | SIFT_INNOCENT};
    if (number >= sift->count)
        return;
    sift->records[number].flags |= flags[report];
    sift->records[number].err = (int16_t)err;
}

void sift_leave_out(struct sift *sift, size_t number, int err)
{
    sift->records[number].flags |= SIFT_OUT | SIFT_NEW;
    sift->records[number].err = (int16_t)err;
    sift->marked = true;
}

static struct sift_partition *partition_of(const struct sift *sift, const struct sifted *record)
{
    return &sift->partitions[record->partition + 1];
}

static bool count_bad(struct sift *sift)
{
    bool any = false;
    memset(sift->partitions, 0, (size_t)sift->partition_count * sizeof *sift->partitions);
    for (size_t i = 0; i < sift->count; i++) {
        struct sift_partition *partition = partition_of(sift, &sift->records[i]);
        bool bad = (sift->records[i].flags & SIFT_BAD) != 0;
        partition->bad += bad;
        partition->exact |= (sift->records[i].flags & SIFT_INNOCENT) != 0;
        any |= bad;
    }
    return any;
}

static bool cut(struct sifted *record)
{
    bool before = (record->flags & SIFT_CUT) != 0;
    record->flags |= SIFT_CUT;
    return !before;
}

/* One that was refused. Whether that leads to anything new. */
static bool judge(struct sift *sift, size_t number, struct sift_partition *partition)
{
    struct sifted *record = &sift->records[number];
    size_t seen = partition->seen++;
    bool named = partition->exact && (record->flags & (SIFT_INNOCENT | SIFT_WHOLE)) == 0;
    bool out = partition->bad == 1 || (record->flags & SIFT_ALONE) != 0 || named;
    record->flags &= SIFT_CUT | SIFT_ALONE;
    partition->ended = partition->seen == partition->bad && !partition->exact;
    if (out)
        sift_leave_out(sift, number, record->err);
    else if (!partition->exact &&
             (seen == 0 || seen * PARTS / partition->bad != (seen - 1) * PARTS / partition->bad))
        return cut(record);
    return out;
}

enum sift_verdict sift_judge(struct sift *sift)
{
    bool news = false;
    if (!count_bad(sift))
        return SIFT_CLEAN;
    for (size_t i = 0; i < sift->count; i++) {
        struct sift_partition *partition = partition_of(sift, &sift->records[i]);
        if ((sift->records[i].flags & SIFT_BAD) != 0) {
            news |= judge(sift, i, partition);
        } else if (partition->ended) {
            partition->ended = false;
            news |= cut(&sift->records[i]);
        }
    }
    sift->marked |= news;
    return news ? SIFT_CHANGED : SIFT_STUCK;
}

void sift_close(struct sift *sift)
{
    free(sift->records);
    free(sift->partitions);
    *sift = (struct sift){0};
}
