#include "kafka/ahead.h"

#include <stdlib.h>
#include <string.h>

/* A property's value, "" where it has none or is not known; owned by the caller. NULL: no memory.
 */
static char *value_of(rd_kafka_t *handle, const char *name)
{
    size_t size = 0;
    const rd_kafka_conf_t *conf = rd_kafka_conf(handle);
    bool there = rd_kafka_conf_get(conf, name, NULL, &size) == RD_KAFKA_CONF_OK;
    char *value = calloc(1, size + 1);
    if (value != NULL && there)
        rd_kafka_conf_get(conf, name, value, &size);
    return value;
}

static uint64_t half_of(rd_kafka_t *handle, const char *name, uint64_t unit)
{
    char *value = value_of(handle, name);
    uint64_t half = value == NULL ? 0 : strtoull(value, NULL, 10) * unit / 2;
    free(value);
    return half;
}

void ahead_open(struct ahead *ahead, rd_kafka_t *handle)
{
    char *backoff = value_of(handle, "fetch.queue.backoff.ms");
    *ahead = (struct ahead){.handle = handle};
    if (backoff != NULL && *backoff == '\0') {
        ahead->user = value_of(handle, "sasl.username");
        ahead->password = value_of(handle, "sasl.password");
        ahead->bytes = half_of(handle, "queued.max.messages.kbytes", 1024);
        if (ahead->user != NULL && ahead->password != NULL)
            ahead->messages = half_of(handle, "queued.min.messages", 1);
    }
    free(backoff);
}

static void wake(const struct ahead *ahead)
{
    rd_kafka_error_t *error =
        rd_kafka_sasl_set_credentials(ahead->handle, ahead->user, ahead->password);
    if (error != NULL)
        rd_kafka_error_destroy(error);
}

/* The library tells the queue's length and not its bytes: those left are taken to be as long as
 * those that were taken. */
static bool half_full(const struct ahead *ahead, uint64_t length, uint64_t mean)
{
    return length >= ahead->messages || length * mean >= ahead->bytes;
}

static void look(struct ahead *ahead, rd_kafka_queue_t *queue, rd_kafka_message_t **batch,
                 size_t got)
{
    uint64_t left = rd_kafka_queue_length(queue), bytes = 0;
    for (size_t i = 0; i < got; i++)
        bytes += batch[i]->len + batch[i]->key_len;
    if (half_full(ahead, left, bytes / got)) {
        ahead->full = true;
    } else if (ahead->full || half_full(ahead, left + got, bytes / got)) {
        ahead->full = false;
        wake(ahead);
    }
}

ssize_t ahead_take(struct ahead *ahead, rd_kafka_queue_t *queue, int wait_ms,
                   rd_kafka_message_t **batch, size_t most)
{
    ssize_t got = rd_kafka_consume_batch_queue(queue, wait_ms, batch, most);
    if (got > 0 && ahead->messages > 0)
        look(ahead, queue, batch, (size_t)got);
    return got;
}

void ahead_close(struct ahead *ahead)
{
    if (ahead->password != NULL)
        explicit_bzero(ahead->password, strlen(ahead->password));
    free(ahead->user);
    free(ahead->password);
    *ahead = (struct ahead){.handle = NULL};
}
