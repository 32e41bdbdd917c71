/* A second reader of the record stream, written from kframe(5): it says whether some bytes are a
 * whole and clean stream. It shares no code with src/, so that the two can be held against each
 * other. */
#ifndef KPIPE_TESTS_FUZZ_MODEL_H
#define KPIPE_TESTS_FUZZ_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const char model_magic[] = "kpipe/1 records; read with kout\n";

/* Where the model stands in a segment. */
struct model {
    const uint8_t *at, *end;
    uint64_t hash, frames, bytes; /* the hop check */
    uint64_t records, controls, barriers, sources, cap;
    uint64_t lined;       /* those of the records that are in LINES */
    bool sums;            /* HELLO's */
    bool group, preamble; /* HELLO named a group, and OPEN has not come */
    bool final;
    uint64_t all_records; /* of all segments */
};

static inline uint64_t model_number(const uint8_t *at, int size)
{
    uint64_t number = 0;
    while (size-- > 0)
        number = number * 256 + at[size];
    return number;
}

static inline uint64_t model_hash(uint64_t hash, const uint8_t *at, uint64_t size)
{
    for (uint64_t i = 0; i < size; i += 8)
        hash = ((hash * 32 + (hash >> 59)) ^ model_number(at + i, 8)) * 0x9e3779b97f4a7c15U;
    return hash;
}

static inline uint64_t model_padded(uint64_t length)
{
    return (length + 7) / 8 * 8;
}

/* The bytes that the hash takes of a frame. */
static inline uint64_t model_guarded(const uint8_t *frame)
{
    if (frame[4] == 3)
        return (frame[5] & 4) != 0 ? 40 : 32;
    if (frame[4] == 12) {
        uint64_t head = 32 + model_padded(4 * model_number(frame + 12, 4));
        uint64_t all = model_padded(model_number(frame, 4));
        return head < all ? head : all;
    }
    bool header = frame[4] == 4 || frame[4] == 5 || frame[4] == 10 || frame[4] == 11;
    return header ? 32 : model_padded(model_number(frame, 4));
}

static inline void model_count(struct model *model, uint64_t size)
{
    model->hash = model_hash(model->hash, model->at, model_guarded(model->at));
    model->frames++;
    model->bytes += size;
}

static inline bool model_headers(const uint8_t *at, uint64_t size, uint64_t count)
{
    for (; count > 0; count--) {
        if (size < 8)
            return false;
        uint64_t name = model_number(at, 4), value = model_number(at + 4, 4);
        uint64_t whole = 8 + name + (value == 0xffffffff ? 0 : value);
        if (whole > size)
            return false;
        at += whole;
        size -= whole;
    }
    return size == 0;
}

/* RFC 3720, appendix B.4: CRC-32C, a bit at a time. */
static inline uint32_t model_crc(const uint8_t *at, uint64_t size)
{
    uint32_t rest = 0xffffffff;
    while (size-- > 0) {
        rest ^= *at++;
        for (int bit = 0; bit < 8; bit++)
            rest = (rest & 1) != 0 ? (rest >> 1) ^ 0x82f63b78 : rest >> 1;
    }
    return rest ^ 0xffffffff;
}

/* A record with flag 32 ends with its checksum and zeros. */
static inline bool model_summed(const uint8_t *at, uint64_t length)
{
    for (uint64_t i = length; i < model_padded(length); i++)
        if (at[i] != 0)
            return false;
    return length >= 36 && model_number(at + length - 4, 4) == model_crc(at, length - 4);
}

static inline bool model_record(struct model *model, uint64_t whole)
{
    const uint8_t *at = model->at;
    bool summed = (at[5] & 32) != 0;
    if (summed && !model_summed(at, whole))
        return false;
    uint64_t length = summed ? whole - 4 : whole, flags = at[5] & 0xdf, head = model_guarded(at),
             block = 0, key = model_number(at + 12, 4);
    if (flags >= 24 || length < head || model_number(at + 8, 4) > model->sources)
        return false;
    if (head == 40)
        block = model_number(at + 32, 4);
    if (head + key + block > length)
        return false;
    uint64_t value = length - head - key - block;
    if (((flags & 1) != 0 && key != 0) || ((flags & 2) != 0 && value != 0))
        return false;
    if (head == 40 && !model_headers(at + length - block, block, model_number(at + 36, 4)))
        return false;
    model_count(model, model_padded(whole));
    model->records++;
    return true;
}

static inline bool model_lines(struct model *model, uint64_t length)
{
    const uint8_t *at = model->at;
    uint64_t count = model_number(at + 12, 4), gap = model_number(at + 24, 8), all = 0;
    uint64_t head = 32 + model_padded(4 * count), source = model_number(at + 8, 4);
    if (model->group || model->sums || at[5] != 0 || source == 0 || source > model->sources ||
        count == 0 || gap > 255 || model_number(at + 16, 8) > INT64_MAX - UINT32_MAX ||
        length % 8 != 0 || head > length)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t size = model_number(at + 32 + 4 * i, 4);
        if (size < gap || size - gap > model->cap)
            return false;
        all += size;
    }
    if (head + all > length || head + all + 8 <= length)
        return false;
    model_count(model, length);
    model->records += count;
    model->lined += count;
    model->controls++;
    return true;
}

static inline bool model_hello(struct model *model, uint64_t length)
{
    const uint8_t *at = model->at;
    if (length < 64 || at[5] > 3 || model_number(at + 8, 8) != 0 || model_number(at + 24, 8) != 0)
        return false;
    if (model_number(at + 32, 4) != 1 || model_number(at + 44, 4) != 0)
        return false;
    model->cap = model_number(at + 16, 8);
    if (model->cap > (1 << 30) - 129)
        return false;
    model->sums = (at[5] & 2) != 0;
    model->group = model->preamble = model_number(at + 40, 4) > 0;
    return 64 + model_number(at + 36, 4) + model_number(at + 40, 4) == length;
}

/* BARRIER and END: the check in the body is the one that we have. */
static inline bool model_check(struct model *model, uint64_t length)
{
    const uint8_t *at = model->at;
    if (length != 56 || model_number(at + 8, 8) != 0)
        return false;
    model->hash = model_hash(model->hash, at, 32);
    bool same = model_number(at + 32, 8) == model->frames &&
                model_number(at + 40, 8) == model->bytes && model_number(at + 48, 8) == model->hash;
    model->frames = model->bytes = 0;
    return same;
}

static inline bool model_barrier(struct model *model, uint64_t length)
{
    const uint8_t *at = model->at;
    model->final = at[5] == 1;
    model->controls++;
    return at[5] <= 1 && model_number(at + 24, 8) == 0 && model_check(model, length) &&
           model_number(at + 16, 8) == ++model->barriers;
}

static inline bool model_open(struct model *model, uint64_t length)
{
    const uint8_t *at = model->at;
    bool exact = length == 32 && at[5] == 0 && model_number(at + 12, 4) == 0 &&
                 model_number(at + 16, 8) == 0 && model_number(at + 24, 8) == 0;
    if (!exact || !model->preamble)
        return false;
    model->preamble = false;
    model_count(model, 32);
    model->controls++;
    return true;
}

static inline bool model_name(const uint8_t *at, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++)
        if (!(at[i] == '_' || (at[i] >= '0' && at[i] <= '9') || (at[i] >= 'A' && at[i] <= 'Z') ||
              (at[i] >= 'a' && at[i] <= 'z')))
            return false;
    return size >= 1 && size <= 64;
}

/* STORE, TASK, RESTORE and STATE. */
static inline bool model_state(const struct model *model, uint64_t length)
{
    const uint8_t *at = model->at;
    uint64_t task = model_number(at + 8, 4), key = model_number(at + 12, 4), name = 0;
    uint64_t offset = model_number(at + 16, 8), time = model_number(at + 24, 8);
    if (at[4] == 8)
        return model->preamble && at[5] == 0 && task == 0 && offset == 1 && time == 0 &&
               key == length - 32 && model_name(at + 32, key);
    if (model->preamble || !model->group || task > INT32_MAX)
        return false;
    if (at[4] == 9)
        return length == 32 && key == 0 && time == 0 && offset >= 1 && offset <= 3 &&
               at[5] <= (offset == 1);
    if (key > length - 32 ||
        (at[4] == 10 ? at[5] != 0 || time != 0
                     : offset != 0 || (at[5] != 0 && at[5] != 8 && at[5] != 16)))
        return false;
    while (32 + key + name < length && name <= 64 && at[32 + key + name] != 0)
        name++;
    return 32 + key + name < length && model_name(at + 32 + key, name);
}

static inline bool model_control(struct model *model, uint64_t length)
{
    const uint8_t *at = model->at;
    if (at[4] >= 8 && at[4] <= 11 && !model_state(model, length))
        return false;
    if (at[4] == 2 && (at[5] != 0 || model_number(at + 8, 4) != ++model->sources ||
                       model->sources > 1 << 20 || model_number(at + 12, 4) != length - 32))
        return false;
    if (at[4] != 2 && (at[4] < 8 || at[4] > 11) && at[4] < 0x80)
        return false;
    model_count(model, model_padded(length));
    model->controls++;
    return true;
}

/* The length of the frame at model->at; 0 for a frame that cannot be. */
static inline uint64_t model_length(const struct model *model, uint64_t most)
{
    uint64_t left = (uint64_t)(model->end - model->at);
    if (left < 32)
        return 0;
    uint64_t length = model_number(model->at, 4);
    uint8_t kind = model->at[4];
    if (most < 65536 || (kind != 3 && (kind < 10 || kind > 12) && kind < 0x80))
        most = 65536;
    bool guarded = ((length ^ length >> 16 ^ 0x706b) & 0xffff) == model_number(model->at + 6, 2);
    return !guarded || length < 32 || length > most || model_padded(length) > left ? 0 : length;
}

static inline bool model_frame(struct model *model, uint64_t length)
{
    switch (model->at[4]) {
    case 3:
        return !model->final && !model->preamble && model_record(model, length);
    case 4:
        return !model->final && !model->preamble && model_barrier(model, length);
    case 12:
        return !model->final && model_lines(model, length);
    case 7:
        return !model->final && model_open(model, length);
    default:
        return !model->final && model_control(model, length);
    }
}

static inline bool model_end(struct model *model, uint64_t length)
{
    const uint8_t *at = model->at;
    return model->final && at[5] == 0 && model_check(model, length) &&
           model_number(at + 16, 8) == model->records &&
           model_number(at + 24, 8) == model->records + model->controls - model->lined;
}

/* One segment from its magic to its END. */
static inline bool model_segment(struct model *model)
{
    if (model->end - model->at < 32 || memcmp(model->at, model_magic, 32) != 0)
        return false;
    model->at += 32;
    uint64_t length = model_length(model, 65536);
    if (length == 0 || model->at[4] != 1 || !model_hello(model, length))
        return false;
    model->hash = 0x9e3779b97f4a7c15U;
    model->frames = model->bytes = 0;
    model->records = model->lined = model->barriers = model->sources = 0;
    model->controls = 1;
    model->final = false;
    model_count(model, model_padded(length));
    for (;;) {
        model->at += model_padded(length);
        length = model_length(model, model->cap + 128);
        if (length == 0)
            return false;
        if (model->at[4] == 5)
            break;
        if (!model_frame(model, length))
            return false;
    }
    if (!model_end(model, length))
        return false;
    model->at += 56;
    model->all_records += model->records;
    return true;
}

/* Whether the bytes are one or more whole segments, each with its END; *records are in them. */
static inline bool model_clean(const uint8_t *data, size_t size, uint64_t *records)
{
    struct model model = {.at = data, .end = data + size};
    while (model.at < model.end)
        if (!model_segment(&model))
            return false;
    *records = model.all_records;
    return size > 0;
}

#endif
