/* kpipe-adm/reset: moves what a group has committed. */
#include "kafka/errors.h"
#include "kafka/topics.h"
#include "kpipe-adm/adm.h"

static const struct column columns[] = {
    {"topic", false}, {"partition", true}, {"committed", true}, {"to", true}, {NULL, false}};

/* The partitions that are meant: those of the topics that are named; without names, those that the
 * group has committed something of. */
static bool meant(struct adm *adm, rd_kafka_topic_partition_list_t *list)
{
    if (!adm_partitions(adm, true, list) || !adm_committed(&adm->client, adm->group, list))
        return false;
    for (int i = list->cnt - 1; i >= 0 && adm->name_count == 0; i--)
        if (list->elems[i].offset < 0)
            rd_kafka_topic_partition_list_del_by_idx(list, i);
    if (list->cnt == 0)
        fault_set(adm->fault, STATUS_NOINPUT,
                  "group %.249s: has committed nothing: name topics: -t TOPIC", adm->group);
    return list->cnt > 0;
}

/* The same partitions, without the metadata of their offsets: that is how state which belongs to
 * the old ones is found out (ack/bond). */
static rd_kafka_topic_partition_list_t *bare(const rd_kafka_topic_partition_list_t *from)
{
    rd_kafka_topic_partition_list_t *to = rd_kafka_topic_partition_list_new(from->cnt);
    for (int i = 0; i < from->cnt; i++)
        rd_kafka_topic_partition_list_add(to, from->elems[i].topic, from->elems[i].partition);
    return to;
}

/* In *to; its offsets are set to where each partition is to be. */
static bool target(struct adm *adm, rd_kafka_topic_partition_list_t *to)
{
    rd_kafka_topic_partition_list_t *low = rd_kafka_topic_partition_list_copy(to);
    rd_kafka_topic_partition_list_t *high = rd_kafka_topic_partition_list_copy(to);
    bool done = topics_offsets(&adm->client, low, RD_KAFKA_OFFSET_BEGINNING) &&
                topics_offsets(&adm->client, high, RD_KAFKA_OFFSET_END) &&
                (adm->to.kind != RANGE_TIME || topics_offsets(&adm->client, to, adm->to.value));
    for (int i = 0; i < to->cnt && done; i++) {
        rd_kafka_topic_partition_t *part = &to->elems[i];
        int64_t end = high->elems[i].offset;
        int64_t at = range_resolve(&adm->to, low->elems[i].offset, end, part->offset);
        part->offset = at < end ? at : end;
    }
    rd_kafka_topic_partition_list_destroy(low);
    rd_kafka_topic_partition_list_destroy(high);
    return done;
}

/* As a consumer that is no member: the broker takes that while there are no members, only. */
static bool commit(struct adm *adm, rd_kafka_topic_partition_list_t *to)
{
    rd_kafka_resp_err_t err = rd_kafka_commit(adm->client.handle, to, 0);
    for (int i = 0; i < to->cnt && err == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        err = to->elems[i].err;
    switch (err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return true;
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
        fault_set(adm->fault, STATUS_RETRY, "group %.249s: has members: stop its pipelines first",
                  adm->group);
        return false;
    default: {
        char object[TOPICS_OBJECT];
        snprintf(object, sizeof object, "group %.249s", adm->group);
        errors_set(adm->fault, object, err, NULL);
        return false;
    }
    }
}

static void rows(struct adm *adm, const rd_kafka_topic_partition_list_t *from,
                 const rd_kafka_topic_partition_list_t *to)
{
    listing_open(&adm->listing, columns);
    for (int i = 0; i < to->cnt; i++)
        listing_row(&adm->listing, to->elems[i].topic, (int64_t)to->elems[i].partition,
                    from->elems[i].offset, to->elems[i].offset);
}

bool adm_reset(struct adm *adm)
{
    if (!adm_idle(adm))
        return false;
    rd_kafka_topic_partition_list_t *from = rd_kafka_topic_partition_list_new(16);
    bool done = meant(adm, from);
    rd_kafka_topic_partition_list_t *to = bare(from);
    done = done && target(adm, to) && (!adm->yes || commit(adm, to));
    if (done)
        rows(adm, from, to);
    if (done && !adm->yes)
        fault_note(adm->fault, "group %.249s: nothing is changed yet: --yes does it", adm->group);
    rd_kafka_topic_partition_list_destroy(from);
    rd_kafka_topic_partition_list_destroy(to);
    return done;
}
