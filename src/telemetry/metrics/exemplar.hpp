// One observation of a histogram that stands for others, with the trace it was made in.
#pragma once

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "tracing/trace_context.hpp"

namespace productd {

struct Exemplar {
    SpanContext span;
    double value = 0;
    std::chrono::system_clock::time_point time;
};

/// What a reader finds the trace by, in every format.
inline std::array<std::pair<std::string_view, std::string>, 2> labels_of(const Exemplar& exemplar) {
    return {
        {{"trace_id", trace_id(exemplar.span)}, {"span_id", fmt::format("{:02x}", fmt::join(exemplar.span.span, ""))}}};
}

/// The place of the latest. Used from any thread.
class ExemplarSlot {
public:
    /// Nothing where another thread is at it: either stands for its bucket as well as the other.
    void keep(const SpanContext& of, double value) {
        if (busy_.exchange(true, std::memory_order_acquire)) return;
        latest_ = Exemplar{of, value, std::chrono::system_clock::now()};
        busy_.store(false, std::memory_order_release);
    }

    /// Waits for who keeps one, which is for nanoseconds.
    std::optional<Exemplar> latest() const {
        while (busy_.exchange(true, std::memory_order_acquire)) std::this_thread::yield();
        auto found = latest_;
        busy_.store(false, std::memory_order_release);
        return found;
    }

private:
    mutable std::atomic<bool> busy_{false};
    std::optional<Exemplar> latest_;  ///< Of whoever made busy_ true.
};

}  // namespace productd
