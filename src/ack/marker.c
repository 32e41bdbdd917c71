#include "ack/marker.h"

#include <inttypes.h>
#include <stdio.h>

struct span marker_key(void)
{
    static const char key[] = "\0kpipe marker";
    return span_of((const uint8_t *)key, sizeof key - 1);
}

void marker_note(char to[MARKER_NOTE], struct span store, const uint8_t run_id[MARKER_RUN_ID],
                 int64_t barrier)
{
    char run[2 * MARKER_RUN_ID + 1];
    for (int i = 0; i < MARKER_RUN_ID; i++)
        snprintf(run + 2 * i, 3, "%02x", run_id[i]);
    snprintf(to, MARKER_NOTE, "kpipe/1 %.*s %s %" PRId64, (int)store.size, (const char *)store.at,
             run, barrier);
}

size_t marker_value(char to[MARKER_VALUE], const char *note, struct span group)
{
    return (size_t)snprintf(to, MARKER_VALUE, "%s %.*s", note, (int)group.size,
                            (const char *)group.at);
}

static bool names_a_topic(struct span group)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    for (size_t i = 0; i < group.size; i++)
        if (memchr(letters, group.at[i], sizeof letters - 1) == NULL)
            return false;
    return group.size > 0;
}

bool marker_topic(char to[MARKER_TOPIC + 1], struct span group, struct span store)
{
    int size = snprintf(to, MARKER_TOPIC + 1, "%.*s-%.*s-changelog", (int)group.size,
                        (const char *)group.at, (int)store.size, (const char *)store.at);
    return names_a_topic(group) && size <= MARKER_TOPIC;
}
