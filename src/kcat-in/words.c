#include "kcat-in/words.h"

#include <getopt.h>
#include <stdlib.h>

void words_open(struct words *words, struct lines_options *lines)
{
    *words = (struct words){.lines = lines, .end = {'\n'}};
    lines->end = span_of(words->end, 1);
}

static struct span take_bytes(const char *option, uint8_t bytes[SEPARATOR_MOST],
                              struct fault *fault)
{
    size_t size;
    if (!parse_separator(optarg, bytes, &size))
        opt_bad_argument(fault, option, optarg,
                         "want one or more bytes, or \\n \\r \\t \\0 \\\\ \\xNN");
    return span_of(bytes, fault->status == 0 ? size : 0);
}

/* NAME=VALUE, or NAME alone: a null value, as kcat has it. */
static void take_header(struct words *words, struct fault *fault)
{
    struct shape *shape = &words->lines->shape;
    const char *equals = strchr(optarg, '=');
    struct header header = {span_str(optarg), span_of(NULL, 0)};
    if (equals != NULL) {
        header.name.size = (size_t)(equals - optarg);
        header.value = span_str(equals + 1);
    }
    if (header.name.size == 0) {
        opt_bad_argument(fault, "--header", optarg, "want NAME=VALUE, or NAME: a null value");
        return;
    }
    size_t size = shape->headers.size;
    uint8_t *block = realloc(words->headers, size + frame_header_size(&header));
    if (block == NULL) {
        fault_memory(fault);
        return;
    }
    words->headers = block;
    shape->headers = span_of(block, (size_t)(frame_header_put(block + size, &header) - block));
    shape->header_count++;
}

bool words_take(struct words *words, int key, struct fault *fault)
{
    struct lines_options *lines = words->lines;
    switch (key) {
    case '0':
        words->ends = words->first = "-0";
        words->end[0] = '\0';
        lines->end = span_of(words->end, 1);
        return true;
    case 'D':
        words->ends = words->first = "-D";
        lines->end = take_bytes("-D", words->end, fault);
        return true;
    case 'K':
        words->shapes = words->first = "-K";
        lines->shape.separator = take_bytes("-K", words->separator, fault);
        return true;
    case 'J':
        words->first = "-J";
        lines->json = true;
        return true;
    case WORDS_WHOLE:
        words->first = "--whole";
        lines->whole = true;
        lines->end.size = 0;
        return true;
    case WORDS_KEY:
        words->shapes = words->first = "--key";
        lines->shape.more = true;
        lines->shape.key = span_str(optarg);
        return true;
    case WORDS_HEADER:
        words->shapes = words->first = "--header";
        lines->shape.more = true;
        take_header(words, fault);
        return true;
    case WORDS_NULL_EMPTY:
        words->shapes = words->first = "--null-empty";
        lines->shape.more = true;
        lines->shape.null_empty = true;
        return true;
    default:
        return false;
    }
}

void words_check(const struct words *words, struct fault *fault)
{
    if (words->lines->whole && words->ends != NULL)
        fault_set(fault, STATUS_USAGE, "%s: with --whole a record ends where its file ends",
                  words->ends);
    const char *other = words->lines->whole   ? "--whole"
                        : words->ends != NULL ? words->ends
                                              : words->shapes;
    if (words->lines->json && other != NULL)
        fault_set(fault, STATUS_USAGE, "%s: with -J a line is an envelope, which says all itself",
                  other);
}

void words_close(struct words *words)
{
    free(words->headers);
    words->headers = NULL;
}
