/* kout/refuse: records that the broker refuses are told and left out, or go to another topic whole:
 * --on-error skip, dlq:TOPIC. kout/sift finds them.
 *
 * At least once, a partition has one batch on its way at a time, so that none overtakes one that
 * was refused. With transactions it goes as fast as without; a record that is refused dooms the
 * transaction, and who uses us aborts it and puts all records of the barrier again. */
#ifndef KPIPE_KOUT_REFUSE_H
#define KPIPE_KOUT_REFUSE_H

#include "kout/send.h"

/* Makes sure of the topic for refused records. False: the fault is set, 66. */
bool refuse_open(struct send *send);
void refuse_close(struct send *send);

/* Hands over what the output's bucket has. At least once: until all of it is there or left out, or
 * there is a fault. */
void refuse_lane(struct send *send);

/* Decides about what was refused. False: there is nothing to be done about it: the fault is set. */
bool refuse_judge(struct send *send);

/* A new load begins. */
void refuse_forget(struct send *send);

#endif
