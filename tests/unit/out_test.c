/* stream/out: every byte in order, whatever mixture of copies and borrowed runs; few and whole
 * writes; and each way in which a write can fail. */
#include "sample.h"

#include "util/sig.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

static uint8_t pool[4 * OUT_BUFFER];

static int fill_pool(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pool; i++)
        pool[i] = (uint8_t)(i * 167 + i / 256);
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

static struct out open_out(int fd, struct fault *fault)
{
    struct out out;
    *fault = (struct fault){.tool = "out"};
    assert_true(out_open(&out, fd, "output", fault));
    return out;
}

static size_t file_size(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return (size_t)st.st_size;
}

static void nothing_is_written_before_a_flush(void **state)
{
    (void)state;
    struct fault fault;
    int fd = memory_file();
    struct out out = open_out(dup(fd), &fault);
    for (size_t i = 0; i < OUT_BUFFER; i += 64)
        out_put(&out, pool + i, 64);
    assert_int_equal(file_size(fd), 0);
    out_put(&out, pool, 1);
    assert_int_equal(file_size(fd), OUT_BUFFER);
    out_flush(&out);
    assert_int_equal(file_size(fd), OUT_BUFFER + 1);
    out_close(&out);
    close(fd);
}

static void neighbours_become_one_run(void **state)
{
    (void)state;
    struct fault fault;
    int fd = memory_file();
    struct out out = open_out(dup(fd), &fault);
    for (size_t i = 0; i < 1000; i += 40)
        out_pass(&out, pool + i, 40);
    assert_int_equal(out.have, 0);
    assert_ptr_equal(out.run.at, pool);
    assert_int_equal(out.run.size, 1000);
    out_pass(&out, pool + 1008, 40);
    assert_int_equal(out.have, 1000);
    assert_int_equal(out.run.size, 40);
    out_close(&out);
    close(fd);
}

/* A commit makes the bytes our own: their memory may change afterwards. */
static void committed_bytes_are_copies(void **state)
{
    (void)state;
    struct fault fault;
    uint8_t lent[] = "lent", got[4];
    int fd = memory_file();
    struct out out = open_out(dup(fd), &fault);
    out_pass(&out, lent, 4);
    out_commit(&out);
    memset(lent, 'x', 4);
    out_close(&out);
    assert_int_equal(pread(fd, got, 4, 0), 4);
    assert_memory_equal(got, "lent", 4);
    close(fd);
}

/* One step of a random mixture; what must come out is added to *expected. */
static void random_step(struct out *out, uint32_t *seed, struct bytes *expected)
{
    *seed = *seed * 1664525 + 1013904223;
    uint32_t dice = *seed >> 8;
    static const size_t most[] = {9, 200, 5000, OUT_BUFFER / 2, OUT_BUFFER + 9, 3 * OUT_BUFFER};
    size_t size = (dice >> 6) % most[dice % 6];
    const uint8_t *at = pool + (dice >> 4) % (sizeof pool - size);
    if (out->run.size > 0 && dice % 3 == 0 &&
        out->run.at + out->run.size + size <= pool + sizeof pool)
        at = out->run.at + out->run.size;
    switch ((dice >> 12) % 8) {
    case 0:
        out_flush(out);
        return;
    case 1:
        out_commit(out);
        return;
    case 2:
        out_put(out, at, size);
        break;
    case 3:
        size = size > OUT_BUFFER ? OUT_BUFFER : size;
        memcpy(out_room(out, size), at, size);
        out_made(out, size);
        break;
    default:
        out_pass(out, at, size);
    }
    bytes_add(expected, at, size);
}

static void any_mixture_comes_out_in_order(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 200; seed++) {
        uint32_t dice = seed;
        struct fault fault;
        struct bytes expected = bytes_of("", 0);
        int fd = memory_file();
        struct out out = open_out(dup(fd), &fault);
        for (int step = 0; step < 60; step++)
            random_step(&out, &dice, &expected);
        out_close(&out);
        struct bytes got = file_bytes(fd);
        if (got.size != expected.size || memcmp(got.at, expected.at, got.size) != 0)
            fail_msg("seed %u: %zu bytes came, %zu were put", seed, got.size, expected.size);
        assert_int_equal(fault.status, 0);
        free(got.at);
        free(expected.at);
        close(fd);
    }
}

/* A socket that keeps message bounds shows each write(2) as a message. */
static ssize_t message(int fd)
{
    static uint8_t room[8 * OUT_BUFFER];
    return recv(fd, room, sizeof room, MSG_DONTWAIT);
}

static void head_and_tail_leave_in_one_write(void **state)
{
    (void)state;
    struct fault fault;
    int ends[2], room = 2 * OUT_BUFFER; /* a message's, which the system may halve */
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    struct out out = open_out(ends[0], &fault);
    out_put(&out, "head", 4);
    out_pass(&out, pool, 1000);
    out_flush(&out);
    assert_int_equal(message(ends[1]), 1004);
    out_flush(&out);
    assert_int_equal(message(ends[1]), -1);
    out_put(&out, "head", 4);
    out_pass(&out, pool, OUT_BUFFER);
    out_commit(&out);
    assert_int_equal(message(ends[1]), 4 + OUT_BUFFER);
    assert_int_equal(out.have, 0);
    out_put(&out, pool, OUT_BUFFER);
    out_put(&out, pool, 1);
    assert_int_equal(message(ends[1]), OUT_BUFFER);
    assert_int_equal(message(ends[1]), -1);
    out_close(&out);
    assert_int_equal(message(ends[1]), 1);
    close(ends[1]);
}

/* Reads slowly and in odd pieces; 0 when the pool came `times` times. */
static int slow_reader(int fd, int times)
{
    uint8_t room[1013];
    size_t at = 0;
    ssize_t got;
    while ((got = read(fd, room, sizeof room)) > 0)
        for (ssize_t i = 0; i < got; i++)
            if (room[i] != pool[at++ % sizeof pool])
                return 1;
    return at == sizeof pool * (size_t)times ? 0 : 2;
}

static void short_writes_are_finished(void **state)
{
    (void)state;
    struct fault fault;
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        _exit(slow_reader(ends[0], 3));
    }
    close(ends[0]);
    struct out out = open_out(ends[1], &fault);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) > 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    out_put(&out, pool, sizeof pool);
    for (size_t i = 0; i < sizeof pool; i += 512)
        out_put(&out, pool + i, 512);
    out_put(&out, pool, 100);
    out_pass(&out, pool + 100, sizeof pool - 100);
    out_close(&out);
    assert_int_equal(fault.status, 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* In a process of its own: sig_start() looks at how SIGPIPE stands. Its exit status is the fault's,
 * 1 where a quiet fault should be loud or the other way round. */
static int lost_reader(bool ignored)
{
    int ends[2];
    if (pipe(ends) != 0)
        return 2;
    signal(SIGPIPE, ignored ? SIG_IGN : SIG_DFL);
    sig_start();
    struct fault fault = {.tool = "out"};
    struct out out;
    if (!out_open(&out, ends[1], "output", &fault))
        return 3;
    close(ends[0]);
    out_put(&out, "x", 1);
    out_flush(&out);
    bool told = !fault.quiet && strstr(fault.line, "output: nobody reads it any more") != NULL;
    return out.failed && told == ignored ? fault.status : 1;
}

static int in_child(bool ignored)
{
    pid_t child = fork();
    if (child == 0)
        _exit(lost_reader(ignored));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_lost_reader_is_quiet_or_told(void **state)
{
    (void)state;
    assert_int_equal(in_child(false), 128 + SIGPIPE);
    assert_int_equal(in_child(true), STATUS_IO);
}

/* Puts more than the buffer holds, so that it is written before the close. */
static void expect_failure(int fd, const char *line)
{
    struct fault fault;
    struct out out = open_out(fd, &fault);
    for (size_t i = 0; i < sizeof pool; i += 1024)
        out_put(&out, pool + i, 1024);
    assert_true(out.failed);
    assert_int_equal(fault.status, STATUS_IO);
    assert_string_equal(fault.line, line);
    out_pass(&out, pool, sizeof pool); /* all of this is dropped */
    out_put(&out, pool, sizeof pool);
    out_commit(&out);
    out_flush(&out);
    out_close(&out);
    assert_string_equal(fault.line, line);
}

static void a_failed_write_is_told_once(void **state)
{
    (void)state;
    expect_failure(open("/dev/full", O_WRONLY), "output: cannot write: No space left on device");
    expect_failure(open("/proc/self/mem", O_RDWR), "output: cannot write: Input/output error");
    expect_failure(open("/dev/null", O_RDONLY), "output: cannot write: Bad file descriptor");
}

/* Small output fails at the flush of the close; and the close itself may. */
static void a_close_is_looked_at(void **state)
{
    (void)state;
    struct fault fault;
    struct out out = open_out(open("/dev/full", O_WRONLY), &fault);
    out_put(&out, "x", 1);
    assert_int_equal(fault.status, 0);
    out_close(&out);
    assert_int_equal(fault.status, STATUS_IO);
    out = open_out(memory_file(), &fault);
    close(out.fd);
    out_close(&out);
    assert_int_equal(fault.status, STATUS_IO);
    assert_string_equal(fault.line, "output: cannot write: Bad file descriptor");
}

static void an_earlier_fault_stands(void **state)
{
    (void)state;
    struct fault fault;
    struct out out = open_out(open("/dev/full", O_WRONLY), &fault);
    fault_set(&fault, STATUS_DATA, "first");
    out_put(&out, "x", 1);
    out_close(&out);
    assert_int_equal(fault.status, STATUS_DATA);
    assert_string_equal(fault.line, "first");
}

static void nothing_is_written_after_a_failure(void **state)
{
    (void)state;
    struct fault fault;
    int fd = memory_file();
    struct out out = open_out(dup(fd), &fault);
    out_lost(&out);
    assert_int_equal(fault.status, 128 + SIGPIPE);
    out_put(&out, pool, OUT_BUFFER + 1);
    out_pass(&out, pool, 100);
    out_close(&out);
    assert_int_equal(file_size(fd), 0);
    close(fd);
}

/* A pipe that is larger already stays so. */
static void a_pipe_is_widened(void **state)
{
    (void)state;
    struct fault fault;
    int allowed[2], ends[2];
    assert_int_equal(pipe(allowed), 0);
    int may = fcntl(allowed[1], F_SETPIPE_SZ, 262144);
    assert_int_equal(pipe(ends), 0);
    struct out out = open_out(ends[1], &fault);
    assert_int_equal(fcntl(ends[0], F_GETPIPE_SZ), may > 0 ? 262144 : 65536);
    out_close(&out);
    assert_int_equal(fault.status, 0);
    int larger = fcntl(allowed[1], F_SETPIPE_SZ, 524288);
    out = open_out(allowed[1], &fault);
    assert_int_equal(fcntl(allowed[0], F_GETPIPE_SZ), larger > 0 ? larger : may > 0 ? may : 65536);
    out_close(&out);
    close(ends[0]);
    close(allowed[0]);
}

/* Both ways in, in pieces that do not meet the buffer's borders, to four times its size. */
static void a_queue_grows_and_keeps_every_byte(void **state)
{
    (void)state;
    enum { PIECE = 3001 };
    struct fault fault;
    int ends[2];
    uint8_t got[PIECE];
    size_t put = 0, read_back = 0;
    assert_int_equal(pipe(ends), 0);
    struct out out = open_out(ends[1], &fault);
    assert_true(out_queue(&out));
    for (; put + PIECE <= sizeof pool; put += PIECE) {
        if (put > OUT_BUFFER) {
            memcpy(out_room(&out, PIECE), pool + put, PIECE);
            out_made(&out, PIECE);
        } else {
            out_put(&out, pool + put, PIECE);
        }
        assert_true(out.have <= out.room);
    }
    assert_int_equal(out.have, put);
    while (read_back < put) {
        out_drain(&out);
        ssize_t size = read(ends[0], got, sizeof got);
        assert_true(size > 0);
        assert_memory_equal(got, pool + read_back, (size_t)size);
        read_back += (size_t)size;
    }
    assert_true(out_drain(&out));
    out_close(&out);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_written_before_a_flush),
        cmocka_unit_test(neighbours_become_one_run),
        cmocka_unit_test(committed_bytes_are_copies),
        cmocka_unit_test(any_mixture_comes_out_in_order),
        cmocka_unit_test(head_and_tail_leave_in_one_write),
        cmocka_unit_test(short_writes_are_finished),
        cmocka_unit_test(a_lost_reader_is_quiet_or_told),
        cmocka_unit_test(a_failed_write_is_told_once),
        cmocka_unit_test(a_close_is_looked_at),
        cmocka_unit_test(an_earlier_fault_stands),
        cmocka_unit_test(nothing_is_written_after_a_failure),
        cmocka_unit_test(a_pipe_is_widened),
        cmocka_unit_test(a_queue_grows_and_keeps_every_byte),
    };
    return cmocka_run_group_tests_name("out", tests, fill_pool, NULL);
}
