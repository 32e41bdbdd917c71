/* Any text as a place, a time, a topic with partitions, a list of brokers: what is taken means what
 * it may mean, and nothing of it depends on where the text stands. */
#include "fuzz.h"
#include "kafka/brokers.h"
#include "kcat-in/wanted.h"
#include "util/when.h"

static const int64_t now = 1700000000000;

static void as_a_place(const char *text)
{
    struct range range;
    if (!range_parse(text, now, &range))
        return;
    MUST(range.value >= 0);
    for (int64_t low = 0; low < INT64_MAX / 4; low = low * 3 + 1) {
        int64_t high = low * 2, found = low / 2, at = range_resolve(&range, low, high, found);
        MUST(at >= low);
        MUST(at <= high || range.kind == RANGE_OFFSET);
        MUST(range.kind != RANGE_LAST || high - at <= range.value);
    }
}

static void as_a_time(const char *text)
{
    int64_t ms, later;
    if (!when_parse(text, now, &ms))
        return;
    MUST(ms >= 0);
    MUST(when_parse(text, now + 1, &later));
    MUST(later == ms || later == ms + 1); /* what is ago goes with the clock */
}

static void as_a_topic(char *text)
{
    struct wanted wanted = {0};
    struct fault fault = {.tool = "position"};
    if (text[0] == '^') /* a regular expression is the C library's */
        return;
    bool taken = wanted_add(&wanted, text, &fault);
    MUST(taken == (fault.status == 0) && wanted.count == (size_t)taken);
    if (taken) {
        int32_t highest = wanted_highest(&wanted, wanted.names[0]);
        MUST(wanted.names[0][0] != '\0' && wanted_topic(&wanted, wanted.names[0]));
        MUST(wanted_some(&wanted) == (highest >= 0));
        MUST(wanted_partition(&wanted, wanted.names[0], highest < 0 ? 7 : highest));
        MUST(highest < 0 || highest == INT32_MAX ||
             !wanted_partition(&wanted, wanted.names[0], highest + 1));
    }
    wanted_close(&wanted);
}

static void as_brokers(const char *text)
{
    struct span wrong = brokers_wrong(text);
    MUST(wrong.size == 0 || (wrong.at >= (const uint8_t *)text &&
                             wrong.at + wrong.size <= (const uint8_t *)text + strlen(text)));
    MUST(memchr(wrong.size == 0 ? "" : (const char *)wrong.at, ',', wrong.size) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    MUST(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    as_a_place(text);
    as_a_time(text);
    as_brokers(text);
    as_a_topic(text); /* it is cut there */
    free(text);
    return 0;
}
