/* ktr: translate, squeeze or delete bytes of each record. */
#include "ktr/sets.h"
#include "stream/field.h"
#include "stream/stage.h"
#include "text/terminal.h"
#include "util/opt.h"
#include "util/sandbox.h"
#include "util/start.h"

#include <getopt.h>
#include <unistd.h>

enum { KEY_ON = OPT_LONG, KEY_NO_SANDBOX };

static const char *const usage[] = {
    "[-cCdst] [-k | -H NAME | --on FIELD] [--no-sandbox] SET1 [SET2]", NULL};

static const struct opt opts[] = {
    {'c', "complement", NULL, "SET1 is the bytes it does not name"},
    {'C', "complement", NULL, "the same"},
    {'d', "delete", NULL, "delete the bytes in SET1"},
    {'s', "squeeze-repeats", NULL, "a run of one byte becomes one"},
    {'t', "truncate-set1", NULL, "cut SET1 to SET2's length"},
    {'k', "key", NULL, "change the key, not the value"},
    {'H', "header", "NAME", "change the headers of this name"},
    {KEY_ON, "on", "FIELD", "value, key or header:NAME"},
    {KEY_NO_SANDBOX, "no-sandbox", NULL, "may open and reach what you may"},
    {0}};

static const struct opt_hint hints[] = {
    {"-0", "belongs to kcat-in and kout: a record's newlines are data here"},
    {"-z", "belongs to kcat-in and kout, as -0: a record's newlines are data here"},
    {"-n", "belongs to kcat-in: kcat-in -n N | ktr ..."},
    {NULL, NULL}};

static const struct opt_tool tool = {"ktr", usage, opts, hints, sandbox_state};

struct ktr {
    struct stage stage;
    struct sets sets;
    struct map map;
    struct field field;
    bool named; /* the field: -k, -H or --on was given */
    bool no_sandbox;
};

static void choose(struct ktr *ktr, struct field field, struct fault *fault)
{
    if (ktr->named)
        fault_set(fault, STATUS_USAGE, "-k, -H, --on: one field at a time: use two ktr");
    ktr->field = field;
    ktr->named = true;
}

static void choose_word(struct ktr *ktr, struct fault *fault)
{
    struct field field;
    if (!field_parse(optarg, &field))
        opt_bad_argument(fault, "--on", optarg, "want value, key or header:NAME");
    else if (field.kind == FIELD_TOPIC || field.kind == FIELD_PARTITION || field.kind == FIELD_ANY)
        opt_bad_argument(fault, "--on", optarg,
                         "cannot be changed: name value, key or header:NAME");
    else
        choose(ktr, field, fault);
}

static void take(struct ktr *ktr, int key, struct fault *fault)
{
    switch (key) {
    case 'c':
    case 'C':
        ktr->sets.complement = true;
        break;
    case 'd':
        ktr->sets.drop = true;
        break;
    case 's':
        ktr->sets.squeeze = true;
        break;
    case 't':
        ktr->sets.truncate = true;
        break;
    case 'k':
        choose(ktr, (struct field){.kind = FIELD_KEY}, fault);
        break;
    case 'H':
        choose(ktr, (struct field){FIELD_HEADER, span_str(optarg)}, fault);
        break;
    case KEY_NO_SANDBOX:
        ktr->no_sandbox = true;
        break;
    case KEY_ON:
        choose_word(ktr, fault);
        break;
    }
}

static int options_read(struct ktr *ktr, int argc, char **argv, struct fault *fault)
{
    struct sets *sets = &ktr->sets;
    int key;
    while ((key = opt_next(&tool, argc, argv, fault)) >= 0)
        take(ktr, key, fault);
    if (key != OPT_END || fault->status != 0)
        return key == OPT_DONE ? OPT_DONE : OPT_WRONG;
    if (!sets_read(sets, argc - optind, argv + optind, &ktr->map, fault))
        return OPT_WRONG;
    if (isatty(STDIN_FILENO)) {
        fault_set(
            fault, STATUS_USAGE,
            "standard input: is a terminal: records come from a pipe: kcat-in FILE | ktr ...");
        return OPT_WRONG;
    }
    for (int i = 0; i < 2; i++)
        if (sets->notes[i][0] != '\0')
            fault_note(fault, "SET%d: %s", i + 1, sets->notes[i]);
    return OPT_END;
}

/* Changes the bytes in place. True: fewer are left, *bytes is shorter now. */
static bool change(const struct map *map, const struct frame *frame, struct span *bytes)
{
    if (bytes->at == NULL)
        return false;
    size_t before = bytes->size;
    bytes->size = map_apply(map, frame_edit(frame, *bytes), before);
    return bytes->size < before;
}

/* Moves a header, whose value has become shorter or has not, down to `to`: its sizes stand in the 8
 * bytes before its name (frame_header_put()). Returns the byte after it. */
static uint8_t *settle(uint8_t *to, const struct header *header)
{
    size_t size = frame_header_size(header);
    memmove(to, header->name.at - 8, size);
    if (header->value.at != NULL)
        store32(to + 4, (uint32_t)header->value.size);
    return to + size;
}

/* Every header of the name; nothing grows, so the block is rebuilt where it lies. */
static bool change_headers(const struct ktr *ktr, struct frame *frame)
{
    if (frame->headers.size == 0)
        return false;
    uint8_t *start = frame_edit(frame, frame->headers), *to = start;
    struct span block = frame->headers;
    struct header header;
    while (frame_header_next(&block, &header)) {
        if (span_equal(header.name, ktr->field.name))
            change(&ktr->map, frame, &header.value);
        to = settle(to, &header);
    }
    size_t before = frame->headers.size;
    frame->headers.size = (size_t)(to - start);
    return frame->headers.size < before;
}

static void translate(struct ktr *ktr, struct frame *frame)
{
    bool shorter;
    if (ktr->field.kind == FIELD_HEADER)
        shorter = change_headers(ktr, frame);
    else
        shorter =
            change(&ktr->map, frame, ktr->field.kind == FIELD_KEY ? &frame->key : &frame->value);
    struct record record;
    if (shorter) {
        record = record_of(frame);
        writer_record(&ktr->stage.writer, &record);
    } else {
        writer_edited(&ktr->stage.writer, frame);
    }
}

/* All at once: lengths stay, and the bytes between values are none's. */
static void translate_lines(struct ktr *ktr, const struct frame *frame)
{
    if (ktr->field.kind == FIELD_VALUE)
        map_apply(&ktr->map, frame_edit(frame, frame->value), frame->value.size);
    writer_lines_pass(&ktr->stage.writer, frame);
}

static void run(struct ktr *ktr, struct fault *fault)
{
    struct frame frame;
    enum stage_result got;
    if (!ktr->no_sandbox)
        sandbox_enter();
    if (stage_open(&ktr->stage, false, fault)) {
        ktr->stage.reader.takes_lines = !ktr->map.drops && !ktr->map.squeezes;
        while ((got = stage_next(&ktr->stage, &frame)) != STAGE_DONE)
            if (got == STAGE_RECORD && frame.kind == FRAME_LINES)
                translate_lines(ktr, &frame);
            else if (got == STAGE_RECORD)
                translate(ktr, &frame);
    }
    stage_close(&ktr->stage);
}

int main(int argc, char **argv)
{
    struct fault fault;
    struct terminal terminal = {0};
    struct ktr ktr = {0};
    start(&fault, tool.name);
    int got = options_read(&ktr, argc, argv, &fault);
    if (got == OPT_WRONG) {
        opt_tell(&tool, &fault);
        stage_refuse(&fault);
    }

    terminal.unconfined = ktr.no_sandbox;
    if (got == OPT_END && terminal_start(&terminal, NULL, &fault))
        run(&ktr, &fault);
    fault_tell(&fault);

    terminal_finish(&terminal, &fault);
    return finish(&fault);
}
