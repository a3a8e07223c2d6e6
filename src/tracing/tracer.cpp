// Draws ids and lets the sampler look at them. Calls nothing but a mutex.
#include "tracing/tracer.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <random>

#include "codec/splitmix64.hpp"
#include "tracing/otlp_wire.hpp"

namespace productd {

namespace {

// Fields of the message Span with which it begins.
constexpr unsigned trace_field = 1, span_field = 2, parent_field = 4, kind_field = 6, flags_field = 16;
constexpr std::size_t span_bytes_usual = 512;

/// splitmix64, seeded by the system for each thread: unique, though not secret.
std::uint64_t random_bits() {
    thread_local std::uint64_t state = (std::uint64_t{std::random_device{}()} << 32) | std::random_device{}();
    state += 0x9E3779B97F4A7C15ULL;
    return splitmix64(state);
}

template <std::size_t Size>
void draw(std::array<std::uint8_t, Size>& id) {
    do {
        for (std::size_t at = 0; at < Size; at += 8) {
            const auto bits = random_bits();
            std::memcpy(id.data() + at, &bits, 8);
        }
    } while (id == std::array<std::uint8_t, Size>{});
}

}  // namespace

/// By the last seven bytes of the trace's id, which are drawn at random, so that every service with the same ratio
/// decides the same (https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/).
bool Tracer::is_sampled(const SpanContext& trace) const {
    std::uint64_t bits = 0;
    for (std::size_t i = 9; i < trace.trace.size(); ++i) bits = bits << 8 | trace.trace[i];
    constexpr double all = std::uint64_t{1} << 56;
    return static_cast<double>(bits) >= (1 - settings_.sampler.ratio) * all;
}

bool Tracer::records(const SpanContext& context) const {
    if (!settings_.is_on || !context.is_sampled) return false;
    return settings_.sampler.follows_parents || is_sampled(context);
}

Span Tracer::serve(SpanKind kind, std::string_view name, const SpanContext& parent) {
    if (!settings_.is_on) return {parent, nullptr};
    auto context = parent;
    if (!parent.is_valid()) draw(context.trace);
    draw(context.span);
    if (!parent.is_valid() || !settings_.sampler.follows_parents) context.is_sampled = is_sampled(context);
    if (!context.is_sampled) return {context, nullptr};
    return recorded(kind, name, parent, context);
}

Span Tracer::start(SpanKind kind, std::string_view name, const SpanContext& parent) {
    if (!records(parent)) return {parent, nullptr};
    auto context = parent;
    draw(context.span);
    return recorded(kind, name, parent, context);
}

Span Tracer::start_known(SpanKind kind, std::string_view name, const SpanContext& parent, const SpanContext& context) {
    if (!records(context)) return {context, nullptr};
    return recorded(kind, name, parent, context);
}

Span Tracer::recorded(SpanKind kind, std::string_view name, const SpanContext& parent, const SpanContext& context) {
    auto recorded = std::make_unique<Span::Recorded>();
    recorded->tracer = this;
    recorded->name = name;
    recorded->started = std::chrono::steady_clock::now();
    auto& bytes = recorded->bytes;
    bytes.reserve(span_bytes_usual);
    otlp::put_bytes(bytes, trace_field, otlp::bytes_of(context.trace));
    otlp::put_bytes(bytes, span_field, otlp::bytes_of(context.span));
    if (parent.is_valid()) otlp::put_bytes(bytes, parent_field, otlp::bytes_of(parent.span));
    otlp::put_varint(bytes, kind_field, static_cast<std::uint64_t>(kind));
    otlp::put_fixed(bytes, flags_field, std::uint32_t{context.is_sampled});
    return {context, std::move(recorded)};
}

void Tracer::keep(std::string span) {
    ended_count_.fetch_add(1, std::memory_order_relaxed);
    {
        const std::lock_guard lock(mutex_);
        if (ended_.size() < settings_.queue_spans_max && bytes_ + span.size() <= settings_.queue_bytes_max) {
            bytes_ += span.size();
            ended_.push_back(std::move(span));
            waiting_.store(ended_.size(), std::memory_order_relaxed);
            if (ended_.size() == wanted_) changed_.notify_one();
            return;
        }
    }
    dropped_.fetch_add(1, std::memory_order_relaxed);
}

std::vector<std::string> Tracer::take(std::size_t spans_max, std::size_t bytes_max) {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0, bytes = 0;
    for (; count < std::min(spans_max, ended_.size()); ++count) {
        if (count > 0 && bytes + ended_[count].size() > bytes_max) break;
        bytes += ended_[count].size();
    }
    const auto end = ended_.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<std::string> taken(std::make_move_iterator(ended_.begin()), std::make_move_iterator(end));
    ended_.erase(ended_.begin(), end);
    bytes_ -= bytes;
    waiting_.store(ended_.size(), std::memory_order_relaxed);
    return taken;
}

void Tracer::wait(std::size_t spans, std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    wanted_ = spans;
    changed_.wait_until(lock, until, [&] { return ended_.size() >= spans || is_woken_; });
    is_woken_ = false;
}

void Tracer::wake() {
    {
        const std::lock_guard lock(mutex_);
        is_woken_ = true;
    }
    changed_.notify_one();
}

Tracer::Counts Tracer::counts() const {
    return {ended_count_.load(std::memory_order_relaxed), dropped_.load(std::memory_order_relaxed)};
}

}  // namespace productd
