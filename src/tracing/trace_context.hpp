// W3C trace context (https://www.w3.org/TR/trace-context/): who caused what, as it passes between services and within.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace productd {

/// One span of one trace. Without ids it is none.
struct SpanContext {
    using TraceId = std::array<std::uint8_t, 16>;
    using SpanId = std::array<std::uint8_t, 8>;

    TraceId trace{};
    SpanId span{};
    bool is_sampled = false;  ///< Whoever takes part records its spans.

    bool is_valid() const { return trace != TraceId{} && span != SpanId{}; }
    bool operator==(const SpanContext&) const = default;
};

/// What a `traceparent` says, also one of a later version, as far as version 00 goes; none where it says nothing.
SpanContext parse_traceparent(std::string_view text);
/// As a header: `00-<32 hex>-<16 hex>-<2 hex>`; empty for none.
std::string traceparent(const SpanContext& context);
/// The trace's id as logs show it, 32 hexadecimal digits; empty for none.
std::string trace_id(const SpanContext& context);

/// Another span of the same trace. `salt` tells the children of one parent apart; the same is the same child.
SpanContext child_of(const SpanContext& parent, std::uint64_t salt);

/// What travels with a request from service to service. The two lists are carried as they came.
struct TraceHeaders {
    SpanContext context;
    std::string tracestate = {};  ///< Of the tracing systems on the way.
    std::string baggage = {};     ///< Of the callers (https://www.w3.org/TR/baggage/).
    std::string request_id = {};  ///< For log lines.
};

// Longer ones are left out: what they may have at least.
inline constexpr std::size_t tracestate_bytes_max = 512;
inline constexpr std::size_t baggage_bytes_max = 8'192;

}  // namespace productd
