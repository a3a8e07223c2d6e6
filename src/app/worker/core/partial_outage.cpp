// Many, and many of those tried.
#include "app/worker/core/partial_outage.hpp"

namespace productd {

namespace {

constexpr std::size_t culprits_max = 8;
constexpr std::size_t tried_per_culprit = 10;

}  // namespace

bool PartialOutage::lasts(std::size_t culprits, std::uint64_t succeeded, std::uint64_t step, Time now) {
    if (culprits <= culprits_max || culprits * tried_per_culprit <= tried_.count(now)) {
        since_.reset();
        return false;
    }
    if (!since_) {
        since_ = now;
        from_step_ = step;
    }
    const bool is_their_own = last_failure_ && !is_of_store(*last_failure_) && succeeded > from_step_;
    return !is_their_own || now - *since_ < patience_;
}

}  // namespace productd
