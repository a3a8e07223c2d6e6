// Questions to the brokers: metadata, the admin interface, the settings of topics.
#pragma once

#include <array>
#include <span>

#include "outbound/kafka/kafka_client.hpp"

namespace productd {

using KafkaMetadata = std::unique_ptr<const struct rd_kafka_metadata, DestroyedBy<rd_kafka_metadata_destroy>>;

/// `used`: those this client has a handle of. A topic asked for by its name might be made by old brokers, so a name is
/// asked for only once it was found among all.
enum class Topics { all, used };

/// The brokers, and the topics asked for.
inline Result<KafkaMetadata> metadata_of(rd_kafka_t* client, std::chrono::milliseconds timeout,
                                         Topics topics = Topics::all) {
    const struct rd_kafka_metadata* raw = nullptr;
    const int all_topics = topics == Topics::all ? 1 : 0;
    const auto code = rd_kafka_metadata(client, all_topics, nullptr, &raw, static_cast<int>(timeout.count()));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_error(code));
    return KafkaMetadata(raw);
}

/// Nothing is delivered to the queue: polling it is the wait.
inline void wait_for(rd_kafka_t* client, std::chrono::milliseconds pause) {
    const KafkaQueue nothing(rd_kafka_queue_new(client));
    const KafkaEvent none(rd_kafka_queue_poll(nothing.get(), static_cast<int>(pause.count())));
}

inline std::span<const rd_kafka_metadata_topic> topics_of(const KafkaMetadata& metadata) {
    return {metadata->topics, static_cast<std::size_t>(metadata->topic_cnt)};
}

/// One question to the admin interface: `ask` gets the options and the queue the answer comes to.
template <class Ask>
Result<KafkaEvent> answer_to(rd_kafka_t* client, rd_kafka_admin_op_t kind, std::chrono::milliseconds timeout, Ask ask) {
    const KafkaQueue queue(rd_kafka_queue_new(client));
    using Options = std::unique_ptr<rd_kafka_AdminOptions_t, DestroyedBy<rd_kafka_AdminOptions_destroy>>;
    const Options options(rd_kafka_AdminOptions_new(client, kind));
    const auto limit = static_cast<int>(timeout.count());
    std::array<char, 256> why{};
    rd_kafka_AdminOptions_set_request_timeout(options.get(), limit, why.data(), why.size());
    ask(options.get(), queue.get());
    KafkaEvent event(rd_kafka_queue_poll(queue.get(), 2 * limit));
    if (!event) return fail(kafka_error(RD_KAFKA_RESP_ERR__TIMED_OUT));
    if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return fail(kafka_error(code, rd_kafka_event_error_string(event.get())));
    }
    return event;
}

/// The settings of topics as one broker knows them, or as any does.
inline Result<KafkaEvent> settings_of(rd_kafka_t* client, const std::vector<std::string>& topics,
                                      std::chrono::milliseconds timeout, std::optional<std::int32_t> broker = {}) {
    using Resource = std::unique_ptr<rd_kafka_ConfigResource_t, DestroyedBy<rd_kafka_ConfigResource_destroy>>;
    std::vector<Resource> asked;
    std::vector<rd_kafka_ConfigResource_t*> raw;
    for (const auto& topic : topics) {
        asked.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
        raw.push_back(asked.back().get());
    }
    return answer_to(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout,
                     [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                         if (broker) rd_kafka_AdminOptions_set_broker(options, *broker, nullptr, 0);
                         rd_kafka_DescribeConfigs(client, raw.data(), raw.size(), options, queue);
                     });
}

/// What an answer to settings_of() tells of each topic; valid while the answer lives.
inline std::span<const rd_kafka_ConfigResource_t*> resources_of(const KafkaEvent& event) {
    std::size_t count = 0;
    const auto** told =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    return {told, count};
}

}  // namespace productd
