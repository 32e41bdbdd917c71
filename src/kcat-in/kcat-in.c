/* kcat-in: text, files or topics to records. */
#include "kcat-in/options.h"
#include "stream/stage.h"
#include "text/terminal.h"
#include "util/clock.h"
#include "util/start.h"

#include <inttypes.h>
#include <unistd.h>

/* The records, and where they have no clean end the ABORT and its line. */
static void run(const struct options *options, struct fault *fault)
{
    struct writer writer;
    bool ended = false;
    int64_t began = clock_ms();
    if (!writer_open(&writer, STDOUT_FILENO, fault)) {
        fault_tell(fault);
        return;
    }
    writer.sum_all = options->checksum;
    if (options->mode == OPTIONS_GROUP)
        group_run(&options->group, &writer, &ended, fault);
    else if (options->mode == OPTIONS_TOPICS)
        fetch_run(&options->topics, &writer, fault);
    else
        lines_run(&options->text, &writer, fault);
    if (fault->status != 0 && !ended)
        writer_abort(&writer, fault);
    fault_tell(fault);
    writer_close(&writer);
    fault_tell(fault);
    if (options->summary)
        fault_note(fault, "records: %" PRIu64 ", bytes of the stream: %" PRIu64 ", seconds: %.3f",
                   writer.records, writer.out.total, (double)(clock_ms() - began) / 1000);
}

int main(int argc, char **argv)
{
    struct fault fault;
    struct terminal terminal = {0};
    struct options options;
    start(&fault, options_tool.name);
    int got = options_read(&options, argc, argv, &fault);
    if (got == 0 && terminal_start(&terminal, NULL, &fault)) {
        run(&options, &fault);
        terminal_finish(&terminal, &fault);
    } else if (got != OPT_DONE) {
        opt_tell(&options_tool, &fault);
        stage_refuse(&fault);
    }
    options_close(&options);
    return finish(&fault);
}
