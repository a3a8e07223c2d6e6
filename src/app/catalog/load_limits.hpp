// How much of each kind of work the use cases take on at once: each waits for another part of the system.
#pragma once

#include "async/adaptive_limit.hpp"
#include "domain/result.hpp"

namespace productd {

/// Of the catalog. What this process's cache answers is not counted.
struct LoadLimits {
    explicit LoadLimits(AdaptiveLimit::Clock::duration answer_time)
        : reads(answer_time), searches(answer_time), writes(answer_time) {}

    AdaptiveLimit reads;
    AdaptiveLimit searches;
    AdaptiveLimit writes;
};

/// The refusal of what a limit did not let in: unavailable.
inline Error too_much(const char* of) {
    return unavailable(std::string("More ") + of + " come than can be answered in time: try again in a moment.",
                       "Limits.answer_time");
}

}  // namespace productd
