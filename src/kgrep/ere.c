#include "kgrep/ere.h"

#include "kgrep/bracket.h"

#include <ctype.h>
#include <stdio.h>

enum {
    DEPTH_MOST = 200,   /* PCRE2's own limit is 250, and repeats may add some */
    REPEAT_MOST = 32767 /* RE_DUP_MAX */
};

static const char unmatched_open[] = "Unmatched ( or \\(";
static const char bad_interval[] = "Invalid content of \\{\\}";

/* What an operator of repetition would apply to: the bytes of `out` from atom_at on. */
enum atom {
    ATOM_NONE,   /* an alternative's start: repeating nothing is nothing */
    ATOM_ANCHOR, /* takes no bytes */
    ATOM_PIECE
};

/* Parentheses, and the expression as a whole at level 0. A back-reference is good where its group
 * was closed before, in this alternative or outside of it. */
struct level {
    size_t at;       /* of the opening parenthesis in `out` */
    unsigned group;  /* its number in this expression */
    unsigned before; /* a bit for each of the groups 1 to 9 closed before it */
    unsigned any;    /* and closed in any of its alternatives */
};

struct translator {
    struct buffer *out;
    const uint8_t *at, *end;
    bool captures; /* there may be back-references */
    unsigned groups, groups_before, closed, depth;
    enum atom atom;
    size_t atom_at;
    bool repeated; /* the atom has an operator already ... */
    bool simple;   /* ... and the last byte is it: * + or ? */
    char stray;
    struct level levels[DEPTH_MOST + 1];
};

static void atom_start(struct translator *t, enum atom atom)
{
    t->atom = atom;
    t->atom_at = t->out->size;
    t->repeated = t->simple = false;
}

static void piece(struct translator *t, const char *words)
{
    atom_start(t, ATOM_PIECE);
    buffer_say(t->out, words);
}

static void anchor(struct translator *t, const char *words)
{
    atom_start(t, ATOM_ANCHOR);
    buffer_say(t->out, words);
}

static void literal(struct translator *t, uint8_t byte)
{
    atom_start(t, ATOM_PIECE);
    buffer_byte(t->out, byte);
}

/* One more * + or ? on top of another: two alike are one, any others are *. In PCRE2 the second
 * would make the first lazy or possessive. */
static void repeat_simple(struct translator *t, char sign)
{
    if (t->out->failed)
        return;
    char *last = &t->out->at[t->out->size - 1];
    if (*last != sign)
        *last = '*';
}

/* The atom `least` to `most` times, -1 for any number. */
static void repeat(struct translator *t, int least, int most)
{
    char words[32] = "";
    bool simple = least <= 1 && (most == -1 || (least == 0 && most == 1));
    char sign = '+';
    if (least == 0)
        sign = most == 1 ? '?' : '*';
    if (t->atom == ATOM_NONE || (least == 1 && most == 1))
        return;
    if (t->simple && simple) {
        repeat_simple(t, sign);
        return;
    }
    if (t->repeated || t->atom == ATOM_ANCHOR) {
        buffer_insert(t->out, t->atom_at, "(?:");
        buffer_say(t->out, ")");
    }
    if (simple)
        snprintf(words, sizeof words, "%c", sign);
    else if (most == -1)
        snprintf(words, sizeof words, "{%d,}", least);
    else
        snprintf(words, sizeof words, "{%d,%d}", least, most);
    buffer_say(t->out, words);
    t->repeated = true;
    t->simple = simple;
}

/* Digits to a number that stops growing above REPEAT_MOST; -1: there are none. */
static int number(const uint8_t **at, const uint8_t *end)
{
    int n = -1;
    for (; *at < end && isdigit(**at); ++*at) {
        n = (n < 0 ? 0 : n) * 10 + (**at - '0');
        if (n > REPEAT_MOST)
            n = REPEAT_MOST + 1;
    }
    return n;
}

/* Behind '{': an interval, or a mere brace. glibc checks only intervals behind a piece. */
static const char *brace(struct translator *t)
{
    const uint8_t *at = t->at;
    int least = number(&at, t->end), most = least;
    bool comma = at < t->end && *at == ',';
    if (comma) {
        at++;
        most = number(&at, t->end);
    }
    bool closed = at < t->end && *at == '}', second = comma && at < t->end && *at == ',';
    bool wrong = second || (closed && ((least < 0 && !comma) || (most >= 0 && most < least)));
    if (wrong && t->atom == ATOM_PIECE)
        return bad_interval;
    if (wrong || !closed) {
        literal(t, '{');
        return NULL;
    }
    if ((most < 0 ? least : most) > REPEAT_MOST)
        return "Regular expression too big";
    t->at = at + 1;
    repeat(t, least < 0 ? 0 : least, most);
    return NULL;
}

static const char *open_group(struct translator *t)
{
    if (t->depth == DEPTH_MOST)
        return "parentheses nest too deeply";
    struct level *level = &t->levels[++t->depth];
    *level = (struct level){t->out->size, ++t->groups, t->closed, 0};
    buffer_say(t->out, t->captures ? "(" : "(?:");
    atom_start(t, ATOM_NONE);
    return NULL;
}

static void alternative(struct translator *t)
{
    struct level *level = &t->levels[t->depth];
    level->any |= t->closed;
    t->closed = level->before;
    buffer_say(t->out, "|");
    atom_start(t, ATOM_NONE);
}

static void close_group(struct translator *t)
{
    if (t->depth == 0) {
        literal(t, ')');
        return;
    }
    const struct level *level = &t->levels[t->depth--];
    t->closed |= level->any;
    if (level->group <= 9)
        t->closed |= 1U << level->group;
    buffer_say(t->out, ")");
    t->atom = ATOM_PIECE;
    t->atom_at = level->at;
    t->repeated = t->simple = false;
}

static void range(struct buffer *out, unsigned first, unsigned last)
{
    buffer_byte(out, (uint8_t)first);
    if (last > first) {
        buffer_say(out, "-");
        buffer_byte(out, (uint8_t)last);
    }
}

static const char *bracket(struct translator *t)
{
    struct bracket bracket;
    const char *wrong = bracket_read(&bracket, &t->at, t->end);
    if (wrong != NULL)
        return wrong;
    piece(t, bracket.inverted ? "[^" : "[");
    for (unsigned first = 0, last; first < 256; first = last + 1) {
        for (last = first; bracket.in[first] && last < 255 && bracket.in[last + 1];)
            last++;
        if (bracket.in[first])
            range(t->out, first, last);
    }
    buffer_say(t->out, "]");
    return NULL;
}

static const char *back_reference(struct translator *t, unsigned group)
{
    char words[24];
    if ((t->closed & 1U << group) == 0)
        return "Invalid back reference";
    snprintf(words, sizeof words, "\\g{%u}", t->groups_before + group);
    piece(t, words);
    return NULL;
}

/* Behind a backslash. */
static const char *escape(struct translator *t)
{
    static const char letters[] = "wWsSbB<>`'";
    static const char *const words[] = {"\\w", "\\W",        "\\s",         "\\S", "\\b",
                                        "\\B", "\\b(?=\\w)", "\\b(?<=\\w)", "\\A", "\\z"};
    if (t->at == t->end)
        return "Trailing backslash";
    uint8_t byte = *t->at++;
    if (byte >= '1' && byte <= '9')
        return back_reference(t, byte - '0');
    for (size_t i = 0; letters[i] != '\0'; i++)
        if (byte == (uint8_t)letters[i]) {
            (i < 4 ? piece : anchor)(t, words[i]);
            return NULL;
        }
    if ((isalpha(byte) || byte == '0') && t->stray == '\0')
        t->stray = (char)byte;
    literal(t, byte);
    return NULL;
}

static const char *token(struct translator *t)
{
    uint8_t byte = *t->at++;
    switch (byte) {
    case '\\':
        return escape(t);
    case '[':
        return bracket(t);
    case '{':
        return brace(t);
    case '(':
        return open_group(t);
    case ')':
        close_group(t);
        return NULL;
    case '|':
        alternative(t);
        return NULL;
    case '*':
        repeat(t, 0, -1);
        return NULL;
    case '+':
        repeat(t, 1, -1);
        return NULL;
    case '?':
        repeat(t, 0, 1);
        return NULL;
    case '^':
        anchor(t, "\\A");
        return NULL;
    case '$':
        anchor(t, "\\z");
        return NULL;
    case '.':
        piece(t, "."); /* PCRE2_DOTALL: any byte */
        return NULL;
    default:
        literal(t, byte);
        return NULL;
    }
}

/* Whether a group's number could be asked for: groups that capture cost time at each match. */
static bool refers_back(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 2; at++)
        if (at[0] == '\\') {
            if (at[1] >= '1' && at[1] <= '9')
                return true;
            at++;
        }
    return false;
}

const char *ere_translate(struct ere *ere, const uint8_t *at, const uint8_t *end)
{
    struct translator t = {.out = ere->out,
                           .at = at,
                           .end = end,
                           .captures = refers_back(at, end),
                           .groups_before = ere->groups};
    const char *wrong = NULL;
    while (wrong == NULL && t.at < t.end)
        wrong = token(&t);
    if (wrong == NULL && t.depth > 0)
        wrong = unmatched_open;
    if (t.captures)
        ere->groups += t.groups;
    if (ere->stray == '\0')
        ere->stray = t.stray;
    return wrong;
}
