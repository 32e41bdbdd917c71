#include "kout/instance.h"

#include "util/clock.h"
#include "util/sig.h"

#include <string.h>

enum { INIT_MS = 30000, SLICE_MS = 100 };

void instance_start(struct instance *instance)
{
    *instance = (struct instance){.slot = {.fd = -1}, .send = {.client = {.wake = -1}}};
}

bool instance_meet(struct instance *instance, const struct hello *hello, const char *name,
                   struct fault *fault)
{
    if (hello->cluster.size > 0 && hello->cluster.size < INSTANCE_CLUSTER)
        memcpy(instance->cluster, hello->cluster.at, hello->cluster.size);
    return slot_open(&instance->slot, hello->group, name, fault);
}

/* A transaction cannot span clusters: the offsets would go to a group of the same name elsewhere.
 */
static bool same_cluster(const struct instance *instance, struct fault *fault)
{
    rd_kafka_t *handle = instance->send.client.handle;
    char *ours = rd_kafka_clusterid(handle, CLIENT_START_MS);
    bool same = ours == NULL || *instance->cluster == '\0' || strcmp(ours, instance->cluster) == 0;
    if (!same)
        fault_set(fault, STATUS_CONFIG,
                  "-x: the source reads cluster %s, and topic %s is in cluster %s: exactly once "
                  "wants one cluster: leave -x out",
                  instance->cluster, instance->send.out.topic.name, ours);
    rd_kafka_mem_free(handle, ours);
    return same;
}

/* In slices, so that a signal, and the source's end, are seen. */
static bool become_the_one(struct instance *instance, struct guest *guest, struct fault *fault)
{
    int64_t end = clock_ms() + INIT_MS;
    enum txnio_result got;
    while ((got = txnio_init(&instance->txnio, SLICE_MS)) == TXNIO_AGAIN) {
        client_serve(&instance->send.client, 0);
        if (sig_caught() != 0)
            fault_signal(fault, sig_caught());
        else if (!guest_hear(guest))
            fault_set(fault, STATUS_RETRY, "the source ended before it began: start again");
        else if (clock_ms() > end)
            fault_set(fault, STATUS_RETRY,
                      "%s: the broker did not give the transactional.id to us in time: an earlier "
                      "transaction may be open: start again",
                      instance->slot.id);
        if (fault->status != 0)
            return false;
    }
    return got == TXNIO_DONE;
}

static void watch_requests(rd_kafka_conf_t *conf, void *owner)
{
    endtxn_watch(conf, ((struct send *)owner)->requests);
}

bool instance_open(struct instance *instance, const struct instance_options *options,
                   struct fault *fault)
{
    const struct send_options send = {.conf = options->conf,
                                      .topic = options->topic,
                                      .writing = options->writing,
                                      .transactional_id = instance->slot.id,
                                      .configure = watch_requests,
                                      .requests = &instance->requests};
    if (!send_open(&instance->send, &send, options->reader, fault))
        return false;
    instance->requests.wake = instance->send.client.wake;
    instance->txnio = (struct txnio){
        .fault = fault, .handle = instance->send.client.handle, .slot = &instance->slot};
    return same_cluster(instance, fault) && become_the_one(instance, options->guest, fault);
}

void instance_close(struct instance *instance)
{
    send_close(&instance->send);
    slot_close(&instance->slot);
}
