"""The rules that keep delivery whole (tests/README.md has the holes that they close), and what
stands in the source without each of them. tests/without makes tools that lack one.

{name: [(file, what stands there, once; what stands there without the rule)]}"""

LOOK_UNCOMMITTED = """
    struct client looker = {.wake = -1};
    const struct client_property properties[] = {
        {"isolation.level", "read_uncommitted", CLIENT_PROMISE}, {NULL, NULL, CLIENT_DEFAULT}};
    const struct client_options options = {
        .conf = member->options->conf, .type = RD_KAFKA_CONSUMER, .properties = properties};
    bool open = client_open(&looker, &options, member->fault);
    if (open && topics_offsets(&looker, ends, RD_KAFKA_OFFSET_END))
        drop_empty(member, ends);
    client_close(&looker);
"""

# A naive sink of state: into the changelog, as soon as it comes, with whatever else is written.
KEEP = """
static char kept[MARKER_TOPIC + 1], group[256], store[FRAME_STORE_NAME + 1];

static void keep(struct produce *produce, const struct frame *frame)
{
    struct state state = frame_state(frame);
    struct frame record = *frame;
    record.value = state.value;
    if (*kept == 0) {
        marker_topic(kept, span_str(group), state.store);
        send_keep_at(&produce->send, kept);
    }
    send_keep(&produce->send, &record, (int32_t)frame->source);
}

static void take(struct produce *produce, const struct frame *frame)
{
    if (frame->kind == FRAME_STATE || frame->kind == FRAME_RESTORE) {
        keep(produce, frame);
        return;
    }
    if (frame->kind == FRAME_HELLO_KIND)
        memcpy(group, produce->reader->hello.group.at, produce->reader->hello.group.size);
    if (frame->kind == FRAME_STORE) {
        memcpy(store, frame->key.at, frame->key.size);
        produce->delivery.ready.store = span_str(store);
        return;
    }
"""
NAIVE = [
    ("src/kout/produce.c", "static void take(struct produce *produce, const struct frame *frame)\n{\n",
     KEEP),
    ("src/kout/produce.c", '#include "ack/delivery.h"\n',
     '#include "ack/delivery.h"\n#include "ack/marker.h"\n'),
]
VERDICT = (
    "src/kcat-in/restore.c",
    "enum bond_verdict verdict = bond_judge(&task->bond, span_str(member->options->group));",
    "enum bond_verdict verdict = task->bond.stored ? BOND_WHOLE : BOND_NEW;",
)

RULES = {
    # A task is never parted.
    "H1": [
        ("src/kcat-in/restore.c", "    if (member->restore.topics == 1)\n        return true;",
         "    if (member->restore.topics > 0)\n        return true;"),
        ("src/kcat-in/restore.c", "if (restore->tasks[i].bond.parts != restore->topics) {",
         "if (restore->tasks[i].bond.parts == 0) {"),
    ],
    # A partition that goes with records on their way ends the pipeline; nothing is granted after it.
    "H2": [
        ("src/kcat-in/ledger.c", "if (ledger->torn || barrier !=", "if (barrier !="),
        ("src/kcat-in/assign.c", "if (member->once && member->fault->status == 0 && !member->left)",
         "if (false)"),
    ],
    # A transaction has the offsets of all partitions, moved or not.
    "H3": [
        ("src/kcat-in/ledger.c", "    enum ledger_answer answer = LEDGER_EMPTY;\n",
         "    enum ledger_answer answer = LEDGER_EMPTY;\n"
         "    for (size_t i = 0; i < ledger->place_count; i++)\n"
         "        ledger->places[i].listed = -1;\n"),
    ],
    # It has offsets.
    "H3-none": [
        ("src/kout/commit.c",
         "else if (txnio_offsets(&once->instance.txnio, &grant) == TXNIO_DONE)", "else"),
    ],
    # "Nothing is stored" is believed when it is said twice.
    "H4": [
        ("src/kcat-in/assign.c", "if (!none || round == 1)", "if (!none || round == 0)"),
    ],
    # Each partition's error is looked at.
    "H4-each": [
        ("src/kcat-in/assign.c", "err = list->elems[i].err;", "err = RD_KAFKA_RESP_ERR_NO_ERROR;"),
    ],
    # Offsets and state belong together.
    "H5": [VERDICT],
    # A store is kept in the transaction that has the offsets.
    "H6": [*NAIVE, VERDICT],
    # State is taken under a live handshake only, and what was restored never.
    "H7": NAIVE,
    # Source and sink are in one cluster.
    "H9": [
        ("src/kout/instance.c", "bool same = ours == NULL ||", "bool same = true || ours == NULL ||"),
    ],
    # Behind a group the key is counted ...
    "H10": [
        ("src/kcount/kcount.c",
         "if (counting->all || (counting->by.kind != FIELD_KEY && "
         "counting->by.kind != FIELD_PARTITION))", "if (false)"),
    ],
    # ... and kept.
    "H10-kept": [
        ("src/kcount/kcount.c", "else if (counting->store == NULL && !counting->kept_nowhere)",
         "else if (false)"),
    ],
    # A FINAL barrier stands before the end.
    "H11": [
        ("src/kcat-in/group.c", "    member_barrier(member, true);\n", ""),
    ],
    # Standard output that is a file is appended to.
    "H12": [
        ("src/kout/plain.c", "(flags & O_APPEND) == 0;", "flags < 0;"),
    ],
    # A transaction begins when its barrier is there.
    "H13": [
        ("src/kout/exactly.c", "} else if (spool_full(&once->spool)) {",
         "} else if (once->waiting > 0) {"),
    ],
    # The records of a task wait until its state is there.
    "H14": [
        ("src/kcat-in/assign.c", "    if (member->restore.on)\n        forward(member, ours, NULL);",
         "    if (false)\n        forward(member, ours, NULL);"),
        ("src/kcount/kcount.c", "    if (task != NULL && task->assigned)\n",
         "    if (task != NULL || "
         "(task = tasks_add(&count->tasks, (uint32_t)source->partition)) != NULL)\n"),
    ],
    # A stage leaves its first signal to the source.
    "H15": [
        ("src/stream/reader.c", "reader->in.spare = reader->group;", "reader->in.spare = false;"),
    ],
    # The last word is the source's.
    "H15-done": [
        ("src/ack/delivery.c", "if (!guest_wait_done(&delivery->guest, DONE_MS)) {",
         "if (!guest_wait_done(&delivery->guest, 0) && false) {"),
    ],
    # Each that runs has a number of its own.
    "H16": [
        ("src/kout/slot.c", "if (flock(slot->fd, LOCK_EX | LOCK_NB) == 0)", "if (slot->fd >= 0)"),
    ],
    # A sink more than are counted ends the run.
    "H17": [
        ("src/ack/host.c", "    host->sinks[host->count++] = (struct sink){.fd = fd};\n",
         "    if (host->count == host->want)\n        return HOST_NOTHING;\n"
         "    host->sinks[host->count++] = (struct sink){.fd = fd};\n"),
    ],
    # A bounded run ends at the last stable offset.
    "H18": [
        ("src/kcat-in/bounded.c",
         "    if (ends->cnt > 0 && topics_offsets(&member->client, ends, RD_KAFKA_OFFSET_END))\n"
         "        drop_empty(member, ends);\n", LOOK_UNCOMMITTED),
    ],
    # --group pins the group.
    "H20": [
        ("src/kout/intake.c", "else if (pinned != NULL && ", "else if (pinned != NULL && false && "),
    ],
    # Offsets are committed by generation and member, and never without.
    "H21": [
        ("src/kcat-in/granted.c", ".generation = membership.generation,", ".generation = -1,"),
        ("src/kcat-in/granted.c", ".member = span_str(membership.member)", ".member = span_str(\"\")"),
        ("src/ack/grant.c", " &&\n           grant->member.size > 0;", ";"),
    ],
    # The end of a restore is the high watermark, which an open transaction does not hold back.
    "H22": [
        VERDICT,
        ("src/kcat-in/restore.c",
         'store_client(&restore->looker, member->options->conf, "read_uncommitted"',
         'store_client(&restore->looker, member->options->conf, "read_committed"'),
    ],
}
