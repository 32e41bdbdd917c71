#include "kout/endtxn.h"

#include <unistd.h>

static const char name[] = "endtxn";

/* Kafka's protocol guide: AddPartitionsToTxn, AddOffsetsToTxn, EndTxn, TxnOffsetCommit. */
enum { END_TXN = 26 };

static bool changes_a_transaction(int16_t key)
{
    return key == 24 || key == 25 || key == END_TXN || key == 28;
}

static void over(struct endtxn *endtxn)
{
    uint64_t one = 1;
    atomic_store(&endtxn->under_way, false);
    if (write(endtxn->wake, &one, sizeof one) < 0)
        return; /* it is readable already */
}

static rd_kafka_resp_err_t on_sent(rd_kafka_t *handle, int fd, const char *broker, int32_t id,
                                   int16_t key, int16_t version, int32_t number, size_t size,
                                   void *requests)
{
    (void)handle, (void)fd, (void)broker, (void)id, (void)version, (void)number, (void)size;
    struct endtxn *endtxn = requests;
    if (key == END_TXN) {
        atomic_store(&endtxn->under_way, true);
        atomic_store(&endtxn->asked, true);
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* Called with the library's own error where no answer came (rd_kafka_buf_callback), and with key -1
 * for an answer that came too late. */
static rd_kafka_resp_err_t on_answered(rd_kafka_t *handle, int fd, const char *broker, int32_t id,
                                       int16_t key, int16_t version, int32_t number, size_t size,
                                       int64_t took, rd_kafka_resp_err_t err, void *requests)
{
    (void)handle, (void)fd, (void)broker, (void)id, (void)version, (void)number, (void)size;
    (void)took;
    struct endtxn *endtxn = requests;
    if (changes_a_transaction(key) && err != RD_KAFKA_RESP_ERR_NO_ERROR)
        atomic_store(&endtxn->unanswered, true);
    else if (key == END_TXN)
        atomic_store(&endtxn->ended, true);
    if (key == END_TXN)
        over(endtxn);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_new(rd_kafka_t *handle, const rd_kafka_conf_t *conf, void *requests,
                                  char *why, /* NOLINT: the library's type */
                                  size_t why_size)
{
    (void)conf, (void)why, (void)why_size;
    rd_kafka_resp_err_t err =
        rd_kafka_interceptor_add_on_request_sent(handle, name, on_sent, requests);
    return err != RD_KAFKA_RESP_ERR_NO_ERROR
               ? err
               : rd_kafka_interceptor_add_on_response_received(handle, name, on_answered, requests);
}

void endtxn_watch(rd_kafka_conf_t *conf, struct endtxn *requests)
{
    atomic_store(&requests->unanswered, false);
    atomic_store(&requests->under_way, false);
    rd_kafka_conf_interceptor_add_on_new(conf, name, on_new, requests);
}

void endtxn_begin(struct endtxn *requests)
{
    atomic_store(&requests->ended, false);
    atomic_store(&requests->asked, false);
}

bool endtxn_asked(struct endtxn *requests)
{
    return atomic_load(&requests->asked);
}

bool endtxn_under_way(struct endtxn *requests)
{
    return atomic_load(&requests->under_way);
}

bool endtxn_ended(struct endtxn *requests)
{
    return atomic_load(&requests->ended);
}

bool endtxn_tainted(struct endtxn *requests)
{
    return atomic_load(&requests->unanswered);
}
