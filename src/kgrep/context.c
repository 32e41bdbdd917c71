#include "kgrep/context.h"

#include <stdlib.h>

/* A frame that is held. */
struct slot {
    uint8_t *at; /* owned */
    size_t size, room;
};

/* Slots are a ring: the oldest frame is slots[first]. */
struct context_lane {
    struct slot *slots; /* owned */
    size_t room, first, count;
    uint64_t to_come; /* records after a selected one */
};

enum { LANES_FIRST = 16, SLOTS_FIRST = 8 };

/* NULL: no memory, fault is set. */
static struct context_lane *lane_of(struct context *context, const struct frame *frame,
                                    struct fault *fault)
{
    size_t need = (size_t)frame->source + 1, room = context->lane_count;
    if (need > room) {
        for (room = room == 0 ? LANES_FIRST : room; room < need; room *= 2)
            ;
        struct context_lane *lanes = reallocarray(context->lanes, room, sizeof *lanes);
        if (lanes == NULL) {
            fault_memory(fault);
            return NULL;
        }
        memset(lanes + context->lane_count, 0, (room - context->lane_count) * sizeof *lanes);
        context->lanes = lanes;
        context->lane_count = room;
    }
    return &context->lanes[frame->source];
}

static void await(struct context *context, struct context_lane *lane, uint64_t to_come)
{
    context->pending -= lane->to_come > 0;
    lane->to_come = to_come;
    context->pending += to_come > 0;
}

bool context_select(struct context *context, const struct frame *frame, struct writer *writer,
                    struct fault *fault)
{
    struct context_lane *lane = lane_of(context, frame, fault);
    if (lane == NULL)
        return false;
    for (size_t i = 0; i < lane->count; i++) {
        const struct slot *slot = &lane->slots[(lane->first + i) % lane->room];
        const struct frame held = {.raw = slot->at, .size = slot->size};
        writer_pass(writer, &held);
    }
    lane->first = lane->count = 0;
    out_commit(&writer->out); /* slots are used again */
    await(context, lane, context->after);
    return true;
}

/* More slots, behind the others: the ring begins at the first until it has all it may have. */
static bool grow(const struct context *context, struct context_lane *lane)
{
    size_t room = lane->room == 0 ? SLOTS_FIRST : lane->room * 2;
    if (room > context->before)
        room = (size_t)context->before;
    struct slot *slots = reallocarray(lane->slots, room, sizeof *slots);
    if (slots == NULL)
        return false;
    memset(slots + lane->room, 0, (room - lane->room) * sizeof *slots);
    lane->slots = slots;
    lane->room = room;
    return true;
}

static bool fill(struct context *context, struct slot *slot, const struct frame *frame)
{
    size_t size = frame_room(frame);
    if (size > slot->room) {
        uint8_t *at = realloc(slot->at, size);
        if (at == NULL)
            return false;
        context->bytes += size - slot->room;
        slot->at = at;
        slot->room = size;
    }
    slot->size = size;
    frame_copy(slot->at, frame);
    return true;
}

static bool hold(struct context *context, struct context_lane *lane, const struct frame *frame)
{
    if (lane->count == lane->room && lane->room < context->before && !grow(context, lane))
        return false;
    if (lane->count == lane->room) {
        lane->first = (lane->first + 1) % lane->room;
        lane->count--;
    }
    struct slot *slot = &lane->slots[(lane->first + lane->count) % lane->room];
    lane->count++;
    return fill(context, slot, frame);
}

bool context_follows(struct context *context, const struct frame *frame, struct fault *fault)
{
    struct context_lane *lane = lane_of(context, frame, fault);
    if (lane == NULL)
        return false;
    if (lane->to_come > 0) {
        await(context, lane, lane->to_come - 1);
        return true;
    }
    if (context->before > 0 && !hold(context, lane, frame))
        fault_memory(fault);
    if (context->bytes > CONTEXT_MOST)
        fault_set(fault, STATUS_OS,
                  "-B: the records that are held take over %d MiB: hold fewer of them",
                  CONTEXT_MOST >> 20);
    return false;
}

void context_clear(struct context *context)
{
    for (size_t i = 0; i < context->lane_count; i++) {
        context->lanes[i].first = context->lanes[i].count = 0;
        await(context, &context->lanes[i], 0);
    }
}

void context_close(struct context *context)
{
    for (size_t i = 0; i < context->lane_count; i++) {
        for (size_t j = 0; j < context->lanes[i].room; j++)
            free(context->lanes[i].slots[j].at);
        free(context->lanes[i].slots);
    }
    free(context->lanes);
    *context = (struct context){0};
}
