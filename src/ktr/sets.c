#include "ktr/sets.h"

#include <ctype.h>
#include <string.h>

struct pair {
    const struct sets *sets;
    struct spec one, two;
    uint64_t size; /* of SET1, as -c leaves it */
    bool translates;
    struct fault *fault;
};

static bool wrong(struct pair *pair, const char *line)
{
    fault_set(pair->fault, STATUS_USAGE, "%s", line);
    return false;
}

/* How many operands there must be, and may be. */
static bool operands_fit(const struct sets *sets, int count, char *const *operands,
                         struct fault *fault)
{
    int least = sets->drop == sets->squeeze ? 2 : 1, most = sets->drop && !sets->squeeze ? 1 : 2;
    if (count > most && most == 1)
        fault_set(fault, STATUS_USAGE,
                  "%s: extra operand: only one string may be given when deleting without squeezing "
                  "repeats",
                  operands[most]);
    else if (count > most)
        fault_set(fault, STATUS_USAGE,
                  "%s: extra operand: records come from a pipe: kcat-in FILE | ktr ...",
                  operands[most]);
    else if (count == 0)
        fault_set(fault, STATUS_USAGE, "SET1: missing operand: ktr SET1 SET2, or ktr -d SET1");
    else if (count < least)
        fault_set(fault, STATUS_USAGE,
                  "SET2: missing operand after '%s': two strings must be given when %s",
                  operands[0],
                  sets->squeeze ? "both deleting and squeezing repeats"
                                : "translating; to delete bytes: -d");
    return fault->status == 0;
}

static uint64_t complement_size(const struct spec *spec)
{
    bool members[256];
    spec_members(spec, members);
    uint64_t size = 0;
    for (unsigned c = 0; c < 256; c++)
        size += !members[c];
    return size;
}

/* Both walks on, as far as each stays in a run of equal bytes. */
static void step_both(struct spec_walk *one, struct spec_walk *two)
{
    uint64_t first = spec_run(one), second = spec_run(two);
    spec_step(one, first < second ? first : second);
    spec_step(two, first < second ? first : second);
}

/* [:upper:] and [:lower:] in SET2 convert letters: one of them must begin in SET1 where it begins
 * in SET2. */
static bool letters_aligned(const struct pair *pair)
{
    struct spec_walk one = {&pair->one, 0, 0}, two = {&pair->two, 0, 0};
    for (;;) {
        const struct spec_item *from = spec_item(&one), *to = spec_item(&two);
        if (to != NULL && to->letters != SPEC_PLAIN) {
            if (from == NULL || from->letters == SPEC_PLAIN || one.done > 0)
                return false;
            spec_skip(&one);
            spec_skip(&two);
            continue;
        }
        if (from == NULL || to == NULL)
            return true;
        step_both(&one, &two);
    }
}

/* Whether a SET is one byte, however often. */
static bool is_one_byte(const struct spec *spec)
{
    bool members[256];
    int count = 0;
    spec_members(spec, members);
    for (unsigned c = 0; c < 256; c++)
        count += members[c];
    return count == 1;
}

/* A shorter SET2 goes on with its last byte. */
static bool extend(struct pair *pair)
{
    struct spec *two = &pair->two;
    if (two->size == 0)
        return wrong(pair, "SET2: when not truncating SET1, SET2 must be non-empty: to delete "
                           "bytes: -d SET1");
    const struct spec_item *last = &two->items[two->count - 1];
    if (last->letters != SPEC_PLAIN)
        return wrong(pair, "SET2: when translating with SET1 longer than SET2, the latter string "
                           "must not end with a character class: add a byte for the rest, or -t");
    spec_extend(two, last->last, pair->size - two->size);
    return true;
}

static bool check_translation(struct pair *pair)
{
    bool complement = pair->sets->complement;
    if (pair->two.equivalences)
        return wrong(pair, "SET2: [=c=] expressions may not appear in SET2 when translating: "
                           "write c");
    if (pair->two.other_classes)
        return wrong(pair, "SET2: when translating, the only character classes that may appear in "
                           "SET2 are 'upper' and 'lower': write the bytes, 0-9 for [:digit:]");
    if (!complement && pair->two.classes && !letters_aligned(pair))
        return wrong(pair, "SET2: misaligned [:upper:] and/or [:lower:] construct: one must begin "
                           "at the same place in SET1");
    if (pair->size > pair->two.size && !pair->sets->truncate && !extend(pair))
        return false;
    if (complement && pair->one.classes &&
        !(pair->two.size == pair->size && is_one_byte(&pair->two)))
        return wrong(pair, "SET2: when translating with complemented character classes, SET2 must "
                           "map all characters in the domain to one: give one byte");
    return true;
}

static bool check_one(struct pair *pair)
{
    if (pair->one.too_many)
        return wrong(pair, "SET1: too many characters in set: use smaller repeats");
    if (pair->one.anys > 0)
        return wrong(pair, "SET1: the [c*] repeat construct may not appear in SET1: write c");
    pair->size = pair->sets->complement ? complement_size(&pair->one) : pair->one.size;
    return true;
}

static bool check_two(struct pair *pair)
{
    struct spec *two = &pair->two;
    if (two->too_many)
        return wrong(pair, "SET2: too many characters in set: use smaller repeats");
    if (two->anys > 1)
        return wrong(pair, "SET2: only one [c*] repeat construct may appear in SET2: write [c*n]");
    if (two->anys == 1 && pair->size > two->size) {
        two->any->size = pair->size - two->size;
        two->size = pair->size;
    }
    if (pair->translates)
        return check_translation(pair);
    if (two->anys > 0)
        return wrong(pair, "SET2: the [c*] construct may appear in SET2 only when translating: "
                           "write c");
    return true;
}

/* Every byte that is not in SET1, ascending, to SET2's bytes. */
static void map_complement(const struct pair *pair, struct map *map)
{
    bool members[256];
    struct spec_walk two = {&pair->two, 0, 0};
    spec_members(&pair->one, members);
    for (unsigned c = 0; c < 256; c++) {
        if (members[c])
            continue;
        if (spec_item(&two) == NULL)
            break;
        map->to[c] = spec_byte(&two);
        spec_step(&two, 1);
    }
}

static void map_letters(struct map *map, enum spec_letters from, enum spec_letters to)
{
    for (int c = 0; c < 256; c++) {
        if (from == SPEC_LOWER && to == SPEC_UPPER && islower(c))
            map->to[c] = (uint8_t)toupper(c);
        if (from == SPEC_UPPER && to == SPEC_LOWER && isupper(c))
            map->to[c] = (uint8_t)tolower(c);
    }
}

/* SET1's bytes to SET2's, place by place; a byte that SET1 has twice becomes what stands at the
 * later place. Where both have the same class, only its first byte counts as named again (GNU). */
static void map_pairs(const struct pair *pair, struct map *map)
{
    struct spec_walk one = {&pair->one, 0, 0}, two = {&pair->two, 0, 0};
    const struct spec_item *from, *to;
    while ((from = spec_item(&one)) != NULL && (to = spec_item(&two)) != NULL) {
        map->to[spec_byte(&one)] = spec_byte(&two);
        if (to->letters == SPEC_PLAIN) {
            step_both(&one, &two);
        } else {
            map_letters(map, from->letters, to->letters);
            spec_skip(&one);
            spec_skip(&two);
        }
    }
}

static void make_map(const struct pair *pair, bool has_two, struct map *map)
{
    const struct sets *sets = pair->sets;
    bool one[256];
    map_start(map);
    spec_members(&pair->one, one);
    for (unsigned c = 0; c < 256; c++)
        one[c] = one[c] != sets->complement;
    if (pair->translates && sets->complement)
        map_complement(pair, map);
    else if (pair->translates)
        map_pairs(pair, map);
    if (sets->drop)
        memcpy(map->drop, one, sizeof one);
    if (sets->squeeze && has_two)
        spec_members(&pair->two, map->squeeze);
    else if (sets->squeeze)
        memcpy(map->squeeze, one, sizeof one);
    map_ready(map);
}

bool sets_read(struct sets *sets, int count, char *const *operands, struct map *map,
               struct fault *fault)
{
    struct pair pair = {.sets = sets, .translates = count == 2 && !sets->drop, .fault = fault};
    if (!operands_fit(sets, count, operands, fault))
        return false;
    bool good = spec_read(&pair.one, "SET1", operands[0], fault) &&
                (count < 2 || spec_read(&pair.two, "SET2", operands[1], fault)) &&
                check_one(&pair) && (count < 2 || check_two(&pair));
    if (good) {
        make_map(&pair, count == 2, map);
        memcpy(sets->notes[0], pair.one.note, SPEC_NOTE);
        memcpy(sets->notes[1], pair.two.note, SPEC_NOTE);
    }
    spec_free(&pair.one);
    spec_free(&pair.two);
    return good;
}
