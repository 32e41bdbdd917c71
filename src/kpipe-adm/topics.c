/* kpipe-adm/topics: which topics there are, and where their partitions begin and end. */
#include "kafka/topics.h"
#include "kafka/errors.h"
#include "kpipe-adm/adm.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct column columns[] = {{"topic", false},   {"partition", true}, {"leader", true},
                                        {"replicas", true}, {"insync", true},    {"first", true},
                                        {"end", true},      {"records", true},   {NULL, false}};

static bool meant(const struct adm *adm, bool own, const char *topic)
{
    for (size_t i = 0; i < adm->name_count; i++)
        if (strcmp(adm->names[i], topic) == 0)
            return true;
    return adm->name_count == 0 && (own || strncmp(topic, "__", 2) != 0);
}

/* What is named and not there. */
static bool all_there(struct adm *adm, const struct rd_kafka_metadata *metadata)
{
    for (size_t i = 0; i < adm->name_count; i++) {
        int t = 0;
        while (t < metadata->topic_cnt && strcmp(metadata->topics[t].topic, adm->names[i]) != 0)
            t++;
        if (t == metadata->topic_cnt) {
            fault_set(adm->fault, STATUS_NOINPUT, "topic %.249s: does not exist: see %s",
                      adm->names[i], "kpipe-adm topics");
            return false;
        }
    }
    return true;
}

bool adm_partitions(struct adm *adm, bool own, rd_kafka_topic_partition_list_t *list)
{
    const struct rd_kafka_metadata *metadata = client_metadata(&adm->client, NULL);
    if (metadata == NULL)
        return false;
    bool there = all_there(adm, metadata);
    for (int t = 0; t < metadata->topic_cnt; t++) {
        const struct rd_kafka_metadata_topic *topic = &metadata->topics[t];
        for (int p = 0; p < topic->partition_cnt && meant(adm, own, topic->topic); p++)
            if (topic->partitions[p].leader >= 0)
                rd_kafka_topic_partition_list_add(list, topic->topic, topic->partitions[p].id);
    }
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_partition_list_sort(list, NULL, NULL);
    return there;
}

/* One row a topic, its name alone. */
static void names(struct adm *adm, const struct rd_kafka_metadata *metadata)
{
    static const struct column name[] = {{"topic", false}, {NULL, false}};
    listing_open(&adm->listing, name);
    for (int t = 0; t < metadata->topic_cnt; t++)
        if (meant(adm, false, metadata->topics[t].topic))
            listing_row(&adm->listing, metadata->topics[t].topic);
}

static int64_t offset_of(rd_kafka_topic_partition_list_t *list, const char *topic,
                         int32_t partition)
{
    const rd_kafka_topic_partition_t *found =
        rd_kafka_topic_partition_list_find(list, topic, partition);
    return found == NULL ? -1 : found->offset;
}

static void rows(struct adm *adm, const struct rd_kafka_metadata_topic *topic,
                 rd_kafka_topic_partition_list_t *low, rd_kafka_topic_partition_list_t *high)
{
    for (int p = 0; p < topic->partition_cnt; p++) {
        const struct rd_kafka_metadata_partition *part = &topic->partitions[p];
        int64_t first = offset_of(low, topic->topic, part->id);
        int64_t end = offset_of(high, topic->topic, part->id);
        listing_row(&adm->listing, topic->topic, (int64_t)part->id, (int64_t)part->leader,
                    (int64_t)part->replica_cnt, (int64_t)part->isr_cnt, first, end,
                    end < 0 || first < 0 ? -1 : end - first);
        if (part->leader < 0)
            fault_set(adm->fault, STATUS_RETRY, "topic %.249s/%" PRId32 ": has no leader: %s",
                      topic->topic, part->id, "see to its brokers");
    }
    if (topic->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        char object[TOPICS_OBJECT];
        snprintf(object, sizeof object, "topic %.249s", topic->topic);
        errors_set(adm->fault, object, topic->err, NULL);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct rd_kafka_metadata_topic *)a)->topic,
                  ((const struct rd_kafka_metadata_topic *)b)->topic);
}

/* Those without a leader have no row in the lists, and none of their offsets is known. */
static bool edges(struct adm *adm, rd_kafka_topic_partition_list_t *low,
                  rd_kafka_topic_partition_list_t *high)
{
    return low->cnt == 0 || (topics_offsets(&adm->client, low, RD_KAFKA_OFFSET_BEGINNING) &&
                             topics_offsets(&adm->client, high, RD_KAFKA_OFFSET_END));
}

static bool table_of(struct adm *adm, const struct rd_kafka_metadata *metadata)
{
    rd_kafka_topic_partition_list_t *low = rd_kafka_topic_partition_list_new(16);
    bool done = adm_partitions(adm, false, low);
    rd_kafka_topic_partition_list_t *high = rd_kafka_topic_partition_list_copy(low);
    done = done && edges(adm, low, high);
    listing_open(&adm->listing, columns);
    for (int t = 0; t < metadata->topic_cnt && done; t++)
        if (meant(adm, false, metadata->topics[t].topic))
            rows(adm, &metadata->topics[t], low, high);
    rd_kafka_topic_partition_list_destroy(low);
    rd_kafka_topic_partition_list_destroy(high);
    return done;
}

bool adm_topics(struct adm *adm)
{
    const struct rd_kafka_metadata *metadata = client_metadata(&adm->client, NULL);
    if (metadata == NULL)
        return false;
    bool done = all_there(adm, metadata);
    qsort(metadata->topics, (size_t)metadata->topic_cnt, sizeof *metadata->topics, by_name);
    if (done && adm->only_names)
        names(adm, metadata);
    else if (done)
        done = table_of(adm, metadata);
    rd_kafka_metadata_destroy(metadata);
    return done;
}
