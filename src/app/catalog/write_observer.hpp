// Whom the catalog tells how long the stages of its writes took: a port.
#pragma once

#include <chrono>

#include "domain/decide.hpp"
#include "tracing/trace_context.hpp"

namespace productd {

/// Both are called from any thread, once a write at most, and not for what failed before.
class WriteObserver {
public:
    virtual ~WriteObserver() = default;
    /// The log has acknowledged the event.
    virtual void published(ChangeKind kind, std::chrono::nanoseconds took, const SpanContext& trace) = 0;
    /// From then on: until its outcome was known, or it was waited for no longer.
    virtual void waited(ChangeKind kind, std::chrono::nanoseconds took, const SpanContext& trace) = 0;
};

}  // namespace productd
