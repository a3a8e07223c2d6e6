// A message log in memory, with faults on demand. For one thread.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "app/ports/message_log.hpp"

namespace productd::test {

/// Partitions as vectors. One subscriber, woken by publish.
class FakeMessageLog : public MessageLog {
public:
    std::map<TopicPartition, std::vector<Message>> partitions;
    std::map<TopicPartition, Commit> committed;
    std::vector<TopicPartition> held;
    bool knows_ends = true;  ///< Else assignments do not tell where a partition ends.
    std::int64_t marks = 0;  ///< Offsets behind each partition's last message that have none.
    /// Asked for every record; an Error refuses it.
    std::function<Result<>(const Record&)> on_publish = [](const Record&) { return Result<>{}; };
    std::function<Error()> on_read;  ///< Why nothing can be read, if so.
    int reads = 0;
    std::function<Result<std::vector<TopicInfo>>()> on_describe = [] { return std::vector<TopicInfo>{}; };

    Position append(Record record) {
        const TopicPartition source{record.topic, record.partition.value_or(0)};
        auto& messages = partitions[source];
        const Position position{source, static_cast<std::int64_t>(messages.size()), record.time};
        messages.push_back({position, record.key, record.value, record.headers});
        if (wake) wake->notify();
        return position;
    }

    Task<std::vector<Result<Position>>> publish(std::vector<Record> records) override {
        std::vector<Result<Position>> results;
        for (auto& record : records) {
            if (auto allowed = on_publish(record); !allowed) {
                results.push_back(fail(allowed.error()));
            } else {
                results.push_back(append(std::move(record)));
            }
        }
        co_return results;
    }

    std::unique_ptr<productd::Subscription> subscribe(std::string, std::vector<std::string> topics,
                                                      asio::any_io_executor executor) override {
        held.clear();  // What is held back is so by one subscription.
        wake.emplace(executor);
        return std::make_unique<Subscription>(*this, std::move(topics));
    }

    Task<std::vector<Message>> read(TopicPartition source, std::int64_t from, std::size_t max) override {
        ++reads;
        if (on_read) co_return fail(on_read());
        const auto& all = partitions[source];
        std::vector<Message> messages;
        for (auto i = static_cast<std::size_t>(from); i < all.size() && messages.size() < max; ++i)
            messages.push_back(all[i]);
        co_return messages;
    }
    Task<> trim(TopicPartition, std::int64_t) override { co_return fail(Errc::unimplemented, "not in tests"); }
    Task<std::vector<std::string>> create(std::vector<TopicSpec>) override { co_return std::vector<std::string>{}; }
    Task<std::vector<TopicInfo>> describe(std::vector<std::string>) override { co_return on_describe(); }
    Task<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string) override {
        std::vector<std::pair<TopicPartition, Commit>> all(committed.begin(), committed.end());
        co_return all;
    }
    Task<> check() override { co_return Result<>{}; }

    /// Takes all partitions from the subscriber; once it has released them it gets them again.
    void rebalance(bool is_lost = false) {
        rebalancing_ = true;
        is_lost_ = is_lost;
        if (wake) wake->notify();
    }

    std::optional<Signal> wake;
    int releases = 0;

private:
    bool rebalancing_ = false;
    bool is_lost_ = false;

    class Subscription : public productd::Subscription {
    public:
        Subscription(FakeMessageLog& log, std::vector<std::string> topics) : log_(log) {
            for (const auto& topic : topics) {
                for (std::int32_t partition = 0; partition < 3; ++partition) log_.partitions[{topic, partition}];
                topics_.push_back(topic);
            }
        }

        Task<SubscriptionEvent> next(FetchRoom room) override {
            if (!assigned_) {
                assigned_ = true;
                co_return SubscriptionEvent{assign()};
            }
            while (!closed_) {
                if (std::exchange(log_.rebalancing_, false)) co_return SubscriptionEvent{revoke()};
                if (room.messages == 0) co_return SubscriptionEvent{Records{}};
                auto records = take(room);
                if (!records.messages.empty()) co_return SubscriptionEvent{std::move(records)};
                co_await log_.wake->wait();
            }
            co_return fail(Errc::cancelled, "closed");
        }
        Task<> commit(TopicPartition source, Commit commit) override {
            log_.committed[source] = std::move(commit);
            co_return Result<>{};
        }
        void hold(const TopicPartition& source) override { log_.held.push_back(source); }
        void resume(const TopicPartition& source) override {
            std::erase(log_.held, source);
            log_.wake->notify();
        }
        void released(const std::vector<TopicPartition>&) override {
            ++log_.releases;
            assigned_ = false;
            next_.clear();
        }
        void close() override {
            closed_ = true;
            log_.wake->notify();
        }

    private:
        Assigned assign() {
            Assigned assigned;
            for (const auto& [source, messages] : log_.partitions) {
                if (std::ranges::find(topics_, source.topic) == topics_.end()) continue;
                const auto commit = log_.committed.find(source);
                std::optional<Commit> stands;
                if (commit != log_.committed.end()) stands = commit->second;
                next_[source] = stands ? stands->offset : 0;
                const auto end = log_.knows_ends ? static_cast<std::int64_t>(messages.size()) : next_[source];
                assigned.partitions.push_back({source, stands, 1, next_[source], end, log_.knows_ends});
            }
            return assigned;
        }
        Revoked revoke() const {
            Revoked revoked{.partitions = {}, .is_lost = log_.is_lost_};
            for (const auto& [source, next] : next_) revoked.partitions.push_back(source);
            return revoked;
        }
        /// Partitions take turns.
        Records take(const FetchRoom& room) {
            for (std::size_t tried = 0; tried < next_.size(); ++tried) {
                turn_ = (turn_ + 1) % next_.size();
                auto& [source, next] = *std::next(next_.begin(), static_cast<std::ptrdiff_t>(turn_));
                const auto& messages = log_.partitions[source];
                if (std::ranges::find(log_.held, source) != log_.held.end()) continue;
                if (static_cast<std::size_t>(next) >= messages.size()) continue;
                const auto end = static_cast<std::int64_t>(messages.size());
                Records records{.source = source, .messages = {}, .end = end};
                Fetch fetch(room);
                for (; next < end && fetch.takes(wire_bytes(messages[static_cast<std::size_t>(next)])); ++next) {
                    records.messages.push_back(messages[static_cast<std::size_t>(next)]);
                }
                if (next == end) records.next = records.end = end + log_.marks;
                return records;
            }
            return {};
        }

        std::size_t turn_ = 0;
        FakeMessageLog& log_;
        std::vector<std::string> topics_;
        std::map<TopicPartition, std::int64_t> next_;
        bool assigned_ = false;
        bool closed_ = false;
    };
};

}  // namespace productd::test
