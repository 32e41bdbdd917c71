#include "kgrep/literal.h"

#include "kgrep/word.h"

bool literals_open(struct literals *literals, struct span text, enum literal_where where, bool fold)
{
    size_t others = 0;
    struct span other = {0};
    *literals = (struct literals){.where = where};
    for (const uint8_t *at = text.at, *end = at + text.size; at < end;) {
        const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == at)
            literals->empty = true;
        else if (others++ == 0)
            other = span_of(at, (size_t)(stop - at));
        at = stop + 1;
    }
    literals->none = others == 0;
    if (others == 1 && (!fold || other.size <= NEEDLE_FOLD_MOST))
        needle_open(&literals->needle, other, fold);
    else if (others > 0 && (literals->strings = strings_open(text, fold)) == NULL)
        return false;
    return true;
}

static bool place_needle(const struct literals *literals, struct span field, size_t from,
                         struct span *found)
{
    const struct needle *needle = &literals->needle;
    const uint8_t *at = field.at + from, *end = field.at + field.size;
    while ((at = needle_find(needle, at, end)) != NULL) {
        *found = span_of(at, needle->bytes.size);
        if (literals->where == LITERAL_WHOLE)
            return found->size == field.size;
        if (literals->where == LITERAL_ANYWHERE || word_stands(field, *found))
            return true;
        at++;
    }
    return false;
}

static bool place(const struct literals *literals, struct span field, size_t from,
                  enum strings_which which, struct span *found)
{
    bool word = literals->where == LITERAL_WORD;
    if (literals->none)
        return false;
    if (literals->strings == NULL)
        return place_needle(literals, field, from, found);
    if (literals->where != LITERAL_WHOLE)
        return strings_find(literals->strings, field, from, which, word, found);
    *found = field;
    return from == 0 && strings_has(literals->strings, field);
}

/* Whether nothing stands somewhere between bytes that are of no word, or ends. */
static bool empty_word(struct span field)
{
    for (size_t i = 0; i <= field.size; i++)
        if (word_stands(field, span_of(field.at + i, 0)))
            return true;
    return false;
}

static bool find_empty(const struct literals *literals, struct span field)
{
    switch (literals->where) {
    case LITERAL_WORD:
        return empty_word(field);
    case LITERAL_WHOLE:
        return field.size == 0;
    case LITERAL_ANYWHERE:
        break;
    }
    return true;
}

bool literals_find(const struct literals *literals, struct span field)
{
    struct span found;
    return (literals->empty && find_empty(literals, field)) ||
           place(literals, field, 0, STRINGS_ANY, &found);
}

bool literals_place(const struct literals *literals, struct span field, size_t from,
                    struct span *found)
{
    return place(literals, field, from, STRINGS_LONGEST, found);
}

void literals_close(struct literals *literals)
{
    if (literals->strings != NULL)
        strings_close(literals->strings);
    literals->strings = NULL;
}
