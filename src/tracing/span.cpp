// Writes the message Span of opentelemetry-proto (trace/v1/trace.proto, 1.3), a field at a time.
#include "tracing/span.hpp"

#include <algorithm>
#include <atomic>
#include <functional>

#include "domain/utf8.hpp"
#include "tracing/otlp_wire.hpp"
#include "tracing/span_names.hpp"
#include "tracing/tracer.hpp"

namespace productd {

namespace {

using namespace otlp;

// Fields of Span that are written here; tracer.cpp has those it begins with.
constexpr unsigned trace_state = 3, name_field = 5, start_time = 7, end_time = 8, attributes = 9, events = 11,
                   links = 13, status = 15;
// Of its events, links and status.
constexpr unsigned event_time = 1, event_name = 2, event_attributes = 3;
constexpr unsigned link_trace = 1, link_span = 2, link_flags = 6;
constexpr unsigned status_message = 2, status_code = 3;
constexpr std::uint64_t status_error = 2;

using Steady = std::chrono::steady_clock::time_point;

/// From the steady clock to the wall's, the same for all spans while nobody sets the wall's: or a span, whose two
/// clocks are not read at once, could begin before the one it is part of.
std::chrono::nanoseconds wall_offset(Steady now) {
    static std::atomic<std::int64_t> kept{0};
    constexpr std::int64_t step_max = 20'000'000;
    const std::chrono::nanoseconds wall = std::chrono::system_clock::now().time_since_epoch();
    const auto found = (wall - std::chrono::nanoseconds(now.time_since_epoch())).count();
    auto offset = kept.load(std::memory_order_relaxed);
    if (found > offset + step_max || found < offset - step_max) {
        offset = found;
        kept.store(offset, std::memory_order_relaxed);
    }
    return std::chrono::nanoseconds(offset);
}

std::uint64_t nanoseconds(Steady time, std::chrono::nanoseconds offset) {
    return static_cast<std::uint64_t>((std::chrono::nanoseconds(time.time_since_epoch()) + offset).count());
}

/// A text that a collector takes: one that is no UTF-8 would have it refuse all that is sent with it.
class Sendable {
public:
    Sendable(std::string_view text, std::size_t bytes_max) : text_(text.substr(0, bytes_max)) {
        const auto is_plain = [](char c) { return static_cast<signed char>(c) > 0; };
        if (std::ranges::all_of(text_, is_plain)) return;
        if (text_.size() < text.size()) cut_back();
        if (code_points(text_)) return;
        mended_ = text_;
        std::ranges::replace_if(mended_, std::not_fn(is_plain), '?');
        text_ = mended_;
    }
    Sendable(const Sendable&) = delete;
    Sendable& operator=(const Sendable&) = delete;
    operator std::string_view() const { return text_; }

private:
    /// To before the character that was cut: its later bytes are 10xxxxxx, its first is not. Bytes without a first one
    /// are no UTF-8 anyway.
    void cut_back() {
        auto whole = text_;
        while (!whole.empty() && (whole.back() & 0xC0) == 0x80) whole.remove_suffix(1);
        if (!whole.empty()) text_ = whole.substr(0, whole.size() - 1);
    }

    std::string_view text_;
    std::string mended_;
};

Sendable sendable(std::string_view text, std::size_t bytes_max) { return Sendable(text, bytes_max); }

}  // namespace

Span& Span::operator=(Span&& other) noexcept {
    if (this != &other) {
        end();
        context_ = other.context_;
        recorded_ = std::move(other.recorded_);
    }
    return *this;
}

void Span::put(std::string_view key, std::string_view value) {
    put_attribute(recorded_->bytes, attributes, key, sendable(value, attribute_bytes_max));
}

void Span::put(std::string_view key, std::int64_t value) { put_attribute(recorded_->bytes, attributes, key, value); }

void Span::set_tracestate(std::string_view tracestate) {
    if (recorded_ && !tracestate.empty())
        put_bytes(recorded_->bytes, trace_state, sendable(tracestate, tracestate_bytes_max));
}

void Span::link(const SpanContext& other) {
    if (!recorded_ || !other.is_valid()) return;
    std::string link;
    put_bytes(link, link_trace, bytes_of(other.trace));
    put_bytes(link, link_span, bytes_of(other.span));
    put_fixed(link, link_flags, std::uint32_t{other.is_sampled});
    put_bytes(recorded_->bytes, links, link);
}

void Span::began(std::chrono::steady_clock::time_point then) {
    if (recorded_) recorded_->started = then;
}

void Span::fail(std::string_view type, std::string_view message) {
    if (!recorded_) return;
    const auto shown = sendable(message, attribute_bytes_max);
    set(span_name::error_type, type);
    std::string event;
    const auto now = std::chrono::steady_clock::now();
    put_fixed(event, event_time, nanoseconds(now, wall_offset(now)));
    put_bytes(event, event_name, span_name::exception_event);
    put_attribute(event, event_attributes, span_name::exception_type, type);
    put_attribute(event, event_attributes, span_name::exception_message, shown);
    put_bytes(recorded_->bytes, events, event);
    std::string failed;
    put_bytes(failed, status_message, shown);
    put_varint(failed, status_code, status_error);
    put_bytes(recorded_->bytes, status, failed);
}

void Span::finish() {
    const auto recorded = std::move(recorded_);
    put_bytes(recorded->bytes, name_field, sendable(recorded->name, attribute_bytes_max));
    const auto ended = std::chrono::steady_clock::now();
    const auto offset = wall_offset(ended);
    put_fixed(recorded->bytes, start_time, nanoseconds(recorded->started, offset));
    put_fixed(recorded->bytes, end_time, nanoseconds(ended, offset));
    recorded->tracer->keep(std::move(recorded->bytes));
}

}  // namespace productd
