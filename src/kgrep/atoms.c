#include "kgrep/atoms.h"

#include <ctype.h>
#include <stdio.h>

void atoms_open(struct atoms *atoms, struct ere *ere, bool captures)
{
    *atoms = (struct atoms){
        .ere = ere, .out = ere->out, .captures = captures, .start = ere->out->size, .idle = true};
}

/* An alternative of the expression is over: what it has in a row is needed. */
static void alternative_end(struct atoms *atoms)
{
    row_end(&atoms->row);
    needed_add(&atoms->ere->needed, &atoms->row.longest);
    atoms->row.longest.size = 0;
}

static void atom_start(struct atoms *atoms, enum atom atom)
{
    row_break(&atoms->row);
    atoms->idle = atoms->idle && atom == ATOM_ANCHOR;
    atoms->atom = atom;
    atoms->atom_at = atoms->out->size;
    atoms->atom_group = atoms->groups + 1;
    atoms->atom_groups = atoms->ere->groups;
    atoms->repeated = atoms->simple = false;
}

void atoms_piece(struct atoms *atoms, const char *words)
{
    atom_start(atoms, ATOM_PIECE);
    buffer_say(atoms->out, words);
}

void atoms_anchor(struct atoms *atoms, const char *words)
{
    atom_start(atoms, ATOM_ANCHOR);
    buffer_say(atoms->out, words);
}

void atoms_literal(struct atoms *atoms, uint8_t byte)
{
    bool joins = !atoms->row.ends;
    atom_start(atoms, ATOM_PIECE);
    atoms->row.ends = !joins;
    if (atoms->depth > 0)
        row_end(&atoms->row);
    else
        row_add(&atoms->row, atoms->ere->ignore_case ? (uint8_t)tolower(byte) : byte);
    buffer_byte(atoms->out, byte);
}

static void range(struct buffer *out, unsigned first, unsigned last)
{
    buffer_byte(out, (uint8_t)first);
    if (last > first) {
        buffer_say(out, "-");
        buffer_byte(out, (uint8_t)last);
    }
}

void atoms_set(struct atoms *atoms, const struct bracket *bracket)
{
    atoms_piece(atoms, bracket->inverted ? "[^" : "[");
    for (unsigned first = 0, last; first < 256; first = last + 1) {
        for (last = first; bracket->in[first] && last < 255 && bracket->in[last + 1];)
            last++;
        if (bracket->in[first])
            range(atoms->out, first, last);
    }
    buffer_say(atoms->out, "]");
}

bool atoms_refer(struct atoms *atoms, unsigned group)
{
    char words[24] = "(?!)"; /* to a group that was left out: nothing matches */
    if ((atoms->closed & 1U << group) == 0)
        return false;
    if (atoms->numbers[group] != 0)
        snprintf(words, sizeof words, "\\g{%u}", atoms->numbers[group]);
    atoms_piece(atoms, words);
    return true;
}

/* One more * + or ? on top of another: two alike are one, any others are *. In PCRE2 the second
 * would make the first lazy or possessive. */
static void repeat_simple(struct atoms *atoms, char sign)
{
    if (atoms->out->failed)
        return;
    char *last = &atoms->out->at[atoms->out->size - 1];
    if (*last != sign)
        *last = '*';
}

/* The atom not at all. It is left out with its groups: PCRE2 10.42 takes (|^){0}a for ^a. */
static void drop(struct atoms *atoms)
{
    for (unsigned group = atoms->atom_group; group <= atoms->groups && group <= 9; group++)
        atoms->numbers[group] = 0;
    atoms->ere->groups = atoms->atom_groups;
    atoms->out->size = atoms->atom_at;
    atoms_piece(atoms, "(?:)");
    if (atoms->atom_at == atoms->start)
        atoms->start = atoms->out->size;
}

/* Whether it is a . in front of all that has to match, behind which a match may as well begin. */
static bool leads(const struct atoms *atoms)
{
    const struct buffer *out = atoms->out;
    return atoms->ere->anywhere && atoms->atom_at == atoms->start && !out->failed &&
           out->size == atoms->atom_at + 1 && out->at[atoms->atom_at] == '.';
}

void atoms_repeat(struct atoms *atoms, int least, int most)
{
    char words[32] = "";
    bool simple = least <= 1 && (most == -1 || (least == 0 && most == 1));
    char sign = '+';
    if (least == 0)
        sign = most == 1 ? '?' : '*';
    row_repeat(&atoms->row, least);
    if (atoms->atom == ATOM_NONE || (least == 1 && most == 1))
        return;
    if (most == 0 || (simple && sign == '*' && leads(atoms))) {
        drop(atoms);
        return;
    }
    if (atoms->simple && simple) {
        repeat_simple(atoms, sign);
        return;
    }
    if (atoms->repeated || atoms->atom == ATOM_ANCHOR) {
        buffer_insert(atoms->out, atoms->atom_at, "(?:");
        buffer_say(atoms->out, ")");
    }
    if (simple)
        snprintf(words, sizeof words, "%c", sign);
    else if (most == -1)
        snprintf(words, sizeof words, "{%d,}", least);
    else
        snprintf(words, sizeof words, "{%d,%d}", least, most);
    buffer_say(atoms->out, words);
    atoms->repeated = true;
    atoms->simple = simple;
}

void atoms_group(struct atoms *atoms)
{
    struct atoms_level *level = &atoms->levels[++atoms->depth];
    *level = (struct atoms_level){atoms->out->size, ++atoms->groups, atoms->ere->groups,
                                  atoms->closed, 0};
    if (atoms->captures)
        atoms->ere->groups++;
    if (atoms->groups <= 9)
        atoms->numbers[atoms->groups] = atoms->ere->groups;
    buffer_say(atoms->out, atoms->captures ? "(" : "(?:");
    atom_start(atoms, ATOM_NONE);
    atoms->idle = true;
}

void atoms_alternative(struct atoms *atoms)
{
    struct atoms_level *level = &atoms->levels[atoms->depth];
    level->any |= atoms->closed;
    atoms->closed = level->before;
    buffer_say(atoms->out, "|");
    atom_start(atoms, ATOM_NONE);
    atoms->idle = true;
    if (atoms->depth == 0) {
        atoms->start = atoms->out->size;
        alternative_end(atoms);
    } else {
        atoms->ere->branches = true;
    }
}

void atoms_group_end(struct atoms *atoms)
{
    const struct atoms_level *level = &atoms->levels[atoms->depth--];
    atoms->closed |= level->any;
    if (level->group <= 9)
        atoms->closed |= 1U << level->group;
    buffer_say(atoms->out, ")");
    atom_start(atoms, ATOM_PIECE);
    atoms->atom_at = level->at;
    atoms->atom_group = level->group;
    atoms->atom_groups = level->groups;
}

void atoms_close(struct atoms *atoms)
{
    alternative_end(atoms);
}
