// FakeMessageLog with what dead letters need besides: topics that are described, read from a beginning and trimmed,
// partitions by key, and calls that fail as a whole.
#pragma once

#include <ranges>
#include <set>

#include "app/events/topics.hpp"
#include "fakes/fake_message_log.hpp"

namespace productd::test {

class FakeTopics : public FakeMessageLog {
public:
    /// Asked before each publish, with its records; an Error fails the call as a whole before any is written.
    std::function<Result<>(const std::vector<Record>&)> before_publish = [](const auto&) { return Result<>{}; };
    /// Asked after each publish: an Error loses the answer of what was written.
    std::function<Result<>(const std::vector<Position>&)> after_publish = [](const auto&) { return Result<>{}; };

    /// Called before each call of the log.
    std::function<void()> before_call = [] {};

    FakeTopics() {
        for (const auto& topic : TopicNames{}.all()) {
            for (std::int32_t partition = 0; partition < 2; ++partition) partitions[{topic, partition}];
        }
    }

    Task<std::vector<Result<Position>>> publish(std::vector<Record> records) override {
        before_call();
        if (auto allowed = before_publish(records); !allowed) co_return fail(allowed.error());
        for (auto& record : records) {
            if (!record.partition) record.partition = record.key ? static_cast<std::int32_t>(sum(*record.key) % 2) : 0;
        }
        auto results = co_await FakeMessageLog::publish(std::move(records));
        std::vector<Position> written;
        for (const auto& result : *results) {
            if (result) written.push_back(*result);
        }
        if (auto kept = after_publish(written); !kept) co_return fail(kept.error());
        co_return results;
    }

    Task<std::vector<Message>> read(TopicPartition source, std::int64_t from, std::size_t max) override {
        before_call();
        if (from < begins[source]) co_return fail(Errc::out_of_range, "trimmed");
        std::vector<Message> messages;
        const auto& all = partitions[source];
        for (auto i = static_cast<std::size_t>(from); i < all.size() && messages.size() < max; ++i) {
            const bool is_gone = std::ranges::find(compacted_, all[i].position) != compacted_.end();
            if (!is_gone) messages.push_back(all[i]);
        }
        co_return messages;
    }

    Task<> trim(TopicPartition source, std::int64_t before) override {
        before_call();
        if (before > end(source)) co_return fail(Errc::out_of_range, "beyond the end");
        begins[source] = std::max(begins[source], before);
        co_return Result<>{};
    }

    Task<std::vector<TopicInfo>> describe(std::vector<std::string>) override {
        before_call();
        std::vector<TopicInfo> topics;
        for (const auto& [source, messages] : partitions) {
            if (topics.empty() || topics.back().topic != source.topic) topics.push_back({source.topic, {}});
            topics.back().partitions.push_back({source.partition, begins[source], end(source)});
        }
        co_return topics;
    }

    std::int64_t end(const TopicPartition& source) { return static_cast<std::int64_t>(partitions[source].size()); }

    /// Leaves of each key of the topic's partitions the last message, as Kafka may at any time.
    void compact(const std::string& topic) {
        std::set<std::pair<TopicPartition, std::string>> seen;
        for (auto& [source, messages] : partitions) {
            if (source.topic != topic) continue;
            for (const auto& message : std::views::reverse(messages)) {
                if (message.key && !seen.emplace(source, *message.key).second) compacted_.push_back(message.position);
            }
        }
    }

    /// How many messages the topic holds.
    std::int64_t count(const std::string& topic) {
        std::int64_t count = 0;
        for (const auto& [source, messages] : partitions) {
            if (source.topic == topic) count += end(source) - begins[source];
        }
        return count;
    }

    /// All of a topic that is there, by partition and offset.
    std::vector<Message> all(const std::string& topic) {
        std::vector<Message> found;
        for (const auto& [source, messages] : partitions) {
            if (source.topic == topic) found.insert(found.end(), messages.begin() + begins[source], messages.end());
        }
        return found;
    }

    std::map<TopicPartition, std::int64_t> begins;

private:
    std::vector<Position> compacted_;

    static unsigned sum(const std::string& text) {
        unsigned sum = 0;
        for (const char c : text) sum += static_cast<unsigned char>(c);
        return sum;
    }
};

}  // namespace productd::test
