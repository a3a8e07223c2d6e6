// Why a write was answered `accepted`: for metrics and logs, so that an early answer tells of itself.
#pragma once

#include <chrono>
#include <utility>

namespace productd {

struct Unawaited {
    enum class Why {
        wait_is_off,       ///< Http.ApplyWait is 0.
        store_down,        ///< It was known to be down, or came to be during the wait.
        worker_behind,     ///< The worker's lag was above Http.ApplyWait.
        waits_full,        ///< As many waited as Http.ApplyWaitsMax allows.
        not_in_time,       ///< Http.ApplyWait was over, or the request's own time nearly so.
        request_given_up,  ///< Its time ran out, or its client left, during the wait.
        outcome_untold,    ///< The event is finished; what it did is not known any more.
    };
    Why why = Why::not_in_time;
    std::chrono::milliseconds lag{0};  ///< The worker's, where it was behind.
};

/// Labels of metrics and logs.
constexpr const char* name(Unawaited::Why why) {
    switch (why) {
        case Unawaited::Why::wait_is_off: return "wait_is_off";
        case Unawaited::Why::store_down: return "store_down";
        case Unawaited::Why::worker_behind: return "worker_behind";
        case Unawaited::Why::waits_full: return "waits_full";
        case Unawaited::Why::not_in_time: return "not_in_time";
        case Unawaited::Why::request_given_up: return "request_given_up";
        case Unawaited::Why::outcome_untold: return "outcome_untold";
    }
    std::unreachable();
}

}  // namespace productd
