#include "stream/stage.h"

#include <unistd.h>

bool stage_open(struct stage *stage, bool mute, struct fault *fault)
{
    *stage = (struct stage){.fault = fault, .mute = mute};
    bool opened = mute ? out_open(&stage->writer.out, STDOUT_FILENO, "standard output", fault)
                       : writer_open(&stage->writer, STDOUT_FILENO, fault);
    return opened && reader_open(&stage->reader, STDIN_FILENO, &stage->writer.out, fault);
}

/* Nothing was printed yet: what stands behind us hears of it in a stream. */
static void refuse_text(struct stage *stage)
{
    fault_set(stage->fault, STATUS_USAGE,
              "-c and -q end the line: behind kcat-in -g the end is kout");
    stage->mute = isatty(STDOUT_FILENO);
    stage->writer.ended = true; /* no magic is out */
}

/* A control frame on to the next stage. True: the filter must see it first. */
static bool control(struct stage *stage, const struct frame *frame)
{
    struct writer *writer = &stage->writer;
    bool others = frame->kind != FRAME_BARRIER && frame->kind != FRAME_END;
    if (others && stage->control != NULL && stage->control(stage->owner, frame))
        return false;
    switch (frame->kind) {
    case FRAME_HELLO_KIND:
        if (stage->mute && stage->reader.committing)
            refuse_text(stage);
        else if (!stage->mute)
            writer_hello(writer, &stage->reader.hello);
        return false;
    case FRAME_BARRIER:
        stage->barrier = *frame;
        return true;
    case FRAME_END:
        if (!stage->mute)
            writer_end(writer);
        return false;
    default:
        if (!stage->mute)
            writer_control(writer, frame);
        return false;
    }
}

enum stage_result stage_other(struct stage *stage, struct frame *frame)
{
    if (stage->barrier.kind != 0) {
        if (!stage->mute)
            writer_barrier(&stage->writer, stage->barrier.offset,
                           (stage->barrier.flags & FRAME_FINAL) != 0);
        stage->barrier.kind = 0;
    }
    enum reader_result got = READER_EOF;
    while (stage->fault->status == 0 &&
           (got = reader_next(&stage->reader, frame, -1)) == READER_FRAME) {
        if (frame->kind == FRAME_RECORD || frame->kind == FRAME_LINES)
            return STAGE_RECORD;
        if (control(stage, frame))
            return STAGE_BARRIER;
    }
    return got == READER_WAIT ? STAGE_WAIT : STAGE_DONE;
}

void stage_cut(struct stage *stage)
{
    if (stage->mute)
        return;
    writer_barrier(&stage->writer, stage->reader.barrier + 1, true);
    writer_end(&stage->writer);
}

void stage_close(struct stage *stage)
{
    struct fault *fault = stage->fault;
    if (stage->writer.out.buffer != NULL) {
        if (fault->status != 0 && !stage->mute)
            writer_abort(&stage->writer, fault);
        fault_tell(fault);
        writer_close(&stage->writer);
    }
    fault_tell(fault);
    reader_close(&stage->reader);
}

void stage_refuse(struct fault *fault)
{
    struct writer writer;
    fault_tell(fault);
    if (isatty(STDOUT_FILENO))
        return;
    struct fault ignored = {.tool = fault->tool};
    if (writer_open(&writer, STDOUT_FILENO, &ignored)) {
        writer_abort(&writer, fault);
        writer_close(&writer);
    }
}
