#include "kgrep/strings.h"

#include "kgrep/word.h"
#include "stream/frame.h"

#include <ctype.h>
#include <stdlib.h>

enum { PAIRS = 65536, WINDOW_MOST = 16 };

/* Node 0 is the tree's root. The children of node n are first[n] up to first[n + 1], in the order
 * of their bytes: nodes are numbered by depth, and those of one depth in the order of the strings.
 */
struct strings {
    struct span *items; /* sorted, none twice */
    size_t count;
    uint32_t nodes;
    uint32_t *first;
    uint32_t *fail;  /* the longest end of what leads to the node that is a node too */
    uint32_t *depth; /* bytes that lead to it */
    uint32_t *out;   /* the longest string that ends here: its size; 0: none */
    uint8_t *byte;   /* the last byte that leads to it */
    uint32_t root[256];
    uint8_t fold[256];
    bool folds;
    size_t window;  /* the shortest string's size, WINDOW_MOST at most */
    uint8_t *shift; /* by the window's last two bytes: how far on the next string may begin */
    bool *begins;   /* by two bytes: whether a string begins with them */
};

static int compare(const void *a, const void *b)
{
    const struct span *one = a, *two = b;
    size_t size = one->size < two->size ? one->size : two->size;
    int order = memcmp(one->at, two->at, size);
    return order != 0 ? order : (one->size > two->size) - (one->size < two->size);
}

static size_t count_lines(struct span text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.at[i] == '\n';
    return count;
}

static void drop_twins(struct strings *strings)
{
    size_t left = 0;
    for (size_t i = 0; i < strings->count; i++)
        if (left == 0 || !span_equal(strings->items[left - 1], strings->items[i]))
            strings->items[left++] = strings->items[i];
    strings->count = left;
}

static bool read_items(struct strings *strings, struct span text)
{
    strings->items = calloc(count_lines(text) + 1, sizeof *strings->items);
    if (strings->items == NULL)
        return false;
    for (const uint8_t *at = text.at, *end = at + text.size; at < end;) {
        const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        if (stop > at)
            strings->items[strings->count++] = span_of(at, (size_t)(stop - at));
        at = stop + 1;
    }
    qsort(strings->items, strings->count, sizeof *strings->items, compare);
    drop_twins(strings);
    return true;
}

/* No more than the root and a node for each byte that a string has other than the one before. */
static size_t count_nodes(const struct strings *strings)
{
    size_t count = 1;
    for (size_t i = 0; i < strings->count; i++) {
        struct span item = strings->items[i], before = i == 0 ? item : strings->items[i - 1];
        size_t same = 0;
        while (i > 0 && same < before.size && same < item.size && before.at[same] == item.at[same])
            same++;
        count += item.size - same;
    }
    return count;
}

static uint32_t child(const struct strings *strings, uint32_t node, uint8_t byte)
{
    if (node == 0)
        return strings->root[byte];
    uint32_t at = strings->first[node], end = strings->first[node + 1];
    while (end - at > 8) {
        uint32_t middle = at + (end - at) / 2;
        if (strings->byte[middle] <= byte)
            at = middle;
        else
            end = middle;
    }
    for (; at < end; at++)
        if (strings->byte[at] == byte)
            return at;
    return 0;
}

static uint32_t step(const struct strings *strings, uint32_t node, uint8_t byte)
{
    uint32_t next;
    while ((next = child(strings, node, byte)) == 0 && node != 0)
        node = strings->fail[node];
    return next;
}

/* The strings that go through a node: from..to of the items. */
struct range {
    uint32_t from, to;
};

static void add_child(struct strings *strings, uint32_t parent, uint8_t byte)
{
    uint32_t node = strings->nodes++;
    strings->byte[node] = byte;
    strings->depth[node] = strings->depth[parent] + 1;
    strings->fail[node] = parent == 0 ? 0 : step(strings, strings->fail[parent], byte);
    if (parent == 0)
        strings->root[byte] = node;
}

/* All children of a node; those that a string ends at have it as their `out`. */
static void add_children(struct strings *strings, struct range *ranges, uint32_t node)
{
    struct range range = ranges[node];
    uint32_t depth = strings->depth[node];
    strings->first[node] = strings->nodes;
    for (uint32_t from = range.from, to; from < range.to; from = to) {
        struct span item = strings->items[from];
        to = from + 1;
        if (item.size == depth)
            continue;
        while (to < range.to && strings->items[to].at[depth] == item.at[depth])
            to++;
        uint32_t added = strings->nodes;
        ranges[added] = (struct range){from, to};
        add_child(strings, node, item.at[depth]);
        strings->out[added] =
            item.size == depth + 1 ? depth + 1 : strings->out[strings->fail[added]];
    }
    strings->first[node + 1] = strings->nodes;
}

static bool build_tree(struct strings *strings)
{
    size_t room = count_nodes(strings);
    struct range *ranges = NULL;
    if (room < UINT32_MAX && strings->count < UINT32_MAX) {
        strings->first = calloc(room + 1, sizeof *strings->first);
        strings->fail = calloc(room, sizeof *strings->fail);
        strings->depth = calloc(room, sizeof *strings->depth);
        strings->out = calloc(room, sizeof *strings->out);
        strings->byte = calloc(room, 1);
        ranges = calloc(room, sizeof *ranges);
    }
    if (ranges == NULL || strings->first == NULL || strings->fail == NULL ||
        strings->depth == NULL || strings->out == NULL || strings->byte == NULL) {
        free(ranges);
        return false;
    }
    ranges[0] = (struct range){0, (uint32_t)strings->count};
    strings->nodes = 1;
    for (uint32_t node = 0; node < strings->nodes; node++)
        add_children(strings, ranges, node);
    free(ranges);
    return true;
}

static size_t pair_at(const uint8_t *at)
{
    return load16(at);
}

/* The pair `at` of a string stands `before` the end of its window; capitals do for small letters.
 */
static void add_pair(struct strings *strings, const uint8_t *at, size_t before, bool begins)
{
    for (unsigned capitals = 0; capitals < 4; capitals++) {
        uint8_t pair[2] = {at[0], at[1]};
        for (unsigned i = 0; i < 2; i++)
            if ((capitals >> i & 1) != 0)
                pair[i] = strings->folds ? (uint8_t)toupper(at[i]) : at[i];
        uint8_t *shift = &strings->shift[pair_at(pair)];
        if (*shift > before)
            *shift = (uint8_t)before;
        if (begins)
            strings->begins[pair_at(pair)] = true;
    }
}

static bool build_shift(struct strings *strings)
{
    size_t window = WINDOW_MOST;
    for (size_t i = 0; i < strings->count; i++)
        if (strings->items[i].size < window)
            window = strings->items[i].size;
    strings->window = window;
    strings->shift = malloc(PAIRS);
    strings->begins = calloc(PAIRS, sizeof *strings->begins);
    if (strings->shift == NULL || strings->begins == NULL)
        return false;
    memset(strings->shift, window < 2 ? 0 : (int)window - 1, PAIRS);
    for (size_t i = 0; i < strings->count; i++)
        for (size_t at = 0; at + 2 <= window; at++)
            add_pair(strings, strings->items[i].at + at, window - 2 - at, at == 0);
    return true;
}

struct strings *strings_open(struct span text, bool fold)
{
    struct strings *strings = calloc(1, sizeof *strings);
    if (strings == NULL)
        return NULL;
    strings->folds = fold;
    for (unsigned c = 0; c < 256; c++)
        strings->fold[c] = (uint8_t)(fold ? tolower((int)c) : (int)c);
    if (read_items(strings, text) && build_tree(strings) && build_shift(strings))
        return strings;
    strings_close(strings);
    return NULL;
}

bool strings_has(const struct strings *strings, struct span field)
{
    uint32_t node = 0;
    if (field.size == 0)
        return false;
    for (size_t i = 0; i < field.size; i++)
        if ((node = child(strings, node, strings->fold[field.at[i]])) == 0)
            return false;
    return strings->out[node] == field.size;
}

/* The longest string that ends with byte `last` of the field, and stands as a word: its size. */
static size_t ends_as_word(const struct strings *strings, struct span field, size_t last,
                           uint32_t node)
{
    for (; strings->out[node] > 0; node = strings->fail[node]) {
        size_t size = strings->depth[node];
        if (strings->out[node] == size &&
            word_stands(field, span_of(field.at + last + 1 - size, size)))
            return size;
    }
    return 0;
}

/* The first place from `start` on where a string may begin, by two pairs of bytes; the field's
 * size: there is none. */
static size_t skip(const struct strings *strings, struct span field, size_t start)
{
    size_t window = strings->window;
    if (field.size < window)
        return field.size;
    for (size_t last = field.size - window; start <= last;) {
        const uint8_t *at = field.at + start;
        size_t by = strings->shift[pair_at(at + window - 2)];
        if (by == 0 && strings->begins[pair_at(at)])
            return start;
        start += by + (by == 0);
    }
    return field.size;
}

bool strings_find(const struct strings *strings, struct span field, size_t from,
                  enum strings_which which, bool word, struct span *found)
{
    uint32_t node = 0;
    size_t may = from, at = from; /* where what is under way begins; the byte to look at next */
    bool skips = strings->window >= 2;
    *found = span_of(NULL, 0);
    if (skips)
        may = at = skip(strings, field, from);
    while (at < field.size) {
        node = step(strings, node, strings->fold[field.at[at++]]);
        size_t size = strings->out[node], start = at - strings->depth[node];
        if (word && size > 0)
            size = ends_as_word(strings, field, at - 1, node);
        const uint8_t *place = field.at + at - size;
        if (size > 0 && (found->at == NULL || place <= found->at))
            *found = span_of(place, size);
        if (found->at != NULL) {
            if (which == STRINGS_ANY || field.at + start > found->at)
                return true;
        } else if (skips && start != may && strings->depth[node] < strings->window) {
            may = skip(strings, field, start);
            if (may != start) {
                node = 0;
                at = may;
            }
        }
    }
    return found->at != NULL;
}

void strings_close(struct strings *strings)
{
    free(strings->items);
    free(strings->first);
    free(strings->fail);
    free(strings->depth);
    free(strings->out);
    free(strings->byte);
    free(strings->shift);
    free(strings->begins);
    free(strings);
}
