#include "kout/plain.h"

#include "kout/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool truncates(int fd)
{
    struct stat status;
    int flags = fcntl(fd, F_GETFL);
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (flags & O_APPEND) == 0;
}

/* HELLO decides what kind of file it is: the first frame is read before anything is opened. */
static bool first_frame(struct reader *reader, struct delivery *delivery, struct fault *fault)
{
    struct frame frame;
    delivery_spare(delivery, reader);
    return reader_next(reader, &frame, -1) == READER_FRAME &&
           delivery_take(delivery, reader, &frame) && fault->status == 0;
}

void plain_output(struct text *text, bool replay, struct fault *fault)
{
    struct out out;
    struct reader reader;
    struct delivery delivery;
    text->escape = isatty(STDOUT_FILENO);
    if (!out_open(&out, STDOUT_FILENO, "standard output", fault))
        return;
    delivery_open(&delivery, replay, fault);
    if (reader_open(&reader, STDIN_FILENO, &out, fault)) {
        if (first_frame(&reader, &delivery, fault)) {
            if (delivery.committing && truncates(STDOUT_FILENO))
                fault_set(
                    fault, STATUS_USAGE,
                    "standard output: a file that is not appended to loses what was committed: "
                    "kout >> FILE, or kout -o FILE");
            else
                text_run(&reader, &out, text, &delivery);
        }
        reader_close(&reader);
    }
    out_close(&out);
    delivery_finish(&delivery);
}

/* Only what stands at its end tells a whole record from a torn one. */
static bool append(struct file *file, const char *path, const struct text *text,
                   struct fault *fault)
{
    struct span end = text->end;
    if (end.size == 0)
        fault_set(fault, STATUS_USAGE,
                  "-f: behind kcat-in -g a file's records must have an end: put \\n last");
    if (end.size > FILE_END)
        end = span_of(end.at + end.size - FILE_END, FILE_END);
    return fault->status == 0 && file_append(file, path, end, fault);
}

void plain_file(struct text *text, const char *path, bool replay, struct fault *fault)
{
    struct file file = {.fd = -1};
    struct out out;
    struct reader reader;
    struct delivery delivery;
    delivery_open(&delivery, replay, fault);
    if (!out_open(&out, -1, path, fault))
        return;
    if (reader_open(&reader, STDIN_FILENO, &out, fault)) {
        if (first_frame(&reader, &delivery, fault) &&
            (delivery.committing ? append(&file, path, text, fault)
                                 : file_open(&file, path, fault))) {
            out.fd = file.fd;
            out.name = file.target;
            text->escape = isatty(file.fd);
            if (text_run(&reader, &out, text, &delivery))
                file_commit(&file);
        }
        reader_close(&reader);
    }
    out_close(&out);
    file_close(&file);
    delivery_finish(&delivery);
}
