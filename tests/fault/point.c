/* A preloaded observer of a pipeline's commit path, and what can go wrong at each point of it.
 *
 * POINT_STATE names a file of 8 int64, one a pipeline: what its stages are about is written there
 * as it happens (enum slot), for a driver that wants to know whether a barrier is on its way.
 * POINT names points and what happens there: "kout/commit=kill@3,kcat-in/barrier=stop" has kout
 * die before it calls rd_kafka_commit_transaction() the third time. An action is kill, stop, or a
 * number of milliseconds to sleep. POINT_HITS names a file to which a line, its name and the time,
 * is appended for each point that acted: a test that does not find one there has shown nothing.
 * POINT_BLIND set: kout is not told of requests without an answer; what that is for can then
 * happen.
 *
 * Points of all stages: frame (a record is written in half), state (as much of what is to be kept),
 * restore (as much of what was kept), task (what is before one has been written), barrier (as
 * task), barrier-done. Of kcat-in: join, fetch (the committed offsets), assign, revoke, end, ack
 * (one came), grant (it is about to answer), store (it commits); restoring, restored: it begins and
 * ends to read a task's changelog. Of kout: init, begin, produce, state and marker (the same into a
 * changelog), flush, prepare, offsets, commit, abort, ack, each before the call, and but for state
 * and marker with -done after it; commit-unsent: the call is left out and said to be good;
 * commit-again: it was not through in time; answer: the library tells of an EndTxn's answer, twice:
 * in the broker's thread and in its main one. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum slot { PUT, ACKED, SINK, PASSED, RESTORING, RESTORES, SLOTS = 8 };
enum sink { READING, BEGINNING, PRODUCING, FLUSHING, PREPARED, OFFSETS, COMMITTING, COMMITTED };
enum { ACTIONS = 8, MAGIC = 32, HEADER = 32 };
enum { RECORD = 3, BARRIER = 4, END = 5, TASK = 9, RESTORE = 10, STATE = 11 };
enum { END_TXN = 26 };
enum { MESSAGE_ACK = 3, MESSAGE_PREPARE = 7, MESSAGE_GRANT = 8, MESSAGE_DENY = 9 };

struct action {
    char name[32];
    long sleep_ms; /* -1: kill, -2: stop */
    unsigned long at, hits;
};

/* Where the output stream stands: in a frame, or between two. */
struct stream {
    uint8_t header[HEADER];
    size_t have, left; /* bytes of the header; bytes of the frame still to come after it */
    bool begun;        /* the magic is out */
};

static struct action actions[ACTIONS];
static int action_count;
static int64_t own_state[SLOTS], *state = own_state;
static struct stream out;
static bool source, sink;
static int hits = -1; /* POINT_HITS */

static void parse(char *words)
{
    char *rest = words, *word, name[64];
    while ((word = strsep(&rest, ",")) != NULL && action_count < ACTIONS) {
        struct action *action = &actions[action_count];
        char what[16] = "", *slash;
        action->at = 1;
        if (sscanf(word, "%63[^=]=%15[^@]@%lu", name, what, &action->at) < 2 ||
            (slash = strchr(name, '/')) == NULL)
            abort();
        *slash = '\0';
        if (strcmp(name, program_invocation_short_name) != 0)
            continue;
        snprintf(action->name, sizeof action->name, "%.31s", slash + 1);
        action->sleep_ms = strcmp(what, "kill") == 0   ? -1
                           : strcmp(what, "stop") == 0 ? -2
                                                       : strtol(what, NULL, 10);
        action_count++;
    }
}

__attribute__((constructor)) static void start(void)
{
    const char *points = getenv("POINT"), *file = getenv("POINT_STATE");
    source = strcmp(program_invocation_short_name, "kcat-in") == 0;
    sink = strcmp(program_invocation_short_name, "kout") == 0;
    if (points != NULL && *points != '\0')
        parse(strdup(points));
    if (action_count > 0 && getenv("POINT_HITS") != NULL)
        hits = open(getenv("POINT_HITS"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int fd = file == NULL ? -1 : open(file, O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        state = mmap(NULL, sizeof own_state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (state == MAP_FAILED)
        abort();
    if (fd >= 0)
        close(fd);
    if (source)
        state[PUT] = state[ACKED] = state[RESTORING] = 0;
    if (sink)
        state[SINK] = state[PASSED] = 0;
}

/* A filter that has locked itself up may still write to what is open, and signal itself by its
 * thread. */
static void tell(const char *name)
{
    char line[96];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int size = snprintf(line, sizeof line, "%s/%s %ld.%06ld\n", program_invocation_short_name, name,
                        (long)now.tv_sec, now.tv_nsec / 1000);
    if (hits >= 0 && syscall(SYS_write, hits, line, (size_t)size) != size)
        abort();
}

static void signal_self(int number)
{
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), number);
}

int close_range(unsigned first, unsigned last, int flags)
{
    (void)first, (void)last, (void)flags; /* POINT_HITS stays open */
    return 0;
}

static struct action *action_at(const char *name)
{
    for (int i = 0; i < action_count; i++)
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
    return NULL;
}

/* Whether it has acted. */
static bool point(const char *name)
{
    struct action *action = action_at(name);
    if (action == NULL || ++action->hits != action->at)
        return false;
    tell(name);
    if (action->sleep_ms >= 0)
        nanosleep(&(struct timespec){action->sleep_ms / 1000, action->sleep_ms % 1000 * 1000000},
                  NULL);
    else
        signal_self(action->sleep_ms == -1 ? SIGKILL : SIGSTOP);
    return true;
}

/* The stream that a stage writes */

static uint32_t load32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static void frame_done(void)
{
    int64_t number;
    memcpy(&number, out.header + 16, sizeof number);
    if (out.header[4] == BARRIER && source)
        state[PUT] = number;
    if (out.header[4] == BARRIER)
        point("barrier-done");
    if (out.header[4] == END)
        point("end");
    out.have = 0;
}

/* These bytes have been written. */
static void written(const uint8_t *at, size_t size)
{
    while (size > 0) {
        size_t want = out.have < HEADER ? HEADER - out.have : out.left;
        size_t part = size < want ? size : want;
        if (out.have < HEADER) {
            memcpy(out.header + out.have, at, part);
            out.have += part;
            if (out.have == HEADER)
                out.left = out.begun ? ((load32(out.header) + 7U) & ~7U) - HEADER : 0;
        } else {
            out.left -= part;
        }
        at += part;
        size -= part;
        if (out.have == HEADER && out.left == 0) {
            if (out.begun)
                frame_done();
            out.begun = true;
            out.have = 0;
        }
    }
}

/* How many bytes are before the first frame of that kind that begins in here; `size`: there is
 * none. */
static size_t before(uint8_t kind, const uint8_t *at, size_t size)
{
    size_t next = out.have == 0 ? 0 : out.have < HEADER ? size : out.left;
    if (!out.begun)
        next = MAGIC;
    while (next + HEADER <= size && at[next + 4] != kind)
        next += (load32(at + next) + 7U) & ~7U;
    return next + HEADER <= size ? next : size;
}

static bool due(const char *name)
{
    const struct action *action = action_at(name);
    return action != NULL && action->hits < action->at;
}

/* A point before a frame, or in its midst: what is before it is written first. */
static ssize_t write_up_to(const char *name, uint8_t kind, size_t into, const void *at, size_t size)
{
    size_t part = before(kind, at, size);
    if (part == size)
        return 0;
    ssize_t done = part + into == 0 ? 0 : syscall(SYS_write, STDOUT_FILENO, at, part + into);
    if (done > 0)
        written(at, (size_t)done);
    if (done == (ssize_t)(part + into))
        point(name);
    return done;
}

static const struct {
    const char *name;
    uint8_t kind;
    size_t into; /* bytes of the frame that are written */
} frames[] = {{"frame", RECORD, 40},
              {"state", STATE, 40},
              {"restore", RESTORE, 40},
              {"task", TASK, 0},
              {"barrier", BARRIER, 0}};
enum { FRAMES = sizeof frames / sizeof *frames };

ssize_t write(int fd, const void *at, size_t size)
{
    ssize_t done = 0;
    for (int i = 0; fd == STDOUT_FILENO && !sink && done == 0 && i < FRAMES; i++)
        if (due(frames[i].name))
            done = write_up_to(frames[i].name, frames[i].kind, frames[i].into, at, size);
    if (done != 0)
        return done;
    done = syscall(SYS_write, fd, at, size);
    if (fd == STDOUT_FILENO && !sink && done > 0)
        written(at, (size_t)done);
    return done;
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    for (int i = 0; fd == STDOUT_FILENO && !sink && i < FRAMES; i++)
        if (due(frames[i].name))
            return write(fd, pieces[0].iov_base, pieces[0].iov_len);
    ssize_t done = syscall(SYS_writev, fd, pieces, count);
    size_t left = done > 0 ? (size_t)done : 0;
    for (int i = 0; fd == STDOUT_FILENO && !sink && i < count && left > 0; i++) {
        size_t part = pieces[i].iov_len < left ? pieces[i].iov_len : left;
        written(pieces[i].iov_base, part);
        left -= part;
    }
    return done;
}

ssize_t read(int fd, void *at, size_t size)
{
    ssize_t got = syscall(SYS_read, fd, at, size);
    if (sink && fd == STDIN_FILENO && got > 0)
        state[PASSED] += got;
    return got;
}

/* The ack socket */

static bool ack_socket(int fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

ssize_t send(int fd, const void *at, size_t size, int flags)
{
    uint8_t kind = size > 0 && ack_socket(fd) ? *(const uint8_t *)at : 0;
    if (kind == MESSAGE_GRANT || kind == MESSAGE_DENY)
        point(kind == MESSAGE_GRANT ? "grant" : "deny");
    if (kind == MESSAGE_ACK)
        point("ack");
    if (kind == MESSAGE_PREPARE)
        point("prepare");
    ssize_t done = sendto(fd, at, size, flags, NULL, 0);
    if (kind == MESSAGE_PREPARE)
        point("prepare-done");
    if (kind == MESSAGE_ACK) {
        state[SINK] = READING;
        point("ack-done");
    }
    return done;
}

ssize_t recv(int fd, void *at, size_t size, int flags)
{
    ssize_t got = recvfrom(fd, at, size, flags, NULL, NULL);
    if (source && got > 16 && *(const uint8_t *)at == MESSAGE_ACK && ack_socket(fd)) {
        memcpy(&state[ACKED], (const uint8_t *)at + 8, sizeof state[ACKED]);
        point("ack");
    }
    return got;
}

/* The client library */

#define REAL(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

rd_kafka_resp_err_t rd_kafka_subscribe(rd_kafka_t *handle,
                                       const rd_kafka_topic_partition_list_t *list)
{
    point("join");
    return REAL(rd_kafka_subscribe)(handle, list);
}

rd_kafka_resp_err_t rd_kafka_committed(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list,
                                       int ms)
{
    point("fetch");
    return REAL(rd_kafka_committed)(handle, list, ms);
}

rd_kafka_resp_err_t rd_kafka_assign(rd_kafka_t *handle, const rd_kafka_topic_partition_list_t *list)
{
    point(list == NULL ? "revoke" : "assign");
    return REAL(rd_kafka_assign)(handle, list);
}

rd_kafka_resp_err_t rd_kafka_commit_queue(
    rd_kafka_t *handle, const rd_kafka_topic_partition_list_t *list, rd_kafka_queue_t *queue,
    void (*answered)(rd_kafka_t *, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t *, void *),
    void *opaque)
{
    point("store");
    return REAL(rd_kafka_commit_queue)(handle, list, queue, answered, opaque);
}

static rd_kafka_interceptor_f_on_response_received_t *counting;

/* Blind: all requests seem answered. */
static rd_kafka_resp_err_t heard(rd_kafka_t *handle, int fd, const char *broker, int32_t id,
                                 int16_t key, int16_t version, int32_t number, size_t size,
                                 int64_t took, rd_kafka_resp_err_t err, void *opaque)
{
    if (getenv("POINT_BLIND") != NULL)
        err = RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_resp_err_t done =
        counting(handle, fd, broker, id, key, version, number, size, took, err, opaque);
    if (key == END_TXN)
        point("answer");
    return done;
}

rd_kafka_resp_err_t rd_kafka_interceptor_add_on_response_received(
    rd_kafka_t *handle, const char *name,
    rd_kafka_interceptor_f_on_response_received_t *on_response_received, void *opaque)
{
    counting = on_response_received;
    return REAL(rd_kafka_interceptor_add_on_response_received)(handle, name, heard, opaque);
}

rd_kafka_error_t *rd_kafka_init_transactions(rd_kafka_t *handle, int ms)
{
    point("init");
    rd_kafka_error_t *error = REAL(rd_kafka_init_transactions)(handle, ms);
    point("init-done");
    return error;
}

rd_kafka_error_t *rd_kafka_begin_transaction(rd_kafka_t *handle)
{
    state[SINK] = BEGINNING;
    point("begin");
    rd_kafka_error_t *error = REAL(rd_kafka_begin_transaction)(handle);
    point("begin-done");
    return error;
}

int rd_kafka_consume_start_queue(rd_kafka_topic_t *topic, int32_t partition, int64_t offset,
                                 rd_kafka_queue_t *queue)
{
    state[RESTORING]++;
    state[RESTORES]++;
    point("restoring");
    return REAL(rd_kafka_consume_start_queue)(topic, partition, offset, queue);
}

int rd_kafka_consume_stop(rd_kafka_topic_t *topic, int32_t partition)
{
    state[RESTORING]--;
    point("restored");
    return REAL(rd_kafka_consume_stop)(topic, partition);
}

/* Which point it is to write such a key, or NULL, there. */
static const char *producing(const rd_kafka_topic_t *topic, const void *key, size_t size)
{
    static const char marker[] = "\0kpipe marker", end[] = "-changelog";
    const char *name = rd_kafka_topic_name(topic);
    size_t length = strlen(name), end_size = sizeof end - 1;
    if (length < end_size || strcmp(name + length - end_size, end) != 0)
        return "produce";
    bool marks = size == sizeof marker - 1 && memcmp(key, marker, size) == 0;
    return marks ? "marker" : "state";
}

int rd_kafka_produce_batch(rd_kafka_topic_t *topic, int32_t partition, int flags,
                           rd_kafka_message_t *messages, int count)
{
    state[SINK] = PRODUCING;
    if (count > 0)
        point(producing(topic, messages[0].key, messages[0].key_len));
    return REAL(rd_kafka_produce_batch)(topic, partition, flags, messages, count);
}

rd_kafka_error_t *rd_kafka_produceva(rd_kafka_t *handle, const rd_kafka_vu_t *fields, size_t count)
{
    rd_kafka_topic_t *topic = NULL;
    const void *key = NULL;
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        if (fields[i].vtype == RD_KAFKA_VTYPE_RKT)
            topic = fields[i].u.rkt;
        if (fields[i].vtype == RD_KAFKA_VTYPE_KEY) {
            key = fields[i].u.mem.ptr;
            size = fields[i].u.mem.size;
        }
    }
    state[SINK] = PRODUCING;
    point(topic == NULL ? "produce" : producing(topic, key, size));
    return REAL(rd_kafka_produceva)(handle, fields, count);
}

rd_kafka_resp_err_t rd_kafka_flush(rd_kafka_t *handle, int ms)
{
    state[SINK] = FLUSHING;
    point("flush");
    rd_kafka_resp_err_t err = REAL(rd_kafka_flush)(handle, ms);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        state[SINK] = PREPARED;
        point("flush-done");
    }
    return err;
}

rd_kafka_error_t *
rd_kafka_send_offsets_to_transaction(rd_kafka_t *handle,
                                     const rd_kafka_topic_partition_list_t *offsets,
                                     const rd_kafka_consumer_group_metadata_t *metadata, int ms)
{
    state[SINK] = OFFSETS;
    point("offsets");
    rd_kafka_error_t *error =
        REAL(rd_kafka_send_offsets_to_transaction)(handle, offsets, metadata, ms);
    point("offsets-done");
    return error;
}

rd_kafka_error_t *rd_kafka_commit_transaction(rd_kafka_t *handle, int ms)
{
    state[SINK] = COMMITTING;
    point("commit");
    if (point("commit-unsent"))
        return NULL;
    rd_kafka_error_t *error = REAL(rd_kafka_commit_transaction)(handle, ms);
    if (error != NULL) {
        point("commit-again");
        return error;
    }
    state[SINK] = COMMITTED;
    point("commit-done");
    return error;
}

rd_kafka_error_t *rd_kafka_abort_transaction(rd_kafka_t *handle, int ms)
{
    point("abort");
    return REAL(rd_kafka_abort_transaction)(handle, ms);
}
