/* kgrep: select records. */
#include "kgrep/context.h"
#include "kgrep/match.h"
#include "kgrep/scan.h"
#include "kgrep/selecting.h"
#include "kgrep/take.h"
#include "stream/stage.h"
#include "text/terminal.h"
#include "util/sandbox.h"
#include "util/start.h"

#include <inttypes.h>
#include <stdio.h>

struct kgrep {
    struct selecting options;
    struct pattern pattern;
    struct match match;
    struct scan scan;
    bool scans; /* there are strings of which each record that matches has one ... */
    bool sure;  /* ... and one of them is a match wherever it stands in a value */
    struct take take;
    struct context context;
    struct stage stage;
    uint64_t count; /* records selected */
};

/* Where the next match is in a field that is shown. */
static bool find_painted(void *arg, struct span field, size_t from, struct span *found)
{
    return match_place(arg, field, from, found, NULL) == MATCH_YES;
}

/* Only keys and values are shown. What -o has put there is all that is left to be seen. */
static bool start_terminal(struct kgrep *kgrep, struct terminal *terminal, struct fault *fault)
{
    const struct selecting *options = &kgrep->options;
    const struct text_paint paint = {find_painted, &kgrep->match, options->field.kind == FIELD_KEY};
    bool shown = options->field.kind == FIELD_KEY || options->field.kind == FIELD_VALUE;
    terminal->unconfined = options->no_sandbox;
    return terminal_start(terminal, shown && options->paints ? &paint : NULL, fault);
}

static void tell_wrong(const struct given *words, const char *why, struct fault *fault)
{
    struct span all = given_span(words);
    int size = (int)(all.size > 200 ? 200 : all.size - 1);
    fault_set(fault, STATUS_USAGE, "%.*s: %s: to take it as it stands: -F", size,
              (const char *)all.at, why);
}

/* PATTERN as it will be matched. False: the fault is set. */
static bool ready(struct kgrep *kgrep, struct fault *fault)
{
    struct selecting *options = &kgrep->options;
    struct pattern *pattern = &kgrep->pattern;
    struct span words = given_span(&options->words);
    const char *why;
    switch (pattern_read(pattern, words, &options->rules, &why)) {
    case PATTERN_MEMORY:
        fault_memory(fault);
        return false;
    case PATTERN_WRONG:
        tell_wrong(&options->words, why, fault);
        return false;
    case PATTERN_OK:
        break;
    }
    if (pattern->stray != '\0')
        fault_note(fault, "%.*s: stray \\ before %c: matches %c itself",
                   (int)(words.size > 200 ? 200 : words.size - 1), (const char *)words.at,
                   pattern->stray, pattern->stray);
    scan_open(&kgrep->scan, &pattern->needed, options->rules.ignore_case);
    kgrep->scans = kgrep->scan.count > 0 && options->field.kind != FIELD_TOPIC &&
                   options->field.kind != FIELD_PARTITION;
    kgrep->sure = kgrep->scans && pattern->needed_whole && !options->rules.word &&
                  !options->rules.line && options->field.kind == FIELD_VALUE;
    return match_open(&kgrep->match, pattern, &options->rules, fault);
}

/* The field that matches, in *bytes. The value is taken without a walk: that is a quarter of the
 * instructions of a plain search. */
static enum match_result look(struct kgrep *kgrep, const struct frame *frame, struct span *bytes)
{
    const struct field *field = &kgrep->options.field;
    const struct in *in = &kgrep->stage.reader.in;
    struct field_walk walk;
    bool line = frame->size == 0; /* of many in a frame */
    const uint8_t *from = line ? frame->value.at : frame->raw;
    size_t size = line ? frame->value.size : frame->size;
    if (kgrep->scans && from + size <= scan_until(&kgrep->scan, in, from))
        return MATCH_NO;
    *bytes = frame->value;
    if (kgrep->sure && bytes->at != NULL && scan_within(&kgrep->scan, *bytes))
        return MATCH_YES;
    if (field->kind == FIELD_VALUE)
        return bytes->at == NULL ? MATCH_NO : match_find(&kgrep->match, *bytes);
    field_start(&walk, frame);
    while (field_next(field, &kgrep->stage.reader, frame, &walk, bytes)) {
        enum match_result got = match_find(&kgrep->match, *bytes);
        if (got != MATCH_NO)
            return got;
    }
    return MATCH_NO;
}

/* A search ended without an answer. */
static void undecided(struct kgrep *kgrep, const struct frame *frame)
{
    char place[PLACE_MOST];
    struct stage *stage = &kgrep->stage;
    const char *why = search_why(kgrep->match.search);
    reader_place(&stage->reader, frame, place);
    if (kgrep->options.skip)
        fault_note(stage->fault, "%s: cannot be decided: %s: left out", place, why);
    else
        fault_set(stage->fault, STATUS_DATA, "%s: cannot be decided: %s: simplify PATTERN", place,
                  why);
}

/* Whether a record is selected; false too where that cannot be known. */
static bool selects(struct kgrep *kgrep, const struct frame *frame, struct span *bytes)
{
    switch (look(kgrep, frame, bytes)) {
    case MATCH_NO:
        return kgrep->options.invert;
    case MATCH_YES:
        return !kgrep->options.invert;
    case MATCH_GAVE_UP:
        undecided(kgrep, frame);
    }
    return false;
}

/* -o: the record with what matched in `bytes`. */
static void put_match(struct kgrep *kgrep, const struct frame *frame, struct span bytes)
{
    struct stage *stage = &kgrep->stage;
    struct record record = record_of(frame);
    struct span found, first;
    char place[PLACE_MOST];
    bool group = kgrep->options.into_chosen && kgrep->match.groups;
    switch (match_place(&kgrep->match, bytes, 0, &found, group ? &first : NULL)) {
    case MATCH_NO:
        return; /* nothing but empty matches */
    case MATCH_GAVE_UP:
        undecided(kgrep, frame);
        return;
    case MATCH_YES:
        break;
    }
    if (!take_into(&kgrep->take, &record, group ? first : found))
        fault_memory(stage->fault);
    else if (record.key.size + record.value.size + record.headers.size >
             stage->reader.hello.record_cap)
        fault_set(stage->fault, STATUS_DATA,
                  "%s: is too large with what matched in it: kcat-in --max-record",
                  reader_place(&stage->reader, frame, place));
    else
        writer_record(&stage->writer, &record);
}

static void put(struct kgrep *kgrep, const struct frame *frame, struct span bytes)
{
    struct stage *stage = &kgrep->stage;
    kgrep->count++;
    if (stage->mute)
        return;
    if (context_wanted(&kgrep->context) &&
        !context_select(&kgrep->context, frame, &stage->writer, stage->fault))
        return;
    if (kgrep->options.only)
        put_match(kgrep, frame, bytes);
    else
        writer_pass(&stage->writer, frame);
}

static void take_record(struct kgrep *kgrep, const struct frame *frame)
{
    struct context *context = &kgrep->context;
    bool all = kgrep->count == kgrep->options.most; /* only what comes after the last one is left */
    struct span bytes;
    if (all && context->pending == 0)
        return;
    if (!all && selects(kgrep, frame, &bytes)) {
        put(kgrep, frame, bytes);
    } else if (context_wanted(context) && kgrep->stage.fault->status == 0 &&
               context_follows(context, frame, kgrep->stage.fault)) {
        writer_pass(&kgrep->stage.writer, frame);
    }
}

/* Records that cannot match are dropped in one go where that is all there is to do with them. */
static enum stage_result next(struct kgrep *kgrep, bool drops, struct frame *frame)
{
    struct stage *stage = &kgrep->stage;
    const struct in *in = &stage->reader.in;
    const uint8_t *rest = reader_rest(&stage->reader);
    if (drops && rest < in->buffer + in->have)
        stage_skip(stage, scan_until(&kgrep->scan, in, rest));
    return stage_next(stage, frame);
}

/* A committing stream is read to its end: what is left out is done with too, and the far end must
 * see the barriers behind it. */
static void run(struct kgrep *kgrep)
{
    struct stage *stage = &kgrep->stage;
    bool drops = kgrep->scans && !kgrep->options.invert && !context_wanted(&kgrep->context);
    struct frame frame;
    enum stage_result got;
    while ((got = next(kgrep, drops, &frame)) != STAGE_DONE) {
        if (got == STAGE_BARRIER && (frame.flags & FRAME_FINAL) != 0)
            context_clear(&kgrep->context);
        if (got != STAGE_RECORD)
            continue;
        take_record(kgrep, &frame);
        if (stage->fault->status != 0)
            break;
        if (kgrep->count == kgrep->options.most && kgrep->context.pending == 0 &&
            !stage->reader.committing) {
            stage_cut(stage);
            break;
        }
    }
}

static void print_count(struct stage *stage, uint64_t count)
{
    char line[24];
    int size = snprintf(line, sizeof line, "%" PRIu64 "\n", count);
    out_put(&stage->writer.out, line, (size_t)size);
}

/* From standard input to standard output. Returns whether the status tells "nothing selected": in a
 * committing stream that is no failure of the line. */
static bool filter(struct kgrep *kgrep, struct fault *fault)
{
    const struct selecting *options = &kgrep->options;
    struct stage *stage = &kgrep->stage;
    kgrep->context.before = options->before;
    kgrep->context.after = options->after;
    kgrep->take.into = options->into;
    if (!options->no_sandbox)
        sandbox_enter();
    if (stage_open(stage, !selecting_frames(options), fault))
        run(kgrep);
    if (options->count && !options->quiet && fault->status == 0)
        print_count(stage, kgrep->count);
    stage_close(stage);
    return kgrep->count == 0 && !stage->reader.committing;
}

int main(int argc, char **argv)
{
    struct fault fault;
    struct terminal terminal = {0};
    struct kgrep kgrep = {0};
    bool none = true;
    start(&fault, selecting_tool.name);
    int got = selecting_read(&kgrep.options, argc, argv, &fault);
    if (got == OPT_DONE)
        return finish(&fault);

    bool frames = selecting_frames(&kgrep.options);
    if (got == OPT_END && ready(&kgrep, &fault) &&
        (!frames || start_terminal(&kgrep, &terminal, &fault))) {
        none = filter(&kgrep, &fault);
        terminal_finish(&terminal, &fault);
    } else {
        opt_tell(&selecting_tool, &fault);
        if (frames)
            stage_refuse(&fault);
        fault_tell(&fault);
    }

    context_close(&kgrep.context);
    take_close(&kgrep.take);
    match_close(&kgrep.match);
    pattern_free(&kgrep.pattern);
    given_close(&kgrep.options.words);
    int status = finish(&fault);
    return status == STATUS_OK && none ? STATUS_NONE : status;
}
