#include "util/when.h"

#include "util/parse.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

/* The first milliseconds; as seconds they would be in the year 5138. */
static const uint64_t in_ms = 100000000000;

/* Exactly `count` digits with a value up to `most`; *word past them. -1: something else. */
static int field(const char **word, int count, int most)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (!isdigit((unsigned char)**word))
            return -1;
        value = value * 10 + *(*word)++ - '0';
    }
    return value <= most ? value : -1;
}

/* `mark` and then such a field. */
static int after(const char **word, char mark, int most)
{
    if (**word != mark)
        return -1;
    (*word)++;
    return field(word, 2, most);
}

static int days(int month, int year)
{
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 ? 28 + leap : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static bool read_date(const char **word, struct tm *tm)
{
    int year = field(word, 4, 9999), month = after(word, '-', 12), day = after(word, '-', 31);
    *tm = (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_isdst = -1};
    return year >= 0 && month > 0 && day > 0 && day <= days(month, year);
}

/* ".5" is 500 ms; what is finer than ms is cut. */
static bool read_fraction(const char **word, int *ms)
{
    if (**word != '.')
        return true;
    (*word)++;
    int unit = 100;
    if (!isdigit((unsigned char)**word))
        return false;
    for (; isdigit((unsigned char)**word); (*word)++, unit /= 10)
        *ms += (**word - '0') * unit;
    return true;
}

static bool read_time(const char **word, struct tm *tm, int *ms)
{
    if (**word == '\0')
        return true;
    if (strchr("Tt ", **word) == NULL)
        return false;
    (*word)++;
    tm->tm_hour = field(word, 2, 23);
    tm->tm_min = after(word, ':', 59);
    if (**word == ':')
        tm->tm_sec = after(word, ':', 60);
    return tm->tm_hour >= 0 && tm->tm_min >= 0 && tm->tm_sec >= 0 && read_fraction(word, ms);
}

/* Z, +hh:mm or -hh:mm, in seconds; *local: there is none. */
static bool read_zone(const char *word, int *seconds, bool *local)
{
    *local = *word == '\0';
    if (*local || strcmp(word, "Z") == 0 || strcmp(word, "z") == 0)
        return true;
    char sign = *word++;
    int hours = field(&word, 2, 23), minutes = after(&word, ':', 59);
    *seconds = (hours * 60 + minutes) * (sign == '-' ? -60 : 60);
    return (sign == '+' || sign == '-') && hours >= 0 && minutes >= 0 && *word == '\0';
}

static bool calendar(const char *word, int64_t *ms)
{
    struct tm tm;
    int fraction = 0, zone = 0;
    bool local;
    if (!read_date(&word, &tm))
        return false;
    bool whole_day = *word == '\0';
    if (!read_time(&word, &tm, &fraction) || !read_zone(word, &zone, &local))
        return false;
    time_t seconds = local || whole_day ? mktime(&tm) : timegm(&tm);
    *ms = ((int64_t)seconds - zone) * 1000 + fraction;
    return *ms >= 0;
}

bool when_parse(const char *word, int64_t now, int64_t *ms)
{
    uint64_t number;
    int64_t ago;
    if (strcmp(word, "now") == 0) {
        *ms = now;
        return true;
    }
    if (word[0] == '-') {
        *ms = parse_duration(word + 1, &ago) ? now - ago : -1;
        return *ms >= 0;
    }
    if (!parse_count(word, 0, &number))
        return calendar(word, ms);
    if (number > INT64_MAX / 1000)
        return false;
    *ms = (int64_t)(number < in_ms ? number * 1000 : number);
    return true;
}
