// How many dead letters nobody has dealt with, by the code of their error.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/events/topics.hpp"
#include "app/ports/message_log.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

/// Letters, with what was noted of them, beyond these are not counted by their code: an index over them takes half a
/// kilobyte each while it is made, and a moment of the worker's thread.
inline constexpr std::int64_t letters_counted_max = 10'000;

class LetterCounts {
public:
    /// Both outlive it. `counted_max` is for tests.
    LetterCounts(MessageLog& log, Metrics& metrics, TopicNames names, std::int64_t counted_max = letters_counted_max);

    /// Reads the letters and what became of each, if there is anything new, and sets the gauges: of a code of ours, of
    /// `other`, and of `uncounted` where there are too many to look at. Where the log fails they stay as they were.
    Task<> count();

private:
    void show(const std::map<std::string, std::int64_t>& open);

    MessageLog& log_;
    TopicNames names_;
    std::int64_t counted_max_;
    prometheus::Family<prometheus::Gauge>& family_;
    std::map<std::string, prometheus::Gauge*> gauges_;
    std::vector<TopicInfo> seen_;  ///< Where the topics ended when they were counted.
};

}  // namespace productd
