/* kpipe-adm/adm: what its commands share: the options, the client, the table that they fill. */
#ifndef KPIPE_KPIPE_ADM_ADM_H
#define KPIPE_KPIPE_ADM_ADM_H

#include "kafka/client.h"
#include "kafka/range.h"
#include "kpipe-adm/listing.h"

struct adm {
    struct fault *fault;
    struct conf conf;
    struct range to;    /* reset: where to */
    const char *group;  /* lag, reset, state */
    const char *store;  /* state: the name of the store */
    char *diff, *from;  /* state: "GROUP" or "GROUP:STORE"; or NULL, borrowed words */
    const char **names; /* topics that are meant, borrowed words; of reset also "TOPIC:0,2-5" */
    size_t name_count;  /* 0: all */
    bool yes;           /* reset, state: do it */
    bool json;          /* an object a line */
    bool differs;       /* state: the two tables are not the same */
    bool only_names;    /* topics, groups: nothing but their names is wanted */
    struct client client;
    struct listing listing;
};

/* The commands. Each fills adm->listing. False: the fault is set, and the table is not to be shown.
 * A fault beside true is told after the table. */
bool adm_topics(struct adm *adm);
bool adm_groups(struct adm *adm);
bool adm_lag(struct adm *adm);
bool adm_reset(struct adm *adm);
bool adm_state(struct adm *adm); /* a table of a store is written to stdout by itself */

/* Adds to *list the partitions of the topics that are meant, those with a leader only, sorted;
 * Kafka's own topics, which begin with "__", where they are named or `own`. False: the fault is
 * set: 66 for a topic that does not exist. */
bool adm_partitions(struct adm *adm, bool own, rd_kafka_topic_partition_list_t *list);

/* What the group of this client has committed, in *list, whose offsets and metadata it sets;
 * negative: nothing. A client that reads read_committed waits for open transactions; at most
 * CLIENT_START_MS. adm_ask_committed() returns an error; false: the fault is set. */
rd_kafka_resp_err_t adm_ask_committed(struct client *client, rd_kafka_topic_partition_list_t *list);
bool adm_committed(struct client *client, const char *group, rd_kafka_topic_partition_list_t *list);

/* Whether the group has no members. False: the fault is set. */
bool adm_idle(struct adm *adm);

/* load, of adm_state(): writes what another group keeps for this one. */
bool adm_load(struct adm *adm);

/* A store by its group and name: "GROUP" or "GROUP:STORE", whose colon is cut in `word`. */
struct adm_store {
    const char *group, *name;
};
struct adm_store adm_store(char *word, const char *name);

#endif
