// What waits to be handed to librdkafka: records gathered by partition, so that few and large requests leave.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "app/ports/clock.hpp"
#include "app/ports/message_log.hpp"

namespace productd {

/// One batch of a partition is on its way at a time, and few of those one broker leads; what comes meanwhile goes
/// together into the next. So nothing waits for a time, and the batches grow with the load. librdkafka alone sends what
/// it has as long as it may have requests on the way, and beyond that asks without a pause whether it may again.
/// Whoever waits is answered in time: of what was not handed over it is certain that nobody has it, of what is on its
/// way nobody knows. Not thread-safe.
class KafkaAccumulator {
public:
    using Clock = std::chrono::steady_clock;

    /// A record and who waits for it.
    struct Pending {
        Record record;                                 ///< With a partition.
        std::function<void(Result<Position>)> answer;  ///< Nothing once it was answered.
        Clock::time_point since{};
        std::size_t place = 0;  ///< Among those of its partition that are on their way.
    };
    using Batch = std::vector<std::unique_ptr<Pending>>;

    /// `bytes_max`: of all records that are not reported yet.
    explicit KafkaAccumulator(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// False, and nothing is changed, when there are too many bytes already. `leader`: the broker, as far as known.
    bool add(Record record, std::function<void(Result<Position>)> answer, std::int32_t leader, Clock::time_point now);
    /// The next batch that may be handed over; empty when there is none. A partition of which nothing is on its way has
    /// its turn in any case once its records have waited for `overdue_after`: another broker may lead it by now.
    Batch take(Clock::time_point now);
    /// A record that was taken is acknowledged or refused. Returns whether another batch may be there to take now.
    bool reported(const Pending& pending);
    /// Records that nobody took until `oldest`: they are given back, and never handed over.
    Batch expired(Clock::time_point oldest);
    /// Those on their way since before `oldest` whose answer nobody has taken; they stay until they are reported.
    std::vector<Pending*> unanswered(Clock::time_point oldest);
    /// From here on everything may be taken.
    void close() { is_closed_ = true; }
    bool is_closed() const { return is_closed_; }

    static constexpr std::chrono::milliseconds overdue_after{50};

private:
    struct Lane {
        std::deque<std::unique_ptr<Pending>> waiting;
        std::int32_t leader = -1;
        std::int32_t led_by = -1;          ///< Whom what is on its way is counted for.
        std::vector<Pending*> on_its_way;  ///< By place; null once it is reported.
        std::size_t unreported = 0;
        Clock::time_point oldest{};  ///< Of what is on its way.
    };

    bool may_go(const Lane& lane, Clock::time_point now) const;
    Batch take_from(Lane& lane);

    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    bool is_closed_ = false;
    std::map<TopicPartition, Lane> lanes_;
    TopicPartition last_;                               ///< Taken from; the others come first.
    std::map<std::int32_t, std::size_t> on_their_way_;  ///< Batches, by leader.
};

}  // namespace productd
