/* kout/file: where a file's last whole record ends, wherever its end lies. */
#include "sample.h"

#include "kout/file.h"

#include <fcntl.h>

/* `size` bytes x, with `end` behind the first `whole` of them; what file_append() leaves. */
static off_t left(const char *path, size_t whole, size_t torn, struct span end)
{
    struct bytes bytes = bytes_of("", 0);
    struct fault fault = {.tool = "file"};
    struct file file;
    for (size_t i = 0; i < whole; i++)
        bytes_add(&bytes, "x", 1);
    if (whole > 0)
        bytes_add(&bytes, end.at, end.size);
    for (size_t i = 0; i < torn; i++)
        bytes_add(&bytes, "y", 1);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes.at, bytes.size), (ssize_t)bytes.size);
    close(fd);
    free(bytes.at);
    assert_true(file_append(&file, path, end, &fault));
    struct stat status;
    assert_int_equal(fstat(file.fd, &status), 0);
    close(file.fd);
    file_close(&file);
    return status.st_size;
}

static void cut_behind_the_last_end(void **state)
{
    (void)state;
    char path[] = "/tmp/file_test.XXXXXX";
    close(mkstemp(path));
    const char *const ends[] = {"\n", "<end>", "aa",
                                "0123456789012345678901234567890123456789012345678901234567890123"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct span end = span_str(ends[i]);
        assert_int_equal(left(path, 0, 0, end), 0);
        assert_int_equal(left(path, 0, 10000, end), 0);
        for (size_t torn = 4000; torn < 4200; torn++)
            assert_int_equal(left(path, 100, torn, end), (off_t)(100 + end.size));
        assert_int_equal(left(path, 9000, 8200, end), (off_t)(9000 + end.size));
        assert_int_equal(left(path, 9000, 0, end), (off_t)(9000 + end.size));
    }
    unlink(path);
}

/* A part of an end is none. */
static void torn_in_the_end(void **state)
{
    (void)state;
    char path[] = "/tmp/file_test.XXXXXX";
    close(mkstemp(path));
    int fd = open(path, O_WRONLY);
    assert_int_equal(write(fd, "one<end>two<en", 14), 14);
    close(fd);
    struct fault fault = {.tool = "file"};
    struct file file;
    assert_true(file_append(&file, path, span_str("<end>"), &fault));
    struct stat status;
    assert_int_equal(fstat(file.fd, &status), 0);
    assert_int_equal(status.st_size, 8);
    close(file.fd);
    file_close(&file);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_behind_the_last_end),
        cmocka_unit_test(torn_in_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
