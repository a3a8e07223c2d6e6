// One piece of work of a trace: when, under which other, what of, and how it ended. Most are of nobody's trace, and
// then are a pointer to nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tracing/trace_context.hpp"

namespace productd {

class Tracer;

/// SpanKind of opentelemetry-proto's trace/v1/trace.proto.
enum class SpanKind : std::uint8_t { internal = 1, server, client, producer, consumer };

/// Ends when it is destroyed. Used by one thread at a time. Attributes are written as they will be sent, so that a span
/// costs one text and no list.
class Span {
public:
    Span() = default;
    Span(Span&&) noexcept = default;
    Span& operator=(Span&& other) noexcept;
    ~Span() { end(); }

    /// What others hang theirs under: this span, or where it is not recorded, who it was begun for.
    const SpanContext& context() const { return context_; }
    bool is_recorded() const { return recorded_ != nullptr; }

    void set(std::string_view key, std::string_view value) {
        if (recorded_) put(key, value);
    }
    void set(std::string_view key, std::int64_t value) {
        if (recorded_) put(key, value);
    }
    /// Of the tracing systems on the way, as it came.
    void set_tracestate(std::string_view tracestate);
    /// Another that this one serves too.
    void link(const SpanContext& other);
    /// What it is called, if that was not known when it began.
    void rename(std::string_view name) {
        if (recorded_) recorded_->name = name;
    }
    /// It began so long ago.
    void began(std::chrono::steady_clock::time_point then);
    /// It failed: `type` is one of few words, `message` a sentence that shows no secret.
    void fail(std::string_view type, std::string_view message);
    /// Nobody is to see it.
    void discard() { recorded_.reset(); }
    /// No more is taken of it; what was recorded goes to be sent.
    void end() {
        if (recorded_) finish();
    }

private:
    friend class Tracer;
    struct Recorded {
        Tracer* tracer = nullptr;
        std::string bytes;  ///< Of the message Span, so far.
        std::string name;
        std::chrono::steady_clock::time_point started;
    };
    Span(const SpanContext& context, std::unique_ptr<Recorded> recorded)
        : context_(context), recorded_(std::move(recorded)) {}

    void put(std::string_view key, std::string_view value);
    void put(std::string_view key, std::int64_t value);
    void finish();

    SpanContext context_;
    std::unique_ptr<Recorded> recorded_;
};

}  // namespace productd
