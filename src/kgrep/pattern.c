#include "kgrep/pattern.h"

#include "kgrep/buffer.h"
#include "kgrep/ere.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *line_end(const char *line)
{
    return line + strcspn(line, "\n");
}

/* Appends an expression's bytes where it has no operator. False: it has one. */
static bool plain_line(struct buffer *out, const char *at, const char *end)
{
    for (; at < end; at++) {
        if (strchr("^$.[()|*+?{", *at) != NULL)
            return false;
        if (*at == '\\' && (++at == end || strchr("^$.[()|*+?{]}\\", *at) == NULL))
            return false;
        buffer_put(out, at, 1);
    }
    return true;
}

static bool plain(struct buffer *out, const char *words, const struct pattern_rules *rules)
{
    for (const char *line = words;; line++) {
        const char *end = line_end(line);
        if (rules->fixed)
            buffer_put(out, line, (size_t)(end - line));
        else if (!plain_line(out, line, end))
            return false;
        line = end;
        if (*line == '\0')
            break;
        buffer_say(out, "\n");
    }
    for (size_t i = 0; rules->ignore_case && !out->failed && i < out->size; i++)
        if (isalpha((uint8_t)out->at[i]))
            return false;
    return true;
}

static void quote(struct buffer *out, const char *at, const char *end)
{
    for (; at < end; at++)
        buffer_byte(out, (uint8_t)*at);
}

/* All lines as alternatives of one PCRE2 pattern. */
static const char *translate(struct pattern *pattern, struct buffer *out, const char *words,
                             const struct pattern_rules *rules)
{
    struct ere ere = {.out = out};
    const char *wrong = NULL;
    buffer_say(out, rules->line ? "\\A(?:" : rules->word ? "(?<!\\w)(?:" : "(?:");
    for (const char *line = words; wrong == NULL; line++) {
        const char *end = line_end(line);
        if (rules->fixed)
            quote(out, line, end);
        else
            wrong = ere_translate(&ere, (const uint8_t *)line, (const uint8_t *)end);
        line = end;
        if (*line == '\0')
            break;
        buffer_say(out, "|");
    }
    buffer_say(out, rules->line ? ")\\z" : rules->word ? ")(?!\\w)" : ")");
    pattern->stray = ere.stray;
    return wrong;
}

enum pattern_result pattern_read(struct pattern *pattern, const char *words,
                                 const struct pattern_rules *rules, const char **why)
{
    struct buffer out = {0};
    *pattern = (struct pattern){0};
    *why = NULL;
    pattern->plain = plain(&out, words, rules);
    if (!pattern->plain) {
        out.size = 0;
        *why = translate(pattern, &out, words, rules);
    }
    pattern->text = out.at;
    pattern->size = out.size;
    if (out.failed)
        return PATTERN_MEMORY;
    return *why == NULL ? PATTERN_OK : PATTERN_WRONG;
}

void pattern_free(struct pattern *pattern)
{
    free(pattern->text);
    pattern->text = NULL;
}
