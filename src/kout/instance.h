/* kout/instance: the producer that has the transactional.id, and what is known of it. */
#ifndef KPIPE_KOUT_INSTANCE_H
#define KPIPE_KOUT_INSTANCE_H

#include "ack/guest.h"
#include "kout/endtxn.h"
#include "kout/send.h"
#include "kout/txnio.h"

enum { INSTANCE_CLUSTER = 128 };

struct instance {
    struct slot slot; /* the transactional.id, kept from one instance to the next */
    struct endtxn requests;
    struct send send;
    struct txnio txnio;
    char cluster[INSTANCE_CLUSTER]; /* HELLO's; empty: not known */
};

struct instance_options {
    const struct conf *conf; /* read */
    const char *topic;
    const struct writing *writing;
    const struct reader *reader;
    struct guest *guest; /* watched for the source's end while the id is waited for */
};

void instance_start(struct instance *instance);

/* Takes the id for HELLO's group; `name`: --instance, NULL: none. False: the fault is set. */
bool instance_meet(struct instance *instance, const struct hello *hello, const char *name,
                   struct fault *fault);

/* Connects, makes sure of the topic and that it is in the source's cluster, and becomes the one
 * that has the id: what an earlier one left open is aborted, and it is fenced. False: the fault is
 * set. */
bool instance_open(struct instance *instance, const struct instance_options *options,
                   struct fault *fault);

void instance_close(struct instance *instance);

#endif
