/* kgrep/uncounted: + and {N,} of what is no group become *, repeated groups call out, all else
 * stays. That both say the same of a field, tests/differential-grep and fuzz/pattern show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kgrep/uncounted.h"

#include <stdlib.h>
#include <string.h>

static void becomes(const char *pattern, const char *want)
{
    struct buffer out = {0};
    uncounted(&out, span_of((const uint8_t *)pattern, strlen(pattern)));
    buffer_put(&out, "", 1);
    assert_false(out.failed);
    assert_string_equal(out.at, want);
    free(out.at);
}

static void of_single_items(void **state)
{
    (void)state;
    becomes("", "(?C1)(?:)");
    becomes("ab*c?", "(?C1)(?:ab*c?)");
    becomes("a+", "(?C1)(?:aa*)");
    becomes("[\\x2ba-c]+x", "(?C1)(?:[\\x2ba-c][\\x2ba-c]*x)");
    becomes("\\x2b+\\w+.+", "(?C1)(?:\\x2b\\x2b*\\w\\w*..*)");
    becomes("a{2,}b{2}c{1,3}", "(?C1)(?:a{2}a*b{2}c{1,3})");
    becomes("a{12,}|b+$", "(?C1)(?:a{12}a*|bb*$)");
}

static void of_groups(void **state)
{
    (void)state;
    becomes("(?:a|b)c", "(?C1)(?:(?:a|b)c)");
    becomes("(?:a+)+", "(?C1)(?:(?:aa*(?C1))+)");
    becomes("((?:a)*){2,}", "(?C1)(?:((?:a(?C1))*(?C1)){2,})");
    becomes("(?<!\\w)(?:a)(?!\\w)", "(?C1)(?:(?<!\\w)(?:a)(?!\\w))");
    becomes("(?=)(?:a+)", "(?C1)(?:(?=)(?:aa*))");
    becomes("\\A(?:a)\\z", "(?C1)(?:\\A(?:a)\\z)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_single_items),
        cmocka_unit_test(of_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
