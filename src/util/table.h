/* util/table: bytes to 64-bit counts, in the order of first change. Pure.
 *
 * Open addressing over 16-byte slots (a part of the hash beside the entry's place, so that a miss
 * seldom touches the entry), entries with their keys one behind the other in an arena. The hash is
 * keyed with a random seed: who chooses the keys cannot choose collisions. A key that is known
 * costs no allocation. */
#ifndef KPIPE_UTIL_TABLE_H
#define KPIPE_UTIL_TABLE_H

#include "util/span.h"

struct entry {
    uint64_t count;
    int64_t timestamp; /* the greatest since the last update; 0 where time is 0 */
    uint32_t size;     /* of the key, whose bytes follow the struct */
    uint8_t time;      /* its type, as struct record has it; 0: no record had one */
    bool changed;      /* since the last update */
};

struct slot {
    struct entry *entry; /* NULL: empty */
    uint64_t hash;
};

struct chunk; /* of the arena */

struct table {
    uint64_t seed[2];
    struct slot *slots; /* room of them, a power of two */
    size_t room, used;
    struct chunk *chunks;       /* the newest first */
    size_t chunk_bytes;         /* of all of them */
    size_t chunk_at, chunk_end; /* what is free in the newest */
    struct entry **changed;     /* in the order of first change; as many as entries at most */
    size_t changed_count, changed_room;
};

/* False: no memory. The seed is random bytes. */
bool table_open(struct table *table, const uint64_t seed[2]);

/* The bytes that are allocated for it. */
static inline size_t table_memory(const struct table *table)
{
    return table->chunk_bytes + table->room * sizeof *table->slots +
           table->changed_room * sizeof(struct entry *);
}

/* The key's hash; its slot starts on its way from memory. */
uint64_t table_hash(const struct table *table, struct span key);

/* The entry starts on its way. A lookup misses the caches twice, one miss after the other; keys
 * that take each of the three steps together wait for memory together. */
void table_fetch(const struct table *table, uint64_t hash);

/* Counts `key`, of that hash, once more. The entry, valid until table_close(); NULL: no memory,
 * nothing was counted. */
struct entry *table_add_hashed(struct table *table, struct span key, uint64_t hash);

/* The same for one key by itself. */
static inline struct entry *table_add(struct table *table, struct span key)
{
    return table_add_hashed(table, key, table_hash(table, key));
}

/* The key's count is this one, which is no change to be told. Its entry; NULL: no memory. */
struct entry *table_set(struct table *table, struct span key, uint64_t count);

static inline struct span entry_key(const struct entry *entry)
{
    return span_of((const uint8_t *)(entry + 1), entry->size);
}

/* The entries that changed since the last table_settle(): changed[0] up to changed[count - 1]. */
void table_settle(struct table *table);

void table_close(struct table *table);

#endif
