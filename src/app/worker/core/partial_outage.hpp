// Whether so many products fail at once that it is the store that fails in part: a shard that elects, writes that are
// blocked for some.
#pragma once

#include "app/worker/core/recently_tried.hpp"
#include "domain/result.hpp"

namespace productd {

/// The store speaks of itself, not of what it was asked.
constexpr bool is_of_store(Errc code) { return code == Errc::unavailable || code == Errc::deadline_exceeded; }

/// Not thread-safe.
class PartialOutage {
public:
    using Time = RecentlyTried::Time;

    /// `patience`: after so long, what the store does not say of itself is the products' own.
    explicit PartialOutage(std::chrono::milliseconds patience) : patience_(patience) {}

    void note_tried(std::size_t products, Time now) { tried_.note(products, now); }
    /// Of products that failed while others did not.
    void note_failure(Errc code) { last_failure_ = code; }
    /// `culprits`: products that fail now; `succeeded`: the step at which a write succeeded last; `step`: the last one.
    bool lasts(std::size_t culprits, std::uint64_t succeeded, std::uint64_t step, Time now);

private:
    std::chrono::milliseconds patience_;
    RecentlyTried tried_;
    std::optional<Errc> last_failure_;
    std::optional<Time> since_;
    std::uint64_t from_step_ = 0;
};

}  // namespace productd
