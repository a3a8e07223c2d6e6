// Asks the brokers what is configured, and compares it with the contract. Calls librdkafka's metadata and admin
// interface.
#include "outbound/kafka/kafka_examination.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "outbound/kafka/kafka_question.hpp"

namespace productd {

namespace {

KafkaTopicExamination examined(const std::string& name, const KafkaMetadata& metadata) {
    KafkaTopicExamination topic{.topic = name, .unread = {}, .settings = {}};
    const auto all = topics_of(metadata);
    const auto told = std::ranges::find_if(all, [&](const auto& other) { return name == other.topic; });
    if (told == all.end()) return topic;
    topic.partitions = told->partition_cnt;
    bool is_first = true;
    for (const auto& partition : std::span(told->partitions, static_cast<std::size_t>(told->partition_cnt))) {
        topic.replicas = is_first ? partition.replica_cnt : std::min(topic.replicas, partition.replica_cnt);
        topic.in_sync = is_first ? partition.isr_cnt : std::min(topic.in_sync, partition.isr_cnt);
        topic.are_in_sync = topic.are_in_sync && partition.isr_cnt == partition.replica_cnt;
        is_first = false;
    }
    return topic;
}

void note_settings(const rd_kafka_ConfigResource_t* told, std::vector<KafkaTopicExamination>& topics) {
    const auto topic =
        std::ranges::find(topics, rd_kafka_ConfigResource_name(told), [](const auto& one) { return one.topic; });
    if (topic == topics.end()) return;
    if (const auto code = rd_kafka_ConfigResource_error(told); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        topic->unread = kafka_error(code).detail;
        return;
    }
    std::size_t count = 0;
    const auto** entries = rd_kafka_ConfigResource_configs(told, &count);
    for (const auto* entry : std::span(entries, count)) {
        const char* value = rd_kafka_ConfigEntry_value(entry);
        topic->settings[rd_kafka_ConfigEntry_name(entry)] = value != nullptr ? value : "";
    }
}

/// Asks for the topics that exist, in one question.
Result<> ask_settings(rd_kafka_t* client, std::chrono::milliseconds timeout,
                      std::vector<KafkaTopicExamination>& topics) {
    std::vector<std::string> names;
    for (const auto& topic : topics) {
        if (topic.partitions > 0) names.push_back(topic.topic);
    }
    if (names.empty()) return {};
    const auto event = settings_of(client, names, timeout);
    if (!event) return fail(event.error());
    for (const auto* one : resources_of(*event)) note_settings(one, topics);
    return {};
}

/// A call tells only that it timed out; why there is no connection, as a wrong password, comes as an event.
Error why_silent(rd_kafka_t* client, Error error) {
    const KafkaQueue events(rd_kafka_queue_get_main(client));
    while (const KafkaEvent event{rd_kafka_queue_poll(events.get(), 0)}) {
        const auto code = rd_kafka_event_error(event.get());
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) continue;
        error = kafka_error(code, rd_kafka_event_error_string(event.get()));
        if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL) break;
    }
    return error;
}

}  // namespace

Result<KafkaExamination> examine_kafka(const KafkaLogSettings& settings) {
    KafkaProperties properties(settings.connection);
    rd_kafka_conf_set_events(properties.raw(), RD_KAFKA_EVENT_ERROR);
    auto client = properties.open(RD_KAFKA_PRODUCER);
    if (!client) return fail(std::move(client).error());
    auto metadata = metadata_of(client->get(), settings.call_timeout);
    if (!metadata) return fail(why_silent(client->get(), std::move(metadata).error()));
    KafkaExamination found{.brokers = (*metadata)->broker_cnt, .topics = {}};
    for (const auto& name : settings.topics.all()) {
        found.topics.push_back(examined(name, *metadata));
    }
    auto asked = ask_settings(client->get(), settings.call_timeout, found.topics);
    if (!asked) return fail(std::move(asked).error());
    return found;
}

Result<std::size_t> members_of_group(const KafkaLogSettings& settings, const std::string& group) {
    KafkaProperties properties(settings.connection);
    rd_kafka_conf_set_events(properties.raw(), RD_KAFKA_EVENT_ERROR);
    auto client = properties.open(RD_KAFKA_PRODUCER);
    if (!client) return fail(std::move(client).error());
    const char* name = group.c_str();
    auto event = answer_to(client->get(), RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, settings.call_timeout,
                           [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                               rd_kafka_DescribeConsumerGroups(client->get(), &name, 1, options, queue);
                           });
    if (!event) return fail(why_silent(client->get(), std::move(event).error()));
    std::size_t count = 0;
    const auto** told = rd_kafka_DescribeConsumerGroups_result_groups(
        rd_kafka_event_DescribeConsumerGroups_result(event->get()), &count);
    std::size_t members = 0;
    for (const auto* one : std::span(told, count)) {
        const auto* error = rd_kafka_ConsumerGroupDescription_error(one);
        const auto code = error != nullptr ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;
        if (code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) continue;  // Nobody was ever in it.
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_error(code, rd_kafka_error_string(error)));
        members += rd_kafka_ConsumerGroupDescription_member_count(one);
    }
    return members;
}

std::map<std::string, std::string> wanted_settings(const std::string& topic, const KafkaLogSettings& settings) {
    constexpr std::int64_t source_bytes_max = 1 << 20;
    constexpr std::chrono::milliseconds segment = std::chrono::hours(12);
    const auto* row = settings.topics.find(topic);
    std::map<std::string, std::string> wanted{
        {"min.insync.replicas", std::to_string(settings.in_sync_min)},
        {"max.message.bytes", std::to_string(source_bytes_max)},
        {"cleanup.policy", "delete"},
        {"retention.ms", "-1"},
    };
    switch (row ? row->kept : Kept::for_retention) {
        case Kept::for_retention:
            wanted["retention.ms"] = std::to_string(settings.retention.count());
            wanted["segment.ms"] = std::to_string(segment.count());
            break;
        case Kept::until_purged: wanted["max.message.bytes"] = std::to_string(3 * source_bytes_max); break;
        // Kafka drops records on demand, as a purge does, only of topics that may delete.
        case Kept::latest_of_key: wanted["cleanup.policy"] = "compact,delete"; break;
    }
    return wanted;
}

std::vector<std::string> differences(const KafkaTopicExamination& topic, std::int32_t partitions,
                                     const KafkaLogSettings& settings) {
    std::vector<std::string> found;
    const auto compare = [&](const std::string& what, const std::string& is, const std::string& wanted) {
        if (is != wanted) found.push_back(fmt::format("{} is {} and not {}", what, is, wanted));
    };
    if (settings.topics.grows(topic.topic)) {
        compare("its number of partitions", std::to_string(topic.partitions), std::to_string(partitions));
    }
    compare("its number of replicas", std::to_string(topic.replicas), std::to_string(settings.replicas));
    if (!topic.unread.empty()) {
        found.push_back(fmt::format("its settings cannot be read: {}", topic.unread));
        return found;
    }
    for (const auto& [name, value] : wanted_settings(topic.topic, settings)) compare(name, topic.setting(name), value);
    return found;
}

}  // namespace productd
