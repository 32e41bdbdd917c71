#include "kout/txnio.h"

#include "kafka/errors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BEGINS = 10, FINISH_MS = 10000, OFFSETS_MS = 30000, WHY = 512, OBJECT = SLOT_ID + 32 };

static bool fences(rd_kafka_resp_err_t err)
{
    return err == RD_KAFKA_RESP_ERR__FENCED || err == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
           err == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

static void fenced(const struct txnio *txnio)
{
    if (slot_fenced(txnio->slot))
        fault_set(txnio->fault, STATUS_CONFIG,
                  "%s: another kout uses this transactional.id, for the second time within a "
                  "minute: give each its --instance NAME",
                  txnio->slot->id);
    else
        fault_set(txnio->fault, STATUS_RETRY,
                  "%s: the transaction took too long, or another kout uses this transactional.id: "
                  "start again",
                  txnio->slot->id);
}

/* A fatal error stands over the one that a call gives: that is often only what followed from it. */
static void fail(const struct txnio *txnio, rd_kafka_resp_err_t err, const char *said)
{
    char why[WHY], object[OBJECT];
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(txnio->handle, why, sizeof why);
    if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
        err = fatal;
        said = why;
    }
    if (fences(err)) {
        fenced(txnio);
        return;
    }
    snprintf(object, sizeof object, "transaction %s", txnio->slot->id);
    errors_set(txnio->fault, object, err, said);
}

/* Takes the error. */
static enum txnio_result judge(const struct txnio *txnio, rd_kafka_error_t *error)
{
    enum txnio_result result = TXNIO_DONE;
    if (error == NULL)
        return result;
    result = rd_kafka_error_is_retriable(error) ? TXNIO_AGAIN : TXNIO_FAILED;
    if (result == TXNIO_FAILED)
        fail(txnio, rd_kafka_error_code(error), rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return result;
}

enum txnio_result txnio_init(const struct txnio *txnio, int wait_ms)
{
    return judge(txnio, rd_kafka_init_transactions(txnio->handle, wait_ms));
}

/* The same can leave a commit without its last step, which the library wants called for: the first
 * begin is refused then. There is nothing to commit in between, so that a commit is no more than
 * that step, or refused itself. */
static rd_kafka_error_t *first_begin(const struct txnio *txnio)
{
    rd_kafka_error_t *error = rd_kafka_begin_transaction(txnio->handle);
    if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__STATE)
        return error;
    rd_kafka_error_destroy(error);
    error = rd_kafka_commit_transaction(txnio->handle, FINISH_MS);
    if (error != NULL)
        rd_kafka_error_destroy(error);
    return rd_kafka_begin_transaction(txnio->handle);
}

/* A commit that timed out and was resumed while its answer came leaves the library (2.0.2) one
 * result behind: the next call gets that of the one before, and has not been carried out when it
 * returns. A transaction has begun when a second begin is refused. */
static enum txnio_result begun(const struct txnio *txnio)
{
    for (int i = 0; i < BEGINS; i++) {
        rd_kafka_error_t *error = rd_kafka_begin_transaction(txnio->handle);
        if (error == NULL)
            continue;
        bool refused = rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__STATE;
        if (!refused && !rd_kafka_error_is_retriable(error))
            return judge(txnio, error);
        rd_kafka_error_destroy(error);
        if (refused)
            return TXNIO_DONE;
    }
    fault_set(txnio->fault, STATUS_RETRY, "transaction %s: does not begin: start again",
              txnio->slot->id);
    return TXNIO_FAILED;
}

/* After a fatal error the call could hang (librdkafka #4420). */
enum txnio_result txnio_begin(const struct txnio *txnio)
{
    char why[WHY];
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(txnio->handle, why, sizeof why);
    if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR) {
        enum txnio_result result = judge(txnio, first_begin(txnio));
        return result == TXNIO_DONE ? begun(txnio) : result;
    }
    fail(txnio, fatal, why);
    return TXNIO_FAILED;
}

static rd_kafka_topic_partition_list_t *offsets_list(const struct changelog *changelog,
                                                     struct grant *grant)
{
    struct grant_offset offset;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)grant->count);
    while (grant_next(grant, &offset)) {
        char topic[256];
        snprintf(topic, sizeof topic, "%.*s", (int)offset.topic.size,
                 (const char *)offset.topic.at);
        rd_kafka_topic_partition_t *part =
            rd_kafka_topic_partition_list_add(list, topic, offset.partition);
        struct span note = changelog_note(changelog, offset.partition, offset.note);
        part->offset = offset.offset;
        part->metadata = note.size > 0 ? malloc(note.size) : NULL;
        part->metadata_size = part->metadata != NULL ? note.size : 0;
        if (part->metadata != NULL)
            memcpy(part->metadata, note.at, note.size);
    }
    return list;
}

static char *text(struct span span)
{
    return span.at == NULL ? NULL : strndup((const char *)span.at, span.size);
}

enum txnio_result txnio_offsets(const struct txnio *txnio, struct grant *grant)
{
    char *group = text(grant->group), *member = text(grant->member),
         *instance = text(grant->instance);
    rd_kafka_topic_partition_list_t *list = offsets_list(txnio->changelog, grant);
    enum txnio_result result = TXNIO_FAILED;
    rd_kafka_consumer_group_metadata_t *metadata = NULL;
    if (group != NULL && member != NULL && (instance != NULL || grant->instance.at == NULL))
        metadata = rd_kafka_consumer_group_metadata_new_with_genid(group, grant->generation, member,
                                                                   instance);
    if (metadata == NULL) {
        fault_memory(txnio->fault);
    } else {
        result = judge(
            txnio, rd_kafka_send_offsets_to_transaction(txnio->handle, list, metadata, OFFSETS_MS));
        rd_kafka_consumer_group_metadata_destroy(metadata);
    }
    rd_kafka_topic_partition_list_destroy(list);
    free(group);
    free(member);
    free(instance);
    if (result == TXNIO_AGAIN) /* the library has tried again by itself until now */
        fault_set(
            txnio->fault, STATUS_RETRY,
            "transaction %s: its offsets were not taken in time: start again: nothing is lost "
            "or doubled",
            txnio->slot->id);
    return result == TXNIO_DONE ? TXNIO_DONE : TXNIO_FAILED;
}

enum txnio_result txnio_commit(const struct txnio *txnio, int wait_ms)
{
    return judge(txnio, rd_kafka_commit_transaction(txnio->handle, wait_ms));
}

enum txnio_result txnio_abort(const struct txnio *txnio, int wait_ms)
{
    char why[WHY];
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(txnio->handle, why, sizeof why);
    if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR)
        return judge(txnio, rd_kafka_abort_transaction(txnio->handle, wait_ms));
    fail(txnio, fatal, why);
    return TXNIO_FAILED;
}
