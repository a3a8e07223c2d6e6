// FakeMessageLog with what dead letters need besides: topics that are described, read from a beginning and trimmed,
// partitions by key, and calls that fail as a whole.
#pragma once

#include "app/events/topics.hpp"
#include "fakes/fake_message_log.hpp"

namespace productd::test {

class FakeTopics : public FakeMessageLog {
public:
    /// Asked before each publish, with its records; an Error fails the call as a whole before any is written.
    std::function<Result<>(const std::vector<Record>&)> before_publish = [](const auto&) { return Result<>{}; };
    /// Asked after each publish: an Error loses the answer of what was written.
    std::function<Result<>(const std::vector<Position>&)> after_publish = [](const auto&) { return Result<>{}; };

    FakeTopics() {
        for (const auto& topic : TopicNames{}.all()) {
            for (std::int32_t partition = 0; partition < 2; ++partition) partitions[{topic, partition}];
        }
    }

    Task<std::vector<Result<Position>>> publish(std::vector<Record> records) override {
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
        if (from < begins[source]) co_return fail(Errc::out_of_range, "trimmed");
        auto messages = co_await FakeMessageLog::read(std::move(source), from, max);
        co_return messages;
    }

    Task<> trim(TopicPartition source, std::int64_t before) override {
        if (before > end(source)) co_return fail(Errc::out_of_range, "beyond the end");
        begins[source] = std::max(begins[source], before);
        co_return Result<>{};
    }

    Task<std::vector<TopicInfo>> describe(std::vector<std::string>) override {
        std::vector<TopicInfo> topics;
        for (const auto& [source, messages] : partitions) {
            if (topics.empty() || topics.back().topic != source.topic) topics.push_back({source.topic, {}});
            topics.back().partitions.push_back({source.partition, begins[source], end(source)});
        }
        co_return topics;
    }

    std::int64_t end(const TopicPartition& source) { return static_cast<std::int64_t>(partitions[source].size()); }

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
    static unsigned sum(const std::string& text) {
        unsigned sum = 0;
        for (const char c : text) sum += static_cast<unsigned char>(c);
        return sum;
    }
};

}  // namespace productd::test
