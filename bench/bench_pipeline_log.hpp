// What bench_pipeline sends: messages encoded beforehand, spread over partitions as Kafka's producers would, and a log
// in memory without end that hands them out at a fixed rate or as fast as they are asked for.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/events/event.hpp"
#include "app/events/topics.hpp"
#include "app/ports/message_log.hpp"
#include "bench_products.hpp"
#include "codec/murmur2.hpp"

namespace productd::bench {

using Steady = std::chrono::steady_clock;

inline double seconds_since(Steady::time_point begin) {
    return std::chrono::duration<double>(Steady::now() - begin).count();
}

/// Updates of `products` products with the frequencies of Zipf's law (the n-th most wanted has 1/n of the first's).
/// They repeat after `length` messages, so that a log of them has no end.
class Load {
public:
    static constexpr std::uint32_t products = 1'000;
    static constexpr std::int32_t partition_count = 8;
    static constexpr double zipf_s = 1;
    static constexpr std::uint64_t length = 1 << 20;

    Load() : partitions_(partition_count) {
        std::vector<double> weights;
        weights.reserve(products);
        for (std::uint32_t n = 0; n < products; ++n) weights.push_back(1 / std::pow(n + 1, zipf_s));
        std::discrete_distribution<std::uint32_t> pick(weights.begin(), weights.end());
        for (std::uint32_t n = 0; n < products * variants; ++n) {
            Change change{.kind = ChangeKind::update, .id = id_of(n / variants)};
            change.draft = draft_of(n / variants, n % variants);
            // Each carries a wait id as those of the APIs do: told outcomes are how the end of each is noted.
            records_.push_back(encode_event(TopicNames{}.update, {change, "0123456789abcdef0123456789abcdef", {}}));
        }
        std::mt19937_64 random(4);
        for (std::uint64_t number = 0; number < length; ++number) {
            const auto record = pick(random) * variants + static_cast<std::uint32_t>(number % variants);
            const auto partition = partition_of(*records_[record].key, partition_count);
            auto& into = partitions_[static_cast<std::size_t>(partition)];
            into.records.push_back(record);
            into.numbers.push_back(number);
        }
    }

    /// Of all messages of the log, in the order they are sent, the number of the one at a place.
    std::uint64_t number(std::int32_t partition, std::uint64_t offset) const {
        const auto& numbers = partitions_[static_cast<std::size_t>(partition)].numbers;
        return offset / numbers.size() * length + numbers[offset % numbers.size()];
    }
    const Record& record(std::int32_t partition, std::uint64_t offset) const {
        const auto& records = partitions_[static_cast<std::size_t>(partition)].records;
        return records_[records[offset % records.size()]];
    }
    std::size_t payload_bytes() const { return records_.front().value->size(); }

private:
    static constexpr std::uint32_t variants = 4;
    struct Partition {
        std::vector<std::uint32_t> records;
        std::vector<std::uint64_t> numbers;
    };

    std::vector<Record> records_;
    std::vector<Partition> partitions_;
};

/// When each message is meant to be sent: `rate` a second from `start` on; all at once when it is 0.
struct Schedule {
    double rate = 0;
    Steady::time_point start = Steady::now();
    Timestamp wall_start = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());

    std::uint64_t sent(Steady::time_point now) const {
        if (rate == 0) return std::numeric_limits<std::uint64_t>::max();
        const auto seconds = std::chrono::duration<double>(now - start).count();
        return seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds * rate) + 1;
    }
    std::chrono::nanoseconds after(std::uint64_t number) const {
        return std::chrono::nanoseconds(rate == 0 ? 0 : std::llround(static_cast<double>(number) / rate * 1e9));
    }
    Steady::time_point intended(std::uint64_t number) const { return start + after(number); }
    Timestamp wall(std::uint64_t number) const {
        return wall_start + std::chrono::duration_cast<std::chrono::milliseconds>(after(number));
    }
};

/// One subscriber on one thread. Partitions take turns; only the topic of updates has messages.
class BenchLog : public MessageLog {
public:
    BenchLog(const Load& load, Schedule schedule) : load_(load), schedule_(schedule) {}

    std::unique_ptr<Subscription> subscribe(std::string, std::vector<std::string>,
                                            asio::any_io_executor executor) override {
        return std::make_unique<Reader>(*this, executor);
    }
    double spent = 0;  ///< Seconds of the subscriber's thread in here.

    Task<std::vector<Result<Position>>> publish(std::vector<Record>) override { throw unused(); }
    Task<std::vector<Message>> read(TopicPartition, std::int64_t, std::size_t) override { throw unused(); }
    Task<> trim(TopicPartition, std::int64_t) override { throw unused(); }
    Task<std::vector<std::string>> create(std::vector<TopicSpec>) override { throw unused(); }
    Task<std::vector<TopicInfo>> describe(std::vector<std::string>) override { throw unused(); }
    Task<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string) override { throw unused(); }
    Task<> check() override { throw unused(); }

private:
    static std::logic_error unused() { return std::logic_error("A message was not applied: this run tells nothing."); }

    class Reader : public Subscription {
    public:
        Reader(BenchLog& log, const asio::any_io_executor& executor)
            : log_(log), next_(Load::partition_count), wake_(executor) {}

        Task<SubscriptionEvent> next(FetchRoom room) override {
            if (!std::exchange(assigned_, true)) co_return SubscriptionEvent{assigned()};
            if (room.messages == 0) co_return SubscriptionEvent{Records{}};
            while (!closed_) {
                auto records = take(room);
                if (!records.messages.empty()) co_return SubscriptionEvent{std::move(records)};
                co_await wake_.wait_until(next_send());
            }
            co_return fail(Errc::cancelled, "closed");
        }
        Task<> commit(TopicPartition, Commit) override { co_return Result<>{}; }
        void hold(const TopicPartition& source) override { held_.insert(source.partition); }
        void resume(const TopicPartition& source) override {
            held_.erase(source.partition);
            wake_.notify();
        }
        void released(const std::vector<TopicPartition>&) override {}
        void close() override {
            closed_ = true;
            wake_.notify();
        }

    private:
        Assigned assigned() const {
            Assigned all;
            for (std::int32_t p = 0; p < Load::partition_count; ++p) {
                all.partitions.push_back({.source = {TopicNames{}.update, p}, .commit = std::nullopt, .epoch = 1});
            }
            return all;
        }

        Records take(const FetchRoom& room) {
            const auto began = Steady::now();
            const auto sent = log_.schedule_.sent(began);
            Records records;
            for (std::size_t tried = 0; tried < next_.size() && records.messages.empty(); ++tried) {
                turn_ = (turn_ + 1) % static_cast<std::int32_t>(next_.size());
                if (!held_.contains(turn_)) records = take_of(turn_, room, sent);
            }
            log_.spent += seconds_since(began);
            return records;
        }
        Records take_of(std::int32_t partition, const FetchRoom& room, std::uint64_t sent) {
            auto& next = next_[static_cast<std::size_t>(partition)];
            Records records{.source = {TopicNames{}.update, partition}, .messages = {}};
            for (Fetch fetch(room);; ++next) {
                const auto number = log_.load_.number(partition, next);
                if (number >= sent) break;
                const auto& record = log_.load_.record(partition, next);
                const auto time = log_.schedule_.wall(number);
                Message message{
                    {records.source, static_cast<std::int64_t>(next), time}, record.key, record.value, record.headers};
                if (!fetch.takes(wire_bytes(message))) break;
                records.messages.push_back(std::move(message));
            }
            records.end = static_cast<std::int64_t>(next);
            return records;
        }
        Steady::time_point next_send() const {
            auto first = std::numeric_limits<std::uint64_t>::max();
            for (std::int32_t p = 0; p < Load::partition_count; ++p) {
                if (held_.contains(p)) continue;
                first = std::min(first, log_.load_.number(p, next_[static_cast<std::size_t>(p)]));
            }
            if (held_.size() == next_.size()) return Steady::time_point::max();
            return log_.schedule_.intended(first);
        }

        BenchLog& log_;
        std::vector<std::uint64_t> next_;
        std::set<std::int32_t> held_;
        Signal wake_;
        std::int32_t turn_ = 0;
        bool assigned_ = false;
        bool closed_ = false;
    };

    const Load& load_;
    Schedule schedule_;
};

}  // namespace productd::bench
