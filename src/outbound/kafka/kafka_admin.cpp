// Finds and describes topics, their partitions' offsets and leaders, and groups' commits. Calls librdkafka's metadata
// and admin interface.
#include "outbound/kafka/kafka_admin.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "outbound/kafka/kafka_commit_mark.hpp"
#include "outbound/kafka/kafka_question.hpp"

namespace productd {

namespace {

constexpr std::int64_t at_begin = -2;  // Times with a meaning, as in Kafka's ListOffsets.
constexpr std::int64_t at_end = -1;
/// Brokers hear of a new topic one after the other, and any of them may be asked: none is missing at the first answer.
constexpr std::chrono::milliseconds heard_of_after_max{3'000};
constexpr std::chrono::milliseconds leaders_pause{100};
/// Shorter than a round of checks: a check that is given up there tells no cause.
constexpr std::chrono::milliseconds check_time_max{700};

/// Of the partitions that have one.
void append_commits(std::vector<std::pair<TopicPartition, Commit>>& commits,
                    const rd_kafka_topic_partition_list_t& list) {
    for (const auto& element : std::span(list.elems, static_cast<std::size_t>(list.cnt))) {
        if (element.offset < 0) continue;
        commits.emplace_back(TopicPartition{element.topic, element.partition}, commit_in(element));
    }
}

/// The partitions of all topics but Kafka's own.
std::vector<TopicPartition> partitions_in(const KafkaMetadata& metadata) {
    std::vector<TopicPartition> sources;
    for (const auto& topic : topics_of(metadata)) {
        if (std::string_view(topic.topic).starts_with("__")) continue;
        for (std::int32_t partition = 0; partition < topic.partition_cnt; ++partition) {
            sources.push_back({topic.topic, partition});
        }
    }
    std::ranges::sort(sources);
    return sources;
}

}  // namespace

Result<std::vector<TopicInfo>> KafkaAdmin::describe(const std::vector<std::string>& topics) const {
    auto sources = partitions_of(topics);
    if (!sources) return fail(std::move(sources).error());
    auto found = offsets(*sources);
    if (!found) return fail(std::move(found).error());
    std::vector<TopicInfo> described;
    for (std::size_t i = 0; i < sources->size(); ++i) {
        const auto& topic = (*sources)[i].topic;
        if (described.empty() || described.back().topic != topic) described.push_back({topic, {}});
        described.back().partitions.push_back((*found)[i]);
    }
    return described;
}

Result<std::vector<TopicPartition>> KafkaAdmin::partitions_of(const std::vector<std::string>& topics) const {
    if (topics.empty()) {
        auto metadata = metadata_of(client_, settings_.call_timeout);
        if (!metadata) return fail(std::move(metadata).error());
        return partitions_in(*metadata);
    }
    std::vector<TopicPartition> sources;
    auto there = leaders_of(std::set(topics.begin(), topics.end()));
    if (!there) return fail(std::move(there).error());
    for (const auto& topic : topics) {
        const auto partitions = static_cast<std::int32_t>((*there)[topic].size());
        for (std::int32_t partition = 0; partition < partitions; ++partition) sources.push_back({topic, partition});
    }
    return sources;
}

Result<std::vector<PartitionInfo>> KafkaAdmin::offsets(const std::vector<TopicPartition>& sources) const {
    std::vector<PartitionInfo> found(sources.size());
    for (std::size_t i = 0; i < sources.size(); ++i) found[i].partition = sources[i].partition;
    if (sources.empty()) return found;
    for (const auto which : {at_begin, at_end}) {
        const auto list = kafka_partitions(sources);
        const std::span all(list->elems, sources.size());
        for (auto& element : all) element.offset = which;
        const auto code =
            rd_kafka_offsets_for_times(client_, list.get(), static_cast<int>(settings_.call_timeout.count()));
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_error(code));
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_error(all[i].err));
            (which == at_begin ? found[i].begin : found[i].end) = all[i].offset;
        }
    }
    return found;
}

/// Of the client's own group, as a member asks: librdkafka's question about any group ends the process where the
/// connection to the coordinator breaks while it waits (https://github.com/confluentinc/librdkafka/pull/5397).
Result<std::vector<std::pair<TopicPartition, Commit>>> KafkaAdmin::commits_of_own_group() const {
    for (const auto& topic : settings_.topics.sources()) use(topic);
    auto metadata = metadata_of(client_, settings_.call_timeout, Topics::used);
    if (!metadata) return fail(std::move(metadata).error());
    const auto sources = partitions_in(*metadata);
    std::vector<std::pair<TopicPartition, Commit>> found;
    if (sources.empty()) return found;
    const auto list = kafka_partitions(sources);
    const auto code = rd_kafka_committed(client_, list.get(), static_cast<int>(settings_.call_timeout.count()));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_error(code));
    for (const auto& element : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
        if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_error(element.err));
    }
    append_commits(found, *list);
    return found;
}

Result<std::vector<std::pair<TopicPartition, Commit>>> KafkaAdmin::commits(const std::string& group) const {
    if (group == settings_.group) return commits_of_own_group();
    auto found = commits_of(group, nullptr);
    if (!found || !found->empty()) return found;
    // Brokers of before Kafka 0.10.2 tell of nothing where nothing is named.
    auto metadata = metadata_of(client_, settings_.call_timeout);
    if (!metadata) return fail(std::move(metadata).error());
    const auto all = kafka_partitions(partitions_in(*metadata));
    if (all->cnt == 0) return found;
    return commits_of(group, all.get());
}

Result<std::vector<std::pair<TopicPartition, Commit>>> KafkaAdmin::commits_of(
    const std::string& group, const rd_kafka_topic_partition_list_t* asked) const {
    using Question =
        std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t, DestroyedBy<rd_kafka_ListConsumerGroupOffsets_destroy>>;
    const Question question(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), asked));
    auto* raw = question.get();
    auto event = answer_to(client_, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, settings_.call_timeout,
                           [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                               rd_kafka_ListConsumerGroupOffsets(client_, &raw, 1, options, queue);
                           });
    if (!event) return fail(std::move(event).error());
    std::size_t count = 0;
    const auto** groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event->get()), &count);
    std::vector<std::pair<TopicPartition, Commit>> found;
    for (const auto* told : std::span(groups, count)) {
        if (const auto* error = rd_kafka_group_result_error(told)) return fail(kafka_error(rd_kafka_error_code(error)));
        append_commits(found, *rd_kafka_group_result_partitions(told));
    }
    return found;
}

Result<> KafkaAdmin::trim(const TopicPartition& source, std::int64_t before) const {
    const auto list = kafka_partitions({source});
    list->elems[0].offset = before;
    using Deletion = std::unique_ptr<rd_kafka_DeleteRecords_t, DestroyedBy<rd_kafka_DeleteRecords_destroy>>;
    const Deletion deletion(rd_kafka_DeleteRecords_new(list.get()));
    auto* raw = deletion.get();
    auto event = answer_to(client_, RD_KAFKA_ADMIN_OP_DELETERECORDS, settings_.call_timeout,
                           [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                               rd_kafka_DeleteRecords(client_, &raw, 1, options, queue);
                           });
    if (!event) return fail(std::move(event).error());
    const auto* told = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event->get()));
    for (const auto& element : std::span(told->elems, static_cast<std::size_t>(told->cnt))) {
        if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_error(element.err));
    }
    return {};
}

Result<std::vector<std::int32_t>> KafkaAdmin::leaders_of(const std::string& topic) const {
    auto found = leaders_of(std::set{topic});
    if (!found) return fail(std::move(found).error());
    if (!found->empty()) return std::move(found->begin()->second);
    return fail(Errc::not_found,
                fmt::format("There is no topic {0}: make it with `productd topics create {0}`.", topic));
}

Result<KafkaAdmin::Leaders> KafkaAdmin::leaders_of(const std::set<std::string>& topics) const {
    const auto deadline = std::chrono::steady_clock::now() + heard_of_after_max;
    const bool are_used = std::ranges::all_of(topics, [this](const auto& topic) { return is_used(topic); });
    for (auto asked = are_used ? Topics::used : Topics::all;; asked = Topics::all) {
        auto metadata = metadata_of(client_, settings_.call_timeout, asked);
        if (!metadata) return fail(std::move(metadata).error());
        Leaders found;
        for (const auto& told : topics_of(*metadata)) {
            if (!topics.contains(told.topic) || told.partition_cnt == 0) continue;
            use(told.topic);
            auto& leaders = found[told.topic];
            leaders.resize(static_cast<std::size_t>(told.partition_cnt), -1);
            for (const auto& partition : std::span(told.partitions, leaders.size())) {
                leaders.at(static_cast<std::size_t>(partition.id)) = partition.leader;
            }
        }
        if (found.size() == topics.size() || std::chrono::steady_clock::now() > deadline) return found;
        wait_for(client_, leaders_pause);
    }
}

bool KafkaAdmin::is_used(const std::string& topic) const {
    const std::scoped_lock lock(mutex_);
    return used_.contains(topic);
}

void KafkaAdmin::use(const std::string& topic) const {
    const std::scoped_lock lock(mutex_);
    auto& handle = used_[topic];
    if (!handle) handle.reset(rd_kafka_topic_new(client_, topic.c_str(), nullptr));
}

Result<> KafkaAdmin::check() const {
    auto metadata = metadata_of(client_, std::min(settings_.call_timeout, check_time_max), Topics::used);
    if (!metadata) return fail(std::move(metadata).error());
    const auto takes_writes = [this](const rd_kafka_metadata_partition& partition) {
        return partition.leader >= 0 && partition.isr_cnt >= std::min(settings_.in_sync_min, partition.replica_cnt);
    };
    for (const auto& topic : topics_of(*metadata)) {
        const std::span partitions(topic.partitions, static_cast<std::size_t>(topic.partition_cnt));
        if (partitions.empty() || std::ranges::any_of(partitions, takes_writes)) continue;
        return fail(unavailable(
            fmt::format("No partition of {} has the {} replicas in sync that a write needs: bring the brokers back.",
                        topic.topic, settings_.in_sync_min),
            "see Kafka.MinInsyncReplicas"));
    }
    return {};
}

}  // namespace productd
