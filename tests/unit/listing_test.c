/* kpipe-adm/listing: what people see, what programs read, and what neither may be harmed by. */
#include "kpipe-adm/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct column columns[] = {
    {"name", false}, {"count", true}, {"what", false}, {NULL, false}};

/* Prints into a string, which is compared. */
static void prints(const struct listing *listing, void (*print)(const struct listing *, FILE *),
                   const char *want)
{
    char *got = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&got, &size);
    print(listing, to);
    fclose(to);
    assert_string_equal(got, want);
    free(got);
}

static void columns_are_as_wide_as_they_must(void **state)
{
    (void)state;
    struct listing listing;
    listing_open(&listing, columns);
    listing_row(&listing, "a", INT64_C(5), "x");
    listing_row(&listing, "longer", INT64_C(1234567), "yy");
    listing_row(&listing, "b", INT64_C(-1), "");
    prints(&listing, listing_print,
           "NAME      COUNT  WHAT\n"
           "a             5  x\n"
           "longer  1234567  yy\n"
           "b             -  \n");
    prints(&listing, listing_json,
           "{\"name\":\"a\",\"count\":5,\"what\":\"x\"}\n"
           "{\"name\":\"longer\",\"count\":1234567,\"what\":\"yy\"}\n"
           "{\"name\":\"b\",\"count\":null,\"what\":\"\"}\n");
    prints(&listing, listing_names, "a\nlonger\nb\n");
    listing_close(&listing);
}

static void an_empty_table_has_its_heads(void **state)
{
    (void)state;
    struct listing listing;
    listing_open(&listing, columns);
    prints(&listing, listing_print, "NAME  COUNT  WHAT\n");
    prints(&listing, listing_json, "");
    prints(&listing, listing_names, "");
    listing_close(&listing);
}

static void foreign_bytes_are_escaped(void **state)
{
    (void)state;
    struct listing listing;
    listing_open(&listing, columns);
    listing_row(&listing, "\x1b[2J\"\\\n", INT64_MAX, "\xff\xc3\xa9");
    prints(&listing, listing_print,
           "NAME                       COUNT  WHAT\n"
           "\\x1b[2J\"\\\\n  9223372036854775807  \\xff\xc3\xa9\n");
    prints(&listing, listing_json,
           "{\"name\":\"\\u001b[2J\\\"\\\\\\u000a\",\"count\":9223372036854775807,"
           "\"what\":\"\\ufffd\xc3\xa9\"}\n");
    prints(&listing, listing_names, "\\x1b[2J\"\\\\n\n");
    listing_close(&listing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_they_must),
        cmocka_unit_test(an_empty_table_has_its_heads),
        cmocka_unit_test(foreign_bytes_are_escaped),
    };
    return cmocka_run_group_tests_name("listing", tests, NULL, NULL);
}
