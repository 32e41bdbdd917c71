/* kout/slot: the transactional.id, which must be the same after a restart and no other's meanwhile.
 *
 * kpipe/GROUP/PLACE/NUMBER: PLACE is a random name of the user on this machine, kept in
 * /var/tmp/kpipe-UID together with the machine-id that it was made for, so that a copied disk gets
 * another one; NUMBER is the first lock there that nobody holds. The kernel frees a lock when its
 * holder dies, however it dies, so the next run takes the same number, and its first transaction
 * call aborts what the dead one left open. */
#ifndef KPIPE_KOUT_SLOT_H
#define KPIPE_KOUT_SLOT_H

#include "util/fault.h"
#include "util/span.h"

#include <time.h>

enum { SLOT_GROUP = 255, SLOT_PLACE = 32, SLOT_ID = 320 };

struct slot {
    int fd; /* the lock; -1: none, the instance was named */
    char id[SLOT_ID];
    time_t kept; /* when the lock's file was last made young */
};

/* `instance`: kout --instance, PLACE/NUMBER's place is then its name, and nothing is locked; NULL:
 * none. False: the fault is set, 78 where the folder is not ours. Close it in both cases. */
bool slot_open(struct slot *slot, struct span group, const char *instance, struct fault *fault);

/* Another producer with our id has fenced us. True: for the second time within a minute: then two
 * take each other's place for ever, and somebody has to step in. */
bool slot_fenced(struct slot *slot);

/* To be called now and then: once a day it makes the lock's file young, so that what tidies up old
 * files (systemd-tmpfiles, 30 days for /var/tmp) does not remove it while we hold it. */
void slot_keep(struct slot *slot);

void slot_close(struct slot *slot);

#endif
