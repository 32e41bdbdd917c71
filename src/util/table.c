#include "util/table.h"

#include "util/grow.h"

#include <stdlib.h>

/* With 5 of 8 slots taken a lookup takes 1.8 probes, and a key less than 100 bytes beside its own.
 */
enum { ROOM_AT_FIRST = 1 << 12, CHUNK_SIZE = 1 << 20, FULL = 5 };

struct chunk {
    struct chunk *next;
};

static uint64_t load(const uint8_t *at, size_t size)
{
    uint64_t word = 0;
    memcpy(&word, at, size);
    return word;
}

/* 64 x 64 to 128 bits, both halves folded: the mixer of wyhash. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_of(const uint64_t seed[2], struct span key)
{
    uint64_t hash = seed[0];
    const uint8_t *at = key.at;
    size_t left = key.size;
    for (; left > 16; at += 16, left -= 16)
        hash = mix(load(at, 8) ^ hash, load(at + 8, 8) ^ seed[1]);
    uint64_t low = 0, high = 0;
    if (left >= 8) {
        low = load(at, 8);
        high = load(at + left - 8, 8);
    } else if (left > 0) {
        low = load(at, left);
    }
    return mix(mix(low ^ hash, high ^ seed[1]), (seed[0] | 1) ^ (uint64_t)key.size << 1);
}

bool table_open(struct table *table, const uint64_t seed[2])
{
    *table = (struct table){.seed = {seed[0], seed[1]}, .room = ROOM_AT_FIRST};
    table->slots = calloc(table->room, sizeof *table->slots);
    return table->slots != NULL;
}

/* The slot that holds the key, or the empty one where it belongs. */
static struct slot *find(const struct table *table, uint64_t hash, struct span key)
{
    size_t mask = table->room - 1;
    for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
        struct slot *slot = &table->slots[i];
        if (slot->entry == NULL || (slot->hash == hash && span_equal(entry_key(slot->entry), key)))
            return slot;
    }
}

static bool widen(struct table *table)
{
    struct slot *old = table->slots;
    size_t old_room = table->room;
    struct slot *slots = calloc(old_room * 2, sizeof *slots);
    if (slots == NULL)
        return false;
    size_t mask = old_room * 2 - 1;
    for (size_t i = 0; i < old_room; i++) {
        if (old[i].entry == NULL)
            continue;
        size_t at = (size_t)old[i].hash & mask;
        while (slots[at].entry != NULL)
            at = (at + 1) & mask;
        slots[at] = old[i];
    }
    free(old);
    table->slots = slots;
    table->room = old_room * 2;
    return true;
}

/* `size` bytes of the arena, aligned for an entry; NULL: no memory. */
static void *take(struct table *table, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    if (size > table->chunk_end - table->chunk_at) {
        size_t bytes = sizeof(struct chunk) + size;
        if (bytes < CHUNK_SIZE)
            bytes = CHUNK_SIZE;
        struct chunk *chunk = malloc(bytes);
        if (chunk == NULL)
            return NULL;
        chunk->next = table->chunks;
        table->chunks = chunk;
        table->chunk_bytes += bytes;
        table->chunk_at = sizeof(struct chunk);
        table->chunk_end = bytes;
    }
    void *taken = (char *)table->chunks + table->chunk_at;
    table->chunk_at += size;
    return taken;
}

static struct entry *entry_new(struct table *table, struct span key)
{
    struct entry *entry = take(table, sizeof *entry + key.size);
    if (entry == NULL)
        return NULL;
    *entry = (struct entry){.size = (uint32_t)key.size};
    if (key.size > 0)
        memcpy(entry + 1, key.at, key.size);
    return entry;
}

static bool note_changed(struct table *table, struct entry *entry)
{
    struct entry **changed = grow_list(table->changed, table->changed_count, &table->changed_room,
                                       ROOM_AT_FIRST, sizeof(*changed));
    if (changed == NULL)
        return false;
    table->changed = changed;
    table->changed[table->changed_count++] = entry;
    entry->changed = true;
    return true;
}

static struct slot *first_slot(const struct table *table, uint64_t hash)
{
    return &table->slots[(size_t)hash & (table->room - 1)];
}

uint64_t table_hash(const struct table *table, struct span key)
{
    uint64_t hash = hash_of(table->seed, key);
    __builtin_prefetch(first_slot(table, hash));
    return hash;
}

void table_fetch(const struct table *table, uint64_t hash)
{
    const char *entry = (const char *)first_slot(table, hash)->entry;
    if (entry == NULL)
        return;
    __builtin_prefetch(entry, 1);
    __builtin_prefetch(entry + 64);
}

/* The key's entry, made where it is new. NULL: no memory. */
static struct entry *entry_of(struct table *table, struct span key, uint64_t hash)
{
    if (table->used >= table->room / 8 * FULL && !widen(table))
        return NULL;
    struct slot *slot = find(table, hash, key);
    if (slot->entry == NULL) {
        struct entry *entry = entry_new(table, key);
        if (entry == NULL)
            return NULL;
        *slot = (struct slot){entry, hash};
        table->used++;
    }
    return slot->entry;
}

struct entry *table_add_hashed(struct table *table, struct span key, uint64_t hash)
{
    struct entry *entry = entry_of(table, key, hash);
    if (entry == NULL || (!entry->changed && !note_changed(table, entry)))
        return NULL;
    entry->count++;
    return entry;
}

struct entry *table_set(struct table *table, struct span key, uint64_t count)
{
    struct entry *entry = entry_of(table, key, table_hash(table, key));
    if (entry != NULL)
        entry->count = count;
    return entry;
}

void table_settle(struct table *table)
{
    for (size_t i = 0; i < table->changed_count; i++) {
        table->changed[i]->changed = false;
        table->changed[i]->time = 0;
    }
    table->changed_count = 0;
}

void table_close(struct table *table)
{
    while (table->chunks != NULL) {
        struct chunk *next = table->chunks->next;
        free(table->chunks);
        table->chunks = next;
    }
    free(table->slots);
    free(table->changed);
    *table = (struct table){0};
}
