#include "kgrep/ere.h"

#include "kgrep/atoms.h"
#include "kgrep/bracket.h"

#include <ctype.h>

enum { REPEAT_MOST = 32767 }; /* RE_DUP_MAX */

static const char unmatched_open[] = "Unmatched ( or \\(";
static const char unmatched_close[] = "Unmatched ) or \\)";
static const char bad_interval[] = "Invalid content of \\{\\}";

/* From the bytes at `at`, as GNU reads them, to atoms. */
struct translator {
    const uint8_t *at, *end;
    char stray; /* as the ere's */
    struct atoms atoms;
};

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

/* An interval's least and most, -1 for what is not there, and what stood around them. */
struct interval {
    int least, most;
    bool comma, closed, wrong;
};

static struct interval read_interval(const uint8_t **at, const uint8_t *end, bool basic)
{
    struct interval read = {.least = number(at, end)};
    read.most = read.least;
    read.comma = *at < end && **at == ',';
    if (read.comma) {
        ++*at;
        read.most = number(at, end);
    }
    bool second = read.comma && *at < end && **at == ',';
    if (basic && *at < end && **at == '\\')
        ++*at;
    read.closed = *at < end && **at == '}' && (!basic || (*at)[-1] == '\\');
    read.wrong = second || (read.closed && ((read.least < 0 && !read.comma) ||
                                            (read.most >= 0 && read.most < read.least)));
    return read;
}

/* Behind '{' or '\{': an interval, or a mere brace. glibc checks only intervals behind a piece. */
static const char *brace(struct translator *t)
{
    const uint8_t *at = t->at;
    bool basic = t->atoms.ere->basic;
    struct interval read = read_interval(&at, t->end, basic);
    if (basic && t->atoms.idle) {
        atoms_literal(&t->atoms, '{');
        return NULL;
    }
    if (basic && !read.closed)
        return at == t->end ? "Unmatched \\{" : bad_interval;
    if (read.wrong && (basic || t->atoms.atom == ATOM_PIECE))
        return bad_interval;
    if (read.wrong || !read.closed) {
        atoms_literal(&t->atoms, '{');
        return NULL;
    }
    if ((read.most < 0 ? read.least : read.most) > REPEAT_MOST)
        return "Regular expression too big";
    t->at = at + 1;
    atoms_repeat(&t->atoms, read.least < 0 ? 0 : read.least, read.most);
    return NULL;
}

static const char *open_group(struct translator *t)
{
    if (t->atoms.depth == ATOMS_DEPTH)
        return "parentheses nest too deeply";
    atoms_group(&t->atoms);
    return NULL;
}

static const char *close_group(struct translator *t)
{
    if (t->atoms.depth == 0 && t->atoms.ere->basic)
        return unmatched_close;
    if (t->atoms.depth == 0)
        atoms_literal(&t->atoms, ')');
    else
        atoms_group_end(&t->atoms);
    return NULL;
}

static const char *bracket(struct translator *t)
{
    struct bracket set;
    const char *wrong = bracket_read(&set, &t->at, t->end);
    if (wrong == NULL)
        atoms_set(&t->atoms, &set);
    return wrong;
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
        return atoms_refer(&t->atoms, byte - '0') ? NULL : "Invalid back reference";
    for (size_t i = 0; letters[i] != '\0'; i++)
        if (byte == (uint8_t)letters[i]) {
            (i < 4 ? atoms_piece : atoms_anchor)(&t->atoms, words[i]);
            return NULL;
        }
    if ((isalpha(byte) || byte == '0') && t->stray == '\0')
        t->stray = (char)byte;
    atoms_literal(&t->atoms, byte);
    return NULL;
}

/* What both languages have. */
static const char *common_token(struct translator *t, uint8_t byte)
{
    switch (byte) {
    case '[':
        return bracket(t);
    case '.':
        atoms_piece(&t->atoms, "."); /* PCRE2_DOTALL: any byte */
        return NULL;
    default:
        atoms_literal(&t->atoms, byte);
        return NULL;
    }
}

/* Whether the alternative ends here: a $ in front is an anchor. */
static bool basic_ends(const struct translator *t)
{
    return t->at == t->end ||
           (t->end - t->at >= 2 && t->at[0] == '\\' && (t->at[1] == ')' || t->at[1] == '|'));
}

/* Behind a backslash. An operator that has nothing to repeat is a letter in basic expressions. */
static const char *basic_escape(struct translator *t)
{
    if (t->at == t->end)
        return escape(t);
    switch (*t->at++) {
    case '(':
        return open_group(t);
    case ')':
        return close_group(t);
    case '{':
        return brace(t);
    case '|':
        atoms_alternative(&t->atoms);
        return NULL;
    case '+':
        if (t->atoms.idle)
            break;
        atoms_repeat(&t->atoms, 1, -1);
        return NULL;
    case '?':
        if (t->atoms.idle)
            break;
        atoms_repeat(&t->atoms, 0, 1);
        return NULL;
    default:
        t->at--;
        return escape(t);
    }
    atoms_literal(&t->atoms, t->at[-1]);
    return NULL;
}

static const char *basic_token(struct translator *t)
{
    uint8_t byte = *t->at++;
    if (byte == '\\')
        return basic_escape(t);
    if (byte == '*' && !t->atoms.idle)
        atoms_repeat(&t->atoms, 0, -1);
    else if (byte == '^' && t->atoms.atom == ATOM_NONE)
        atoms_anchor(&t->atoms, "\\A");
    else if (byte == '$' && basic_ends(t))
        atoms_anchor(&t->atoms, "\\z");
    else
        return common_token(t, byte);
    return NULL;
}

static const char *extended_token(struct translator *t)
{
    uint8_t byte = *t->at++;
    switch (byte) {
    case '\\':
        return escape(t);
    case '{':
        return brace(t);
    case '(':
        return open_group(t);
    case ')':
        return close_group(t);
    case '|':
        atoms_alternative(&t->atoms);
        return NULL;
    case '*':
        atoms_repeat(&t->atoms, 0, -1);
        return NULL;
    case '+':
        atoms_repeat(&t->atoms, 1, -1);
        return NULL;
    case '?':
        atoms_repeat(&t->atoms, 0, 1);
        return NULL;
    case '^':
        atoms_anchor(&t->atoms, "\\A");
        return NULL;
    case '$':
        atoms_anchor(&t->atoms, "\\z");
        return NULL;
    default:
        return common_token(t, byte);
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
    struct translator t = {.at = at, .end = end};
    const char *wrong = NULL;
    atoms_open(&t.atoms, ere, ere->captures || refers_back(at, end));
    while (wrong == NULL && t.at < t.end)
        wrong = ere->basic ? basic_token(&t) : extended_token(&t);
    atoms_close(&t.atoms);
    if (wrong == NULL && t.atoms.depth > 0)
        wrong = unmatched_open;
    if (ere->stray == '\0')
        ere->stray = t.stray;
    return wrong;
}
