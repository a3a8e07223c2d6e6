// How far the group is behind, by partition: in messages, and in seconds.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/health/progress_watch.hpp"
#include "app/ports/clock.hpp"
#include "app/ports/message_log.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

/// What the lag is measured with. All outlive it.
struct LagPorts {
    MessageLog& log;
    ProgressWatch& progress;
    Clock& clock;
    Metrics& metrics;
};

/// In seconds a partition is as far behind as its first message above the group's commit is old. That message is read
/// for it, of each partition every `read_pause` at most while there is one.
class ConsumerLag {
public:
    ConsumerLag(LagPorts ports, std::string group, std::vector<std::string> sources,
                std::chrono::milliseconds read_pause = std::chrono::seconds{5});

    /// Asks the log, and sets the gauges of all partitions of `sources`. Where it fails they stay as they were. Ends
    /// before the next reading when it is cancelled.
    Task<> measure();

private:
    struct Partition {
        prometheus::Gauge* messages = nullptr;
        prometheus::Gauge* seconds = nullptr;
        std::int64_t stands = 0;  ///< The first offset above the commit.
        std::int64_t behind = 0;
        std::int64_t read = -1;                                           ///< The offset whose time is known.
        std::optional<Timestamp> time = {};                               ///< Of the message there.
        std::optional<std::chrono::steady_clock::time_point> tried = {};  ///< To read it, last.
    };

    void note(Partition& partition, const TopicPartition& source);
    void show_age(const Partition& partition) const;
    asio::awaitable<void> look(Partition& partition, TopicPartition source);
    void forget_all_but(const std::map<TopicPartition, PartitionInfo>& there);

    LagPorts ports_;
    std::string group_;
    std::vector<std::string> sources_;
    std::chrono::milliseconds read_pause_;
    prometheus::Family<prometheus::Gauge>& messages_;
    prometheus::Family<prometheus::Gauge>& seconds_;
    std::map<TopicPartition, Partition> partitions_;
};

}  // namespace productd
