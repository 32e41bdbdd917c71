#include "kafka/store.h"

#include "kafka/admin.h"
#include "kafka/topics.h"

#include <inttypes.h>
#include <string.h>

bool store_client(struct client *client, const struct conf *conf, const char *isolation,
                  const char *group, struct fault *fault)
{
    const struct client_property properties[] = {
        {"isolation.level", isolation, CLIENT_PROMISE},
        {group == NULL ? NULL : "group.id", group, CLIENT_PROMISE},
        {NULL, NULL, CLIENT_DEFAULT}};
    const struct client_options options = {
        .conf = conf, .type = RD_KAFKA_CONSUMER, .reads = true, .properties = properties};
    return client_open(client, &options, fault);
}

bool store_make(struct client *client, const char *name, int32_t partitions)
{
    char policy[] = "cleanup.policy", compact[] = "compact";
    struct prop compacted = {.name = policy, .value = compact};
    const struct props settings = {.list = &compacted, .count = 1};
    return admin_ensure(client, name, partitions, &settings);
}

bool store_check(struct client *client, const char *topic, int32_t has, int32_t partitions)
{
    char policy[ADMIN_VALUE];
    if (has != partitions)
        fault_set(client->fault, STATUS_CONFIG,
                  "topic %s: has %" PRId32 " partition%s, and the source's topics have %" PRId32
                  ": kpipe(7) tells how to widen it",
                  topic, has, has == 1 ? "" : "s", partitions);
    else if (admin_setting(client, topic, "cleanup.policy", policy) &&
             strcmp(policy, "compact") != 0)
        fault_set(client->fault, STATUS_CONFIG,
                  "topic %s: its cleanup.policy is %s, by which counts would be lost: set it to "
                  "compact",
                  topic, policy);
    return client->fault->status == 0;
}
