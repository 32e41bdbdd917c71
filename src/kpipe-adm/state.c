/* kpipe-adm/state: the table of a store: dumped, or compared with another one. */
#include "kpipe-adm/adm.h"
#include "kpipe-adm/dump.h"
#include "kpipe-adm/snapshot.h"

#include <stdlib.h>
#include <unistd.h>

struct adm_store adm_store(char *word, const char *name)
{
    char *colon = strrchr(word, ':');
    if (colon == NULL)
        return (struct adm_store){word, name};
    *colon = '\0';
    return (struct adm_store){word, colon + 1};
}

/* The rows of a store that must exist, owned by the caller. NULL: the fault is set. */
static struct snapshot_row *read_store(struct adm *adm, struct snapshot *snapshot,
                                       const struct adm_store *store,
                                       const rd_kafka_topic_partition_list_t *parts)
{
    if (!snapshot_open(snapshot, &adm->conf, store->group, store->name, adm->fault))
        return NULL;
    if (snapshot->count == 0)
        fault_set(adm->fault, STATUS_NOINPUT,
                  "topic %s: does not exist: check the group and the store", snapshot->topic_name);
    return snapshot->count > 0 && snapshot_read(snapshot, parts) ? snapshot_rows(snapshot) : NULL;
}

/* The rows of one store that are left to write. */
struct side {
    const struct snapshot_row *at, *end;
};

static void dump(struct adm *adm, struct out *out, struct side side)
{
    for (; side.at < side.end && adm->fault->status == 0; side.at++)
        dump_row(out, adm->json, side.at->task, entry_key(side.at->entry), side.at->entry->count);
}

/* The next key of either, in the order of both; at least one has rows left. */
static struct span first_key(const struct side *one, const struct side *other)
{
    if (one->at == one->end)
        return entry_key(other->at->entry);
    struct span a = entry_key(one->at->entry);
    if (other->at == other->end)
        return a;
    struct span b = entry_key(other->at->entry);
    return snapshot_order(a, b) <= 0 ? a : b;
}

/* The key's count, of all tasks together: with other numbers of partitions it is in others. NULL:
 * it is not there. */
static const uint64_t *next(struct side *side, struct span key, uint64_t *sum)
{
    const struct snapshot_row *start = side->at;
    *sum = 0;
    for (; side->at < side->end && span_equal(entry_key(side->at->entry), key); side->at++)
        *sum += side->at->entry->count;
    return side->at == start ? NULL : sum;
}

static void compare(struct adm *adm, struct out *out, struct side one, struct side other)
{
    uint64_t a, b;
    while ((one.at < one.end || other.at < other.end) && adm->fault->status == 0) {
        struct span key = first_key(&one, &other);
        const uint64_t *count = next(&one, key, &a), *there = next(&other, key, &b);
        if (count != NULL && there != NULL && a == b)
            continue;
        adm->differs = true;
        dump_pair(out, adm->json, key, count, there);
    }
}

static struct side side_of(const struct snapshot_row *rows, const struct snapshot *snapshot)
{
    return (struct side){rows, rows == NULL ? NULL : rows + snapshot_keys(snapshot)};
}

/* What there is to write, with standard output ready. */
static void write_all(struct adm *adm, struct side one, struct side other)
{
    struct out out;
    if (!out_open(&out, STDOUT_FILENO, "standard output", adm->fault))
        return;
    if (adm->diff != NULL)
        compare(adm, &out, one, other);
    else
        dump(adm, &out, one);
    out_close(&out);
}

static void show(struct adm *adm, const rd_kafka_topic_partition_list_t *parts)
{
    struct snapshot one = {0}, other = {0};
    struct snapshot_row *rows = NULL, *others = NULL;
    struct adm_store store = {adm->group, adm->store}, second = {0};
    rows = read_store(adm, &one, &store, parts);
    if (rows != NULL && adm->diff != NULL) {
        second = adm_store(adm->diff, adm->store);
        others = read_store(adm, &other, &second, parts);
    }
    if (rows != NULL && (adm->diff == NULL || others != NULL))
        write_all(adm, side_of(rows, &one), side_of(others, &other));
    free(rows);
    free(others);
    snapshot_close(&one);
    snapshot_close(&other);
}

bool adm_state(struct adm *adm)
{
    if (adm->from != NULL)
        return adm_load(adm);
    rd_kafka_topic_partition_list_t *parts = rd_kafka_topic_partition_list_new(16);
    if (adm_partitions(adm, false, parts))
        show(adm, parts);
    rd_kafka_topic_partition_list_destroy(parts);
    return false;
}
