// Begins spans, decides which traces are recorded, and keeps what has ended until it is sent.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "tracing/span.hpp"

namespace productd {

/// Who decides about a trace that begins here; one that comes from elsewhere was decided about there.
struct SamplerSettings {
    double ratio = 1;             ///< Tracing.SampleRatio: of the traces that begin here, 0 to 1.
    bool follows_parents = true;  ///< Else the ratio holds for all requests, and for what is sampled of messages.
};

struct TracerSettings {
    bool is_on = false;
    SamplerSettings sampler;
    std::size_t queue_spans_max = 4'096;            ///< Tracing.QueueMax
    std::size_t queue_bytes_max = 8 * 1024 * 1024;  ///< Beside it, for spans that are long.
};

/// Called from any thread. It outlives its spans.
class Tracer {
public:
    explicit Tracer(const TracerSettings& settings = {}) : settings_(settings) {}

    bool is_on() const { return settings_.is_on; }

    /// Work that somebody outside asks for: under `parent`, or where there is none, at the root of a new trace. While
    /// tracing is off the span stands for `parent`.
    Span serve(SpanKind kind, std::string_view name, const SpanContext& parent);
    /// Work within a trace; nothing where `parent` is not sampled.
    Span start(SpanKind kind, std::string_view name, const SpanContext& parent);
    /// The same, of a span whose id is known already: `context` is of the trace of `parent`.
    Span start_known(SpanKind kind, std::string_view name, const SpanContext& parent, const SpanContext& context);

    /// What has ended, as messages Span of opentelemetry-proto, oldest first; so many at most, of so many bytes or one.
    std::vector<std::string> take(std::size_t spans_max, std::size_t bytes_max = SIZE_MAX);
    /// Blocks until as many have ended, or `until`, or wake().
    void wait(std::size_t spans, std::chrono::steady_clock::time_point until);
    void wake();
    std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

    struct Counts {
        std::uint64_t ended = 0;
        std::uint64_t dropped = 0;  ///< The queue was full.
    };
    Counts counts() const;

private:
    friend class Span;
    Span recorded(SpanKind kind, std::string_view name, const SpanContext& parent, const SpanContext& context);
    bool is_sampled(const SpanContext& trace) const;
    bool records(const SpanContext& context) const;
    void keep(std::string span);

    const TracerSettings settings_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> ended_;
    std::size_t wanted_ = 0;  ///< Whoever waits wants so many.
    bool is_woken_ = false;
    std::size_t bytes_ = 0;
    std::atomic<std::size_t> waiting_{0};
    std::atomic<std::uint64_t> ended_count_{0};
    std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace productd
