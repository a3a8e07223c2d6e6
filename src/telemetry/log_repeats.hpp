// Which lines say the same too often. Told the time by whoever calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "telemetry/log.hpp"

namespace productd::log {

struct RepeatLimits {
    std::size_t lines_max = 10;  ///< Of a kind, within
    std::chrono::seconds period{10};
    std::size_t kinds_max =
        256;  ///< Told apart at a time; those beyond count as one of their level. Each has some 1.5 KiB at most.
};

/// Lines that were left out, all of one kind.
struct Repeated {
    Level level = Level::info;
    std::string message;
    std::vector<std::pair<std::string, std::string>> why;  ///< Of the first of them: the fields that are compared.
    std::uint64_t lines = 0;
};

/// Used by one thread at a time. A kind is a level, a message, and what the fields that say why (`error`, `cause`, …)
/// have beside numbers and ids.
class LogRepeats {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit LogRepeats(RepeatLimits limits = {}) : limits_(limits) {}

    /// Whether the line is to be written; else it is counted.
    bool admit(Level level, std::string_view message, Fields fields, Time now);
    /// What was left out in the periods that are over; each is told once.
    std::vector<Repeated> take(Time now);
    /// When a period with lines left out is over; nothing when there is none.
    std::optional<Time> due() const;

private:
    struct Kind {
        Time until{};
        std::size_t lines = 0;
        Repeated left_out;
    };
    Kind& kind_of(Level level, std::string_view message, Fields fields, Time now);

    RepeatLimits limits_;
    std::unordered_map<std::uint64_t, Kind> kinds_;
    std::optional<Time> due_;
    std::vector<Repeated> over_;  ///< Of kinds whose next line came before their period was told.
};

}  // namespace productd::log
