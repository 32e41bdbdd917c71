#include "kcat-in/places.h"

#include <search.h>
#include <stdlib.h>

enum { PLACES_MOST = 1 << 20 }; /* stream/reader takes no more */

struct place {
    struct span topic; /* of a place in the tree: the bytes behind the struct */
    int64_t partition;
    uint32_t number;
};

static int compare(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    if (a->partition != b->partition)
        return a->partition < b->partition ? -1 : 1;
    if (a->topic.size != b->topic.size)
        return a->topic.size < b->topic.size ? -1 : 1;
    return a->topic.size == 0 ? 0 : memcmp(a->topic.at, b->topic.at, a->topic.size);
}

static struct place *new_place(const struct place *like, uint32_t number)
{
    struct place *place = malloc(sizeof *place + like->topic.size);
    if (place == NULL)
        return NULL;
    uint8_t *topic = (uint8_t *)(place + 1);
    if (like->topic.size > 0)
        memcpy(topic, like->topic.at, like->topic.size);
    *place = (struct place){span_of(topic, like->topic.size), like->partition, number};
    return place;
}

static struct place *add(struct places *places, const struct place *like, struct fault *fault)
{
    if (places->count == PLACES_MOST) {
        fault_set(fault, STATUS_DATA, "more than %d topics and partitions: read them in parts",
                  (int)PLACES_MOST);
        return NULL;
    }
    struct place *place = new_place(like, places->count + 1);
    if (place == NULL || tsearch(place, &places->tree, compare) == NULL) {
        free(place);
        fault_memory(fault);
        return NULL;
    }
    places->count++;
    return place;
}

uint32_t places_number(struct places *places, struct span topic, int64_t partition,
                       struct writer *writer, struct fault *fault)
{
    struct place like = {topic, partition, 0};
    if (places->last != NULL && compare(places->last, &like) == 0)
        return places->last->number;
    struct place *const *found = tfind(&like, &places->tree, compare);
    if (found != NULL) {
        places->last = *found;
        return places->last->number;
    }
    struct place *place = add(places, &like, fault);
    if (place == NULL)
        return 0;
    places->last = place;
    writer_source(writer, place->number, topic, partition, -1);
    return place->number;
}

void places_close(struct places *places)
{
    tdestroy(places->tree, free);
    *places = (struct places){0};
}
