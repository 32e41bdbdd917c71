/* Random scripts of events, each of its own seed, drawn anew each time: `SEED=N TEST` plays that
 * one only. A script that fails tells its seed. */
#ifndef KPIPE_TEST_SCRIPTS_H
#define KPIPE_TEST_SCRIPTS_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static unsigned scripts_seed; /* of the one that is being played; 0: none */

static void scripts_play(unsigned count, void (*play)(void))
{
    const char *given = getenv("SEED");
    bool one = given != NULL && *given != '\0';
    unsigned first =
        one ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL) % 1000000 * 1000;
    printf("# SEED=%u and the next %u\n", first, one ? 0 : count - 1);
    for (unsigned i = 0; i < (one ? 1 : count); i++) {
        scripts_seed = first + i;
        srand(scripts_seed);
        play();
    }
    scripts_seed = 0;
}

/* The test's teardown. */
static int scripts_tell(void **state)
{
    (void)state;
    if (scripts_seed != 0)
        printf("# SEED=%u fails\n", scripts_seed);
    scripts_seed = 0;
    return 0;
}

#define SCRIPTS_TEST(test) cmocka_unit_test_teardown(test, scripts_tell)

#endif
