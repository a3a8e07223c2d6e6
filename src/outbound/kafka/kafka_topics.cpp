// Compares what there is with what is asked for, makes and grows the difference, and waits until all brokers know it.
// Calls librdkafka's admin interface.
#include "outbound/kafka/kafka_topics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "outbound/kafka/kafka_examination.hpp"
#include "outbound/kafka/kafka_question.hpp"

namespace productd {

namespace {

Result<> check_topics(const rd_kafka_topic_result_t** results, std::size_t count) {
    for (const auto* result : std::span(results, count)) {
        const auto code = rd_kafka_topic_result_error(result);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
        const char* why = rd_kafka_topic_result_error_string(result);
        return fail(Errc::failed_precondition, fmt::format("Kafka does not make the topic {}: {}",
                                                           rd_kafka_topic_result_name(result), why ? why : ""));
    }
    return {};
}

/// Whether one broker has heard of all of the topics, which it describes then. A user who may not ask that learns it
/// too: only of what there is can something be forbidden.
bool knows(rd_kafka_t* client, std::chrono::milliseconds timeout, std::int32_t broker,
           const std::vector<TopicSpec>& topics) {
    std::vector<std::string> names;
    names.reserve(topics.size());
    for (const auto& spec : topics) names.push_back(spec.topic);
    const auto event = settings_of(client, names, timeout, broker);
    return event && std::ranges::none_of(resources_of(*event), [](const auto* one) {
               return rd_kafka_ConfigResource_error(one) == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
           });
}

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, DestroyedBy<rd_kafka_NewTopic_destroy>>;

}  // namespace

Result<std::vector<std::string>> KafkaTopics::create(const std::vector<TopicSpec>& topics) const {
    auto metadata = metadata_of(client_, settings_.call_timeout);
    if (!metadata) return fail(std::move(metadata).error());
    std::vector<TopicSpec> missing;
    std::vector<TopicSpec> growing;
    std::vector<std::string> names;
    for (const auto& spec : topics) {
        const auto there = std::ranges::find_if(
            topics_of(*metadata), [&](const rd_kafka_metadata_topic& topic) { return spec.topic == topic.topic; });
        if (there == topics_of(*metadata).end()) {
            missing.push_back(spec);
        } else if (there->partition_cnt < spec.partitions && settings_.topics.grows(spec.topic)) {
            growing.push_back(spec);
        } else {
            continue;
        }
        names.push_back(spec.topic);
    }
    // All or none: where sources differ in partitions, a product's are with different members.
    for (const auto& spec : growing) {
        if (auto finished = check_finished(spec.topic); !finished) return fail(std::move(finished).error());
    }
    for (const auto& spec : growing) {
        if (auto grown = grow(spec); !grown) return fail(std::move(grown).error());
    }
    if (!missing.empty()) {
        if (auto made = make(missing); !made) return fail(std::move(made).error());
    }
    if (auto visible = await_visible(topics); !visible) return fail(std::move(visible).error());
    return names;
}

Result<> KafkaTopics::make(const std::vector<TopicSpec>& missing) const {
    std::vector<NewTopic> made;
    std::vector<rd_kafka_NewTopic_t*> raw;
    for (const auto& spec : missing) {
        std::array<char, 256> why{};
        made.emplace_back(
            rd_kafka_NewTopic_new(spec.topic.c_str(), spec.partitions, settings_.replicas, why.data(), why.size()));
        if (!made.back()) return fail(invalid(fmt::format("The topic {} cannot be made: {}.", spec.topic, why.data())));
        for (const auto& [name, value] : wanted_settings(spec.topic, settings_)) {
            rd_kafka_NewTopic_set_config(made.back().get(), name.c_str(), value.c_str());
        }
        raw.push_back(made.back().get());
    }
    auto event = answer_to(client_, RD_KAFKA_ADMIN_OP_CREATETOPICS, settings_.call_timeout,
                           [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                               rd_kafka_CreateTopics(client_, raw.data(), raw.size(), options, queue);
                           });
    if (!event) return fail(std::move(event).error());
    std::size_t count = 0;
    const auto** results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
    return check_topics(results, count);
}

/// A key goes to another partition afterwards: what was published before must be finished, or its order is lost.
Result<> KafkaTopics::check_finished(const std::string& topic) const {
    auto there = admin_.partitions_of({topic});
    if (!there) return fail(std::move(there).error());
    const auto& sources = *there;
    auto stands = admin_.commits(settings_.group);
    if (!stands) return fail(std::move(stands).error());
    auto ends = admin_.offsets(sources);
    if (!ends) return fail(std::move(ends).error());
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const auto commit = std::ranges::find(*stands, sources[i], &std::pair<TopicPartition, Commit>::first);
        const auto stands_at = commit == stands->end() ? (*ends)[i].begin : commit->second.offset;
        if (stands_at >= (*ends)[i].end) continue;
        return fail(
            Errc::failed_precondition,
            fmt::format("{}/{} has {} messages that {} has not finished; stop the writers, wait, and try again, "
                        "or a product's later changes may be applied before its earlier ones.",
                        topic, sources[i].partition, (*ends)[i].end - stands_at, settings_.group));
    }
    return {};
}

Result<> KafkaTopics::grow(const TopicSpec& topic) const {
    std::array<char, 256> why{};
    using Growth = std::unique_ptr<rd_kafka_NewPartitions_t, DestroyedBy<rd_kafka_NewPartitions_destroy>>;
    const Growth growth(rd_kafka_NewPartitions_new(topic.topic.c_str(), static_cast<std::size_t>(topic.partitions),
                                                   why.data(), why.size()));
    if (!growth) return fail(invalid(fmt::format("The topic {} cannot grow: {}.", topic.topic, why.data())));
    auto* raw = growth.get();
    auto event = answer_to(client_, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, settings_.call_timeout,
                           [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                               rd_kafka_CreatePartitions(client_, &raw, 1, options, queue);
                           });
    if (!event) return fail(std::move(event).error());
    std::size_t count = 0;
    const auto** results =
        rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event->get()), &count);
    return check_topics(results, count);
}

/// Brokers hear of a new topic one after the other: waits until one that is asked tells of its leaders, and all that
/// are up know of it.
Result<> KafkaTopics::await_visible(const std::vector<TopicSpec>& topics) const {
    constexpr std::chrono::milliseconds pause{20};
    constexpr std::chrono::seconds visible_after_max{30};
    const auto deadline = std::chrono::steady_clock::now() + visible_after_max;
    const auto is_led = [](const rd_kafka_metadata_topic& topic, std::int32_t partitions) {
        const std::span all(topic.partitions, static_cast<std::size_t>(topic.partition_cnt));
        return topic.partition_cnt >= partitions &&
               std::ranges::none_of(all, [](const auto& p) { return p.leader < 0; });
    };
    for (;;) {
        auto metadata = metadata_of(client_, settings_.call_timeout);
        if (!metadata) return fail(std::move(metadata).error());
        const bool is_visible = std::ranges::all_of(topics, [&](const TopicSpec& spec) {
            return std::ranges::any_of(topics_of(*metadata), [&](const rd_kafka_metadata_topic& topic) {
                return spec.topic == topic.topic &&
                       is_led(topic, settings_.topics.grows(spec.topic) ? spec.partitions : 1);
            });
        });
        const std::span brokers((*metadata)->brokers, static_cast<std::size_t>((*metadata)->broker_cnt));
        const bool is_known = is_visible && std::ranges::all_of(brokers, [&](const auto& broker) {
                                  return knows(client_, settings_.call_timeout, broker.id, topics);
                              });
        if (is_known) return {};
        if (std::chrono::steady_clock::now() > deadline) {
            return fail(
                unavailable("The topics were made, but not all of their partitions have leaders yet, or not all "
                            "brokers know them."));
        }
        wait_for(client_, pause);
    }
}

}  // namespace productd
