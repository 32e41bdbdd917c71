#include "kafka/brokers.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Past "PROTOCOL://"; NULL: one that is unknown. */
static const char *protocol(const char *at, const char *end)
{
    static const char *const known[] = {"plaintext", "ssl", "sasl_plaintext", "sasl_ssl"};
    const char *mark = memmem(at, (size_t)(end - at), "://", 3);
    if (mark == NULL)
        return at;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strlen(known[i]) == (size_t)(mark - at) &&
            strncasecmp(at, known[i], (size_t)(mark - at)) == 0)
            return mark + 3;
    return NULL;
}

/* Past the host; NULL: there is none. */
static const char *host(const char *at, const char *end)
{
    const char *start = at;
    if (at < end && *at == '[') {
        const char *close = memchr(at, ']', (size_t)(end - at));
        return close == NULL || close == at + 1 ? NULL : close + 1;
    }
    while (at < end && *at != ':' && *at != '/' && isgraph((unsigned char)*at))
        at++;
    return at == start ? NULL : at;
}

static bool port(const char *at, const char *end)
{
    int number = 0;
    if (at == end)
        return true;
    if (*at++ != ':')
        return false;
    for (; at < end && isdigit((unsigned char)*at) && number <= 65535; at++)
        number = number * 10 + *at - '0';
    return at == end && number > 0 && number <= 65535;
}

static bool broker(const char *at, const char *end)
{
    at = protocol(at, end);
    if (at != NULL)
        at = host(at, end);
    return at != NULL && port(at, end);
}

struct span brokers_wrong(const char *list)
{
    while (*(list += strspn(list, ", ")) != '\0') {
        size_t size = strcspn(list, ",");
        const char *end = list + size;
        while (end > list && end[-1] == ' ')
            end--;
        if (!broker(list, end))
            return span_of(list, (size_t)(end - list));
        list += size;
    }
    return (struct span){0};
}
