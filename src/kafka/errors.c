#include "kafka/errors.h"

struct meaning {
    rd_kafka_resp_err_t err;
    int status;
    const char *what; /* NULL: in the library's words */
    const char *remedy;
};

static const char reach[] = "check the brokers' names, the network and the broker";
static const char password[] = "check user, password and mechanism";
static const char again[] = "try again";

/* Kafka's own are in its protocol guide under "Error Codes"; those with two underscores are the
 * library's. */
static const struct meaning meanings[] = {
    {RD_KAFKA_RESP_ERR__TRANSPORT, STATUS_UNAVAILABLE, NULL, reach},
    {RD_KAFKA_RESP_ERR__RESOLVE, STATUS_UNAVAILABLE, NULL, reach},
    {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, STATUS_UNAVAILABLE, NULL, reach},
    {RD_KAFKA_RESP_ERR__TIMED_OUT, STATUS_UNAVAILABLE, "no answer from the broker", reach},
    {RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, STATUS_UNAVAILABLE, "no answer from the broker", reach},
    {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, STATUS_UNAVAILABLE, "no broker took it in time", reach},
    {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, STATUS_UNAVAILABLE, "no broker took it in time", reach},
    {RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, STATUS_UNAVAILABLE, NULL, reach},
    {RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, STATUS_UNAVAILABLE, NULL, reach},

    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, STATUS_NOINPUT, "does not exist",
     "check the name and the brokers"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, STATUS_NOINPUT, "does not exist",
     "check the name and the brokers"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, STATUS_NOINPUT, "is gone",
     "the topic was deleted or made anew"},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, STATUS_NOINPUT,
     "is no name for a topic, or is one of Kafka's own",
     "letters, digits, '.', '_' and '-', at most 249"},

    {RD_KAFKA_RESP_ERR__AUTHENTICATION, STATUS_AUTH, NULL, password},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, STATUS_AUTH, NULL, password},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, STATUS_AUTH, "we are not allowed to use it",
     "ask for the right in the broker's ACLs"},
    {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, STATUS_AUTH, "we are not allowed to use it",
     "ask for the right in the broker's ACLs"},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, STATUS_AUTH, "we are not allowed to use it",
     "ask for IdempotentWrite in the broker's ACLs"},

    {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, STATUS_AUTH,
     "we are not allowed to use its transactional.id", "ask for the right in the broker's ACLs"},
    {RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, STATUS_CONFIG,
     "transaction.timeout.ms is over the broker's transaction.max.timeout.ms", "set a smaller one"},

    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, STATUS_DATA, "too large for the topic",
     "raise its max.message.bytes; or --on-error skip; a batch of small ones: -X batch.size below "
     "it"},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, STATUS_DATA, "too large for the topic",
     "raise its max.message.bytes; or --on-error skip; a batch of small ones: -X batch.size below "
     "it"},
    {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, STATUS_DATA, "the broker refused its timestamp",
     "see the topic's message.timestamp.before.max.ms and message.timestamp.after.max.ms"},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, STATUS_DATA, "the broker refused it",
     "a compacted topic wants a key in every record"},
    {RD_KAFKA_RESP_ERR_INVALID_MSG, STATUS_DATA, "the broker refused it",
     "a compacted topic wants a key in every record"},
    {RD_KAFKA_RESP_ERR__BAD_MSG, STATUS_DATA, "the log is damaged here",
     "have the broker's disk checked"},
    {RD_KAFKA_RESP_ERR__BAD_COMPRESSION, STATUS_DATA, "the log is damaged here",
     "have the broker's disk checked"},

    {RD_KAFKA_RESP_ERR__SSL, STATUS_CONFIG, NULL,
     "check ssl.ca.location and the broker's name and port"},
    {RD_KAFKA_RESP_ERR__INVALID_ARG, STATUS_CONFIG, NULL, "mend what is set"},
    {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, STATUS_CONFIG, NULL, "the broker is too old for this"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, STATUS_CONFIG, NULL,
     "client library and broker do not fit: see kcat-in --version"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, STATUS_CONFIG, NULL,
     "choose a mechanism that the broker offers"},
    {RD_KAFKA_RESP_ERR_SECURITY_DISABLED, STATUS_CONFIG, NULL, "the broker has no such security"},
    {RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL, STATUS_CONFIG,
     "its members use another partition.assignment.strategy or group.protocol",
     "set the same for all"},
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, STATUS_CONFIG, NULL, "see the cluster's policies"},
    {RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, STATUS_CONFIG, NULL, "mend what is set"},
    {RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, STATUS_CONFIG, NULL,
     "see the brokers' default.replication.factor"},
    {RD_KAFKA_RESP_ERR_INVALID_CONFIG, STATUS_CONFIG, NULL, "mend what is set"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, STATUS_CONFIG, NULL, "choose another codec"},

    {RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, STATUS_RETRY,
     "was deleted before it was read, or cannot be read yet",
     "start again; if it comes back, raise the topic's retention"},
    {RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, STATUS_RETRY,
     "was deleted before it was read, or cannot be read yet",
     "start again; if it comes back, raise the topic's retention"},
    {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, STATUS_RETRY, "the group has moved on", again},
    {RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, STATUS_RETRY, "the group has moved on", again},
    {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, STATUS_RETRY,
     "another member has taken our group.instance.id", again},
    {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, STATUS_RETRY, "has no leader", again},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, STATUS_RETRY, "too few replicas are in sync",
     "try again when the cluster is whole"},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, STATUS_RETRY,
     "too few replicas are in sync", "try again when the cluster is whole"},
    {RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, STATUS_OS, NULL, "raise the limits (ulimit -a)"},
};

static struct meaning meaning(rd_kafka_resp_err_t err)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (meanings[i].err == err)
            return meanings[i];
    return (struct meaning){err, STATUS_RETRY, NULL, again};
}

int errors_status(rd_kafka_resp_err_t err)
{
    return meaning(err).status;
}

bool errors_refused(rd_kafka_resp_err_t err)
{
    return errors_status(err) == STATUS_DATA;
}

const char *errors_what(rd_kafka_resp_err_t err)
{
    const char *what = meaning(err).what;
    return what != NULL ? what : rd_kafka_err2str(err);
}

bool errors_passing(rd_kafka_resp_err_t err)
{
    int status = errors_status(err);
    return status == STATUS_UNAVAILABLE || status == STATUS_RETRY;
}

int errors_set(struct fault *fault, const char *object, rd_kafka_resp_err_t err, const char *detail)
{
    struct meaning found = meaning(err);
    const char *what = found.what;
    if (what == NULL)
        what = detail != NULL ? detail : rd_kafka_err2str(err);
    return fault_set(fault, found.status, "%s: %s: %s", object, what, found.remedy);
}
