#include "kout/bucket.h"

#include <stdlib.h>

bool bucket_open(struct bucket *bucket, int32_t partitions, struct fault *fault)
{
    *bucket = (struct bucket){.partitions = partitions};
    bucket->records = calloc(BUCKET_ROOM, sizeof *bucket->records);
    bucket->partition = calloc(BUCKET_ROOM, sizeof *bucket->partition);
    bucket->order = calloc(BUCKET_ROOM, sizeof *bucket->order);
    bucket->start = calloc((size_t)partitions + 2, sizeof *bucket->start);
    if (bucket->records != NULL && bucket->partition != NULL && bucket->order != NULL &&
        bucket->start != NULL)
        return true;
    bucket_close(bucket);
    fault_memory(fault);
    return false;
}

bool bucket_put(struct bucket *bucket, const struct frame *frame, int32_t partition)
{
    bucket->records[bucket->count] = *frame;
    bucket->partition[bucket->count] = partition;
    return ++bucket->count == BUCKET_ROOM;
}

/* By counting: how many of each partition, from that where each begins, then each to its place.
 * While it places, start[p + 1] is where p's next record goes: at the end that is where p ends, so
 * one step to the right it is where the next begins. */
void bucket_sort(struct bucket *bucket)
{
    size_t slots = (size_t)bucket->partitions + 1;
    uint32_t *next = bucket->start + 1, sum = 0;
    memset(bucket->start, 0, (slots + 1) * sizeof *bucket->start);
    for (size_t i = 0; i < bucket->count; i++)
        next[bucket->partition[i] - BUCKET_ANY]++;
    for (size_t slot = 0; slot < slots; slot++) {
        uint32_t count = next[slot];
        next[slot] = sum;
        sum += count;
    }
    for (size_t i = 0; i < bucket->count; i++)
        bucket->order[next[bucket->partition[i] - BUCKET_ANY]++] = (uint32_t)i;
}

struct bucket_run bucket_run(const struct bucket *bucket, int32_t partition)
{
    const uint32_t *start = bucket->start + (partition - BUCKET_ANY);
    return (struct bucket_run){bucket->order + start[0], start[1] - start[0]};
}

void bucket_close(struct bucket *bucket)
{
    free(bucket->records);
    free(bucket->partition);
    free(bucket->order);
    free(bucket->start);
    *bucket = (struct bucket){0};
}
