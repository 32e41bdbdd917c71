#include "kcat-in/screen.h"

#include "util/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_MS = 1000, EVERY_MS = 250, COLUMNS = 80 };

/* Who reads a file later has another terminal. */
static bool is_kept(void)
{
    struct stat status;
    return fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode);
}

void screen_open(struct screen *screen, bool wanted, struct fault *fault)
{
    const char *term = getenv("TERM");
    *screen = (struct screen){.fault = fault};
    screen->on = wanted && fault->terminal && term != NULL && strcmp(term, "dumb") != 0;
    screen->shared = screen->on && !is_kept();
}

/* Who is in the background has lent the terminal to somebody else. */
static bool in_foreground(void)
{
    pid_t group = tcgetpgrp(STDERR_FILENO);
    return group < 0 || group == getpgrp();
}

static int columns(void)
{
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : COLUMNS;
}

static void show(struct screen *screen)
{
    char line[sizeof FAULT_CLEAR + PROGRESS_LINE] = FAULT_CLEAR;
    char *at = line + sizeof FAULT_CLEAR - 1;
    size_t size = progress_line(&screen->progress, screen->what, columns(), at);
    if (size == 0 || !in_foreground())
        return;
    ssize_t written = write(STDERR_FILENO, line, sizeof FAULT_CLEAR - 1 + size);
    screen->fault->clears |= written > 0;
}

void screen_draw(struct screen *screen, const char *what, const struct progress_sum *sum)
{
    int64_t now = clock_ms();
    if (screen->what != what) {
        screen_clear(screen);
        progress_start(&screen->progress, sum, now);
        screen->what = what;
        screen->due = now + FIRST_MS;
        return;
    }
    progress_step(&screen->progress, sum, now);
    show(screen);
    screen->due = now + EVERY_MS;
}

void screen_clear(struct screen *screen)
{
    screen->what = NULL;
    if (!screen->on || !screen->fault->clears)
        return;
    screen->fault->clears = false;
    ssize_t written =
        in_foreground() ? write(STDERR_FILENO, FAULT_CLEAR, sizeof FAULT_CLEAR - 1) : 0;
    (void)written;
}
