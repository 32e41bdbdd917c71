/* ack/wire: what a sink and its source say to each other over the ack socket. Pure.
 *
 * The socket is SOCK_SEQPACKET: one packet is one message, little-endian, 24 bytes, HERE 40, READY
 * with the name of the store that it keeps behind it, GRANT with a piece of the grant:
 *   0 kind u8 | 1 flags u8 | 2 status u16 | 4 zero u32 | 8 number u64 | 16 spool u64 | 24 run id
 * Sink to source: HERE as soon as HELLO was read, READY when it could take data, ACK(n) when the
 * output of everything up to barrier n is safe, BYE(status, n) when it ends on purpose, STOP to ask
 * for a clean end. Source to sink: DONE(status) after its last commit. With exactly once the sink
 * asks PREPARE(n) before it commits, and the source answers GRANT(n) with the offsets (ack/grant),
 * DENY(n), or EMPTY(n): there is nothing to commit. kdelivery(7) tells the order. */
#ifndef KPIPE_ACK_WIRE_H
#define KPIPE_ACK_WIRE_H

#include "util/span.h"

enum wire_kind {
    WIRE_HERE = 1,
    WIRE_READY,
    WIRE_ACK,
    WIRE_BYE,
    WIRE_STOP,
    WIRE_DONE,
    WIRE_PREPARE,
    WIRE_GRANT,
    WIRE_DENY,
    WIRE_EMPTY
};

enum wire_flag {
    WIRE_COMMAND = 1, /* READY: the far end is a command; a bounded run has one barrier then */
    WIRE_ONCE = 2,    /* READY: the far end commits the offsets itself, exactly once */
    WIRE_MORE = 1     /* GRANT: another piece follows */
};

enum { WIRE_SIZE = 24, WIRE_PIECE = 32768, WIRE_MOST = WIRE_SIZE + WIRE_PIECE, WIRE_RUN_ID = 16 };

struct message {
    uint8_t kind, flags;
    uint16_t status;             /* BYE, DONE */
    int64_t number;              /* ACK, BYE: the last barrier whose output is safe, 0 none;
                                    PREPARE and its answers: the barrier; READY: how many
                                    records a second the sink takes, 0: as they come */
    uint64_t spool;              /* READY: bytes the sink can hold, 0: does not hold */
    uint8_t run_id[WIRE_RUN_ID]; /* HERE: HELLO's */
    struct span piece;           /* GRANT: 1 to WIRE_PIECE bytes of it; READY: a store's name, or
                                    nothing */
};

/* Writes `message` to `at` (room for WIRE_MOST). Returns the packet's size. */
size_t wire_put(uint8_t *at, const struct message *message);

/* Reads one packet; a piece points into it. False: not a message (size, kind, flags or zeros are
 * wrong). */
bool wire_take(struct span packet, struct message *message);

#endif
