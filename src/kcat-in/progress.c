#include "kcat-in/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    WINDOW_MS = 5000, /* a rate forgets what was before */
    PIECE = 112,
    LEFT_MOST = 99 * 86400 /* seconds: who would believe more */
};

enum piece { NAME, RECORDS, PER_SECOND, BYTES, SHARE, LEFT, PIECES };

static int64_t within(int64_t value, int64_t most)
{
    return value < 0 ? 0 : value < most ? value : most;
}

void progress_part(struct progress_sum *sum, const struct progress_part *part)
{
    bool ends = part->end != INT64_MAX;
    int64_t work = ends ? within(part->end - part->start, INT64_MAX) : INT64_MAX;
    int64_t done = part->position - part->start;
    if (part->most > 0 && part->most < (uint64_t)work) {
        work = (int64_t)part->most;
        done = (int64_t)part->put;
    }
    if (work == INT64_MAX) {
        sum->endless = true;
        return;
    }
    sum->all += work;
    sum->done += part->done ? work : within(done, work);
}

static double share(int64_t done, int64_t all)
{
    return all > 0 ? (double)done / (double)all : 0;
}

void progress_count(struct progress_sum *sum, uint64_t count)
{
    int64_t all = count < INT64_MAX ? (int64_t)count : INT64_MAX;
    int64_t done = sum->records < count ? (int64_t)sum->records : all;
    if (count == 0 ||
        (!sum->endless && sum->all > 0 && share(done, all) < share(sum->done, sum->all)))
        return;
    sum->all = all;
    sum->done = done;
    sum->endless = false;
}

void progress_start(struct progress *progress, const struct progress_sum *sum, int64_t now)
{
    *progress = (struct progress){.began = now, .at = now, .sum = *sum};
}

/* Moves a rate towards what it was just now, the more the longer that took. */
static void move(double *rate, double moved, double seconds, double weight)
{
    *rate += ((moved > 0 ? moved / seconds : 0) - *rate) * weight;
}

void progress_step(struct progress *progress, const struct progress_sum *sum, int64_t now)
{
    int64_t passed = now - progress->at, since = now - progress->began;
    if (passed <= 0)
        return;
    double seconds = (double)passed / 1000;
    double weight = (double)passed / (double)(since < WINDOW_MS ? since : WINDOW_MS);
    if (weight > 1)
        weight = 1;
    const struct progress_sum *had = &progress->sum;
    move(&progress->records, (double)sum->records - (double)had->records, seconds, weight);
    move(&progress->bytes, (double)sum->bytes - (double)had->bytes, seconds, weight);
    move(&progress->done, (double)sum->done - (double)had->done, seconds, weight);
    progress->sum = *sum;
    progress->at = now;
}

/* "0", "9.3 ", "812 k": three digits at most, and the prefix of the unit that follows. */
static void put_rate(char piece[PIECE], double rate, const char *unit)
{
    static const char *const prefixes[] = {"", "k", "M", "G", "T", "P", "E", NULL};
    int n = 0;
    while (rate >= 999.5 && prefixes[n + 1] != NULL) {
        rate /= 1000;
        n++;
    }
    bool whole = rate >= 9.95 || rate < 0.05;
    snprintf(piece, PIECE, "%.*f%s%s%s", whole ? 0 : 1, rate,
             prefixes[n][0] != '\0' || *unit != '/' ? " " : "", prefixes[n], unit);
}

static void put_left(char piece[PIECE], int64_t seconds)
{
    int64_t hours = seconds / 3600;
    if (hours >= 48)
        snprintf(piece, PIECE, "%" PRId64 " days left", hours / 24);
    else if (hours > 0)
        snprintf(piece, PIECE, "%" PRId64 ":%02d:%02d left", hours, (int)(seconds / 60 % 60),
                 (int)(seconds % 60));
    else
        snprintf(piece, PIECE, "%d:%02d left", (int)(seconds / 60), (int)(seconds % 60));
}

/* What is not known stays empty. */
static void put_pieces(const struct progress *progress, const char *what,
                       char pieces[PIECES][PIECE])
{
    const struct progress_sum *sum = &progress->sum;
    snprintf(pieces[NAME], PIECE, "kcat-in: ");
    snprintf(pieces[RECORDS], PIECE, "%" PRIu64 " %.80s", sum->records, what);
    put_rate(pieces[PER_SECOND], progress->records, "/s");
    put_rate(pieces[BYTES], progress->bytes, "B/s");
    if (sum->endless || sum->all <= 0)
        return;
    snprintf(pieces[SHARE], PIECE, "%d %%",
             (int)(100 * share(within(sum->done, sum->all), sum->all)));
    double left = (double)(sum->all - sum->done);
    if (progress->done > 0 && left / progress->done < LEFT_MOST)
        put_left(pieces[LEFT], (int64_t)(left / progress->done + 0.5));
}

static size_t join(char pieces[PIECES][PIECE], char line[PROGRESS_LINE])
{
    size_t n = (size_t)snprintf(line, PROGRESS_LINE, "%s", pieces[NAME]);
    bool first = true;
    for (int i = RECORDS; i < PIECES; i++) {
        size_t size = strlen(pieces[i]) + (first ? 0 : 2);
        if (*pieces[i] == '\0' || n + size >= PROGRESS_LINE)
            continue;
        n += (size_t)snprintf(line + n, PROGRESS_LINE - n, "%s%s", first ? "" : ", ", pieces[i]);
        first = false;
    }
    return first ? 0 : n;
}

size_t progress_line(const struct progress *progress, const char *what, int columns,
                     char line[PROGRESS_LINE])
{
    static const enum piece in_turn[] = {BYTES, PER_SECOND, NAME, RECORDS, LEFT, SHARE};
    char pieces[PIECES][PIECE] = {{0}};
    put_pieces(progress, what, pieces);
    size_t n = join(pieces, line);
    for (int i = 0; i < PIECES && n > 0 && (columns < 1 || n >= (size_t)columns); i++) {
        pieces[in_turn[i]][0] = '\0';
        n = join(pieces, line);
    }
    return n;
}
