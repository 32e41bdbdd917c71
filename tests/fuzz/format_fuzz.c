/* Any word as a format: it is refused with its place, or it writes any record, with its literals
 * where they stand. The input is the format, a NUL, and what the record's fields are. */
#include "fuzz.h"
#include "text/format.h"

static bool put(const struct format *format, struct span bytes, bool escape, struct out *out)
{
    struct source source = {(char *)(uintptr_t) "topic", 5, 3, -1};
    struct reader reader = {.sources = &source, .source_count = 1};
    struct text text = {.escape = escape, .put = format_put, .format = format};
    struct frame frame = {.key = bytes, .value = bytes};
    uint8_t block[512];
    if (bytes.size > 0) {
        frame.flags = bytes.at[0] & (FRAME_CREATE_TIME | FRAME_LOG_APPEND_TIME);
        frame.source = bytes.at[0] & 1;
        frame.key.at = (bytes.at[0] & 2) != 0 ? NULL : bytes.at;
        frame.timestamp = (int64_t)((uint64_t)bytes.at[0] << 56);
    }
    if (bytes.size > 8)
        memcpy(&frame.timestamp, bytes.at, sizeof frame.timestamp);
    if (bytes.size < 200) {
        const struct header header = {bytes, frame.key};
        frame.header_count = 1;
        frame.headers = span_of(block, (size_t)(frame_header_put(block, &header) - block));
    }
    format_put(out, &text, &reader, &frame);
    return !out->failed;
}

/* What is behind the last token ends every record. */
static void check_tail(const struct format *format, const struct out *out)
{
    struct span tail = format_tail(format);
    MUST(out->have >= tail.size);
    MUST(tail.size == 0 || memcmp(out->buffer + out->have - tail.size, tail.at, tail.size) == 0);
}

static void write_it(const struct format *format, struct span bytes)
{
    for (int escape = 0; escape < 2; escape++) {
        struct fault fault = {.tool = "format"};
        struct out out;
        MUST(out_open(&out, -1, "memory", &fault) && out_queue(&out));
        MUST(put(format, bytes, escape != 0, &out));
        check_tail(format, &out);
        free(out.buffer);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = memchr(data, '\0', size);
    size_t length = nul == NULL ? size : (size_t)(nul - data);
    char *word = strndup((const char *)data, length);
    struct fault fault = {.tool = "format"};
    struct format format;
    MUST(word != NULL);
    bool taken = format_read(&format, word, &fault);
    MUST(taken == (fault.status == 0));
    MUST(taken || strncmp(fault.line, "-f ", 3) == 0);
    if (taken)
        write_it(&format, nul == NULL ? span_of("", 0) : span_of(nul, size - length));
    format_free(&format);
    free(word);
    return 0;
}
