// Sets the properties all clients share, and translates errors. What librdkafka logs goes to our log.
#include "outbound/kafka/kafka_client.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "telemetry/log.hpp"

namespace productd {

namespace {

/// Of syslog's levels: what is less is louder. Nothing that librdkafka says of a broker is an error of the service.
log::Level level_of(int syslog) {
    constexpr int warning = 4;
    constexpr int debug = 7;
    if (syslog <= warning) return log::Level::warn;
    return syslog < debug ? log::Level::info : log::Level::debug;
}

void say(const rd_kafka_t*, int level, const char* facility, const char* text) {
    log::driver(level_of(level), "Kafka", text, facility);
}

}  // namespace

KafkaPartitions kafka_partitions(const std::vector<TopicPartition>& sources) {
    KafkaPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(sources.size())));
    for (const auto& source : sources) {
        rd_kafka_topic_partition_list_add(list.get(), source.topic.c_str(), source.partition);
    }
    return list;
}

Error kafka_error(rd_kafka_resp_err_t code, const std::string& cause) {
    const auto said = cause.empty() ? std::string(rd_kafka_err2str(code)) : cause;
    // The hint is for who runs the service: it names keys and settings, which no caller sees.
    const auto error = [&](Errc errc, std::string detail, const std::string& hint = {}) {
        return Error{errc, std::move(detail), {}, hint.empty() ? said : hint + ": " + said};
    };
    switch (code) {
        case RD_KAFKA_RESP_ERR__QUEUE_FULL:
            return error(Errc::unavailable, "Too much waits to be written to Kafka already.",
                         "see Kafka.BufferBytesMax");
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
            return error(Errc::not_found, "A topic is missing.", "run `productd topics create`");
        case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
            return error(Errc::invalid_argument, "The topic has no such partition.");
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
            return error(Errc::invalid_argument, "The message is larger than the topic allows.",
                         "see its max.message.bytes");
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
            return error(Errc::unavailable, "Kafka does not let us in.",
                         "see Kafka.Mechanism, Kafka.User and Kafka.Password");
        case RD_KAFKA_RESP_ERR__SSL:
            return error(Errc::unavailable, "TLS to Kafka fails.", "see Kafka.Security and Kafka.TlsCaFile");
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            return error(Errc::unavailable, "Kafka does not allow this to its user.", "see the rights of Kafka.User");
        case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
            return error(Errc::unavailable, "The brokers do not allow the session's time-out.",
                         "set Kafka.SessionTimeout between their group.min.session.timeout.ms and "
                         "group.max.session.timeout.ms");
        case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
        case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
            return error(Errc::unavailable, "Too few replicas of the topic are in sync.",
                         "see its min.insync.replicas");
        case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
            return error(Errc::unavailable,
                         "No broker acknowledged the record in time: they are away, or too few replicas are in sync.",
                         "`productd doctor` tells which; see Kafka.Brokers and Kafka.DeliveryTimeout");
        case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
            return error(Errc::out_of_range, "The partition does not have this offset.");
        case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
        case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
        case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
        case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
        case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
            return error(Errc::failed_precondition, "The partition belongs to another member of the group by now.");
        case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
            return error(Errc::invalid_argument, "Kafka takes no metadata this long.",
                         "see the brokers' offset.metadata.max.bytes");
        default: return error(Errc::unavailable, "Kafka cannot be reached or does not answer.", "see Kafka.Brokers");
    }
}

std::optional<std::string> fatal_error(rd_kafka_t* client, int code, const char* why) {
    if (code != RD_KAFKA_RESP_ERR__FATAL) return std::nullopt;
    std::array<char, 512> reason{};
    if (rd_kafka_fatal_error(client, reason.data(), reason.size()) == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) {
        return "another instance has this one's name: give each a Kafka.GroupInstance of its own.";
    }
    return fmt::format("{} ({})", reason.data(), why);
}

KafkaProperties::KafkaProperties(const KafkaConnection& connection) {
    set("bootstrap.servers", fmt::format("{}", fmt::join(connection.brokers, ",")));
    set("client.id", connection.client_id);
    const bool logs_in = connection.mechanism != KafkaMechanism::none;
    set("security.protocol", fmt::format("{}{}", logs_in ? "sasl_" : "", connection.tls ? "ssl" : "plaintext"));
    if (logs_in) {
        set("sasl.mechanism", std::string(name(connection.mechanism)));
        set("sasl.username", connection.user).set("sasl.password", connection.password);
    }
    if (connection.tls) {
        if (!connection.ca_file.empty()) set("ssl.ca.location", connection.ca_file);
        if (!connection.certificate_file.empty()) set("ssl.certificate.location", connection.certificate_file);
        if (!connection.key_file.empty()) set("ssl.key.location", connection.key_file);
    }
    set("allow.auto.create.topics", "false");  // With settings nobody chose.
    set("topic.metadata.refresh.interval.ms", 30'000).set("log.connection.close", "false");
    set("reconnect.backoff.ms", 50).set("reconnect.backoff.max.ms", 1'000);
    set("broker.address.family", "any").set("socket.nagle.disable", "true").set("socket.keepalive.enable", "true");
    rd_kafka_conf_set_log_cb(properties_.get(), say);
}

KafkaProperties& KafkaProperties::set(const std::string& name, const std::string& value) {
    std::array<char, 512> why{};
    const auto done = rd_kafka_conf_set(properties_.get(), name.c_str(), value.c_str(), why.data(), why.size());
    if (done != RD_KAFKA_CONF_OK && !error_) error_ = invalid(fmt::format("Kafka's settings: {}.", why.data()));
    return *this;
}

Result<KafkaHandle> KafkaProperties::open(rd_kafka_type_t type) {
    if (error_) return fail(*error_);
    std::array<char, 512> why{};
    KafkaHandle handle(rd_kafka_new(type, properties_.get(), why.data(), why.size()));
    if (!handle) {
        const bool is_of_tls = std::string_view(why.data()).contains("ssl.");
        const auto* keys = is_of_tls ? "; see Kafka.TlsCaFile, Kafka.TlsCertFile and Kafka.TlsKeyFile" : "";
        return fail(invalid(fmt::format("Kafka's settings: {}{}.", why.data(), keys)));
    }
    static_cast<void>(properties_.release());  // They are the client's by now.
    return handle;
}

}  // namespace productd
