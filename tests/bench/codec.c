/* codec - writes a record with a key, two headers and a time for each line of standard input to a
 * file and reads them back, for tests/budget.bats: what records from text have not got. */
#include "stream/reader.h"
#include "stream/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct span headers(uint8_t block[64])
{
    const struct header both[] = {{span_str("trace"), span_str("4bf92f3577b34da6")},
                                  {span_str("retry"), span_of(NULL, 0)}};
    uint8_t *end = frame_header_put(frame_header_put(block, &both[0]), &both[1]);
    return span_of(block, (size_t)(end - block));
}

/* Returns how many records it wrote. */
static int64_t write_all(int fd, struct fault *fault)
{
    struct writer writer;
    char *line = NULL;
    size_t room = 0;
    struct hello hello = {.version = FRAME_VERSION, .record_cap = 1 << 20};
    uint8_t block[64];
    struct record record = {.time = FRAME_CREATE_TIME,
                            .source = 1,
                            .key = span_str("user004711"),
                            .headers = headers(block),
                            .header_count = 2};
    if (!writer_open(&writer, fd, fault))
        return 0;
    writer_hello(&writer, &hello);
    writer_source(&writer, 1, span_str("topic"), 0, 0);
    for (ssize_t size; (size = getline(&line, &room, stdin)) > 0; record.offset++) {
        record.value = span_of(line, (size_t)size);
        writer_record(&writer, &record);
    }
    free(line);
    writer_barrier(&writer, 1, true);
    writer_end(&writer);
    writer_close(&writer);
    return record.offset;
}

/* Returns how many headers came. */
static int64_t read_all(int fd, struct fault *fault)
{
    struct reader reader;
    struct frame frame;
    struct header header;
    int64_t count = 0;
    if (!reader_open(&reader, fd, NULL, fault))
        return 0;
    while (reader_next(&reader, &frame, -1) == READER_FRAME)
        if (frame.kind == FRAME_RECORD)
            for (struct span block = frame.headers; frame_header_next(&block, &header);)
                count++;
    reader_close(&reader);
    return count;
}

int main(void)
{
    struct fault fault = {.tool = "codec"};
    FILE *file = tmpfile();
    if (file == NULL)
        return STATUS_IO;
    int64_t count = write_all(dup(fileno(file)), &fault);
    rewind(file);
    bool same = read_all(fileno(file), &fault) == 2 * count;
    fclose(file);
    fault_tell(&fault);
    return fault.status != 0 ? fault.status : same ? STATUS_OK : STATUS_BUG;
}
