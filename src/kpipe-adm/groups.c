/* kpipe-adm/groups: which groups there are, what one has committed, and how far it is behind. */
#include "kafka/errors.h"
#include "kafka/topics.h"
#include "kpipe-adm/adm.h"
#include "util/clock.h"
#include "util/sig.h"

#include <stdlib.h>
#include <string.h>

enum { OBJECT = 320 };

static const struct column group_columns[] = {
    {"group", false}, {"state", false}, {"protocol", false}, {"members", true}, {NULL, false}};
static const struct column lag_columns[] = {{"topic", false},    {"partition", true},
                                            {"committed", true}, {"end", true},
                                            {"lag", true},       {NULL, false}};

static void failed(struct fault *fault, const char *group, rd_kafka_resp_err_t err)
{
    char object[OBJECT];
    if (group == NULL)
        snprintf(object, sizeof object, "groups");
    else
        snprintf(object, sizeof object, "group %.249s", group);
    if (sig_caught() != 0)
        fault_signal(fault, sig_caught());
    errors_set(fault, object, err, NULL);
}

/* This group, or all where it is NULL; what is partial is taken as it is. Owned by the caller.
 * NULL: the fault is set. */
static const struct rd_kafka_group_list *describe(struct adm *adm, const char *group)
{
    const struct rd_kafka_group_list *list = NULL;
    const struct rd_kafka_metadata *metadata = client_metadata(&adm->client, NULL);
    if (metadata == NULL) /* it says best why no broker is there */
        return NULL;
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_resp_err_t err =
        rd_kafka_list_groups(adm->client.handle, group, &list, CLIENT_START_MS);
    if (list == NULL)
        failed(adm->fault, adm->group, err);
    else if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        fault_set(adm->fault, STATUS_RETRY, "groups: not every broker has answered: try again");
    return list;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct rd_kafka_group_info *)a)->group,
                  ((const struct rd_kafka_group_info *)b)->group);
}

bool adm_groups(struct adm *adm)
{
    const struct rd_kafka_group_list *list = describe(adm, NULL);
    if (list == NULL)
        return false;
    listing_open(&adm->listing, group_columns);
    if (list->group_cnt > 0)
        qsort(list->groups, (size_t)list->group_cnt, sizeof *list->groups, by_name);
    for (int i = 0; i < list->group_cnt; i++) {
        const struct rd_kafka_group_info *group = &list->groups[i];
        listing_row(&adm->listing, group->group, group->state, group->protocol,
                    (int64_t)group->member_cnt);
    }
    rd_kafka_group_list_destroy(list);
    return true;
}

static int members(struct adm *adm)
{
    const struct rd_kafka_group_list *list = describe(adm, adm->group);
    if (list == NULL)
        return -1;
    int count = 0;
    for (int i = 0; i < list->group_cnt; i++) {
        count += list->groups[i].member_cnt;
        if (errors_status(list->groups[i].err) == STATUS_AUTH)
            failed(adm->fault, adm->group, list->groups[i].err);
    }
    rd_kafka_group_list_destroy(list);
    return adm->fault->status == 0 ? count : -1;
}

bool adm_idle(struct adm *adm)
{
    int count = members(adm);
    if (count > 0)
        fault_set(adm->fault, STATUS_RETRY,
                  "group %.249s: has %d member%s: stop its pipelines first", adm->group, count,
                  count == 1 ? "" : "s");
    return count == 0;
}

static rd_kafka_resp_err_t first_error(const rd_kafka_topic_partition_list_t *list,
                                       rd_kafka_resp_err_t err)
{
    for (int i = 0; i < list->cnt && err == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        err = list->elems[i].err;
    return err;
}

/* The coordinator may have to be found, and to load, first. */
rd_kafka_resp_err_t adm_ask_committed(struct client *client, rd_kafka_topic_partition_list_t *list)
{
    int64_t end = clock_ms() + CLIENT_START_MS;
    rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (list->cnt == 0)
        return err;
    do {
        err = first_error(list, rd_kafka_committed(client->handle, list, 1000));
        client_serve(client, err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : 50);
    } while (err != RD_KAFKA_RESP_ERR_NO_ERROR && errors_passing(err) &&
             client->fault->status == 0 && sig_caught() == 0 && clock_ms() < end);
    return err;
}

bool adm_committed(struct client *client, const char *group, rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_resp_err_t err = adm_ask_committed(client, list);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        failed(client->fault, group, err);
    return client->fault->status == 0;
}

/* Of *list those with something committed, to *stored, and their ends to *ends. */
static bool stored_of(struct adm *adm, const rd_kafka_topic_partition_list_t *list,
                      rd_kafka_topic_partition_list_t *ends)
{
    for (int i = 0; i < list->cnt; i++)
        if (list->elems[i].offset >= 0)
            rd_kafka_topic_partition_list_add(ends, list->elems[i].topic, list->elems[i].partition);
    if (ends->cnt > 0)
        return topics_offsets(&adm->client, ends, RD_KAFKA_OFFSET_END);
    fault_set(adm->fault, STATUS_NOINPUT, "group %.249s: has committed nothing: see %s", adm->group,
              "kpipe-adm groups");
    return false;
}

/* A group may have committed more than a topic has that was made anew. */
static void lag_rows(struct adm *adm, rd_kafka_topic_partition_list_t *committed,
                     const rd_kafka_topic_partition_list_t *ends)
{
    listing_open(&adm->listing, lag_columns);
    for (int i = 0; i < ends->cnt; i++) {
        const rd_kafka_topic_partition_t *end = &ends->elems[i];
        int64_t offset =
            rd_kafka_topic_partition_list_find(committed, end->topic, end->partition)->offset;
        listing_row(&adm->listing, end->topic, (int64_t)end->partition, offset, end->offset,
                    end->offset > offset ? end->offset - offset : INT64_C(0));
    }
}

bool adm_lag(struct adm *adm)
{
    rd_kafka_topic_partition_list_t *committed = rd_kafka_topic_partition_list_new(16);
    rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_new(16);
    bool done = adm_partitions(adm, true, committed) &&
                adm_committed(&adm->client, adm->group, committed) &&
                stored_of(adm, committed, ends);
    if (done)
        lag_rows(adm, committed, ends);
    rd_kafka_topic_partition_list_destroy(committed);
    rd_kafka_topic_partition_list_destroy(ends);
    return done;
}
