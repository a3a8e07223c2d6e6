// What a port is told of who calls it.
#pragma once

#include "async/task.hpp"
#include "tracing/trace_context.hpp"

namespace productd {

struct CallContext {
    // A deadline alone says it, where nobody traces.
    CallContext(Deadline until, const SpanContext& under = {}) : deadline(until), trace(under) {}

    Deadline deadline;  ///< When whoever asks has gone.
    SpanContext trace;  ///< Of whom the call is made; none where nobody is to see it.
};

/// What travels with a request through every use case.
struct RequestContext {
    Deadline deadline;
    TraceHeaders trace = {};  ///< Carried into the event, too.

    /// For a call that has as much time as the request.
    CallContext call() const { return {deadline, trace.context}; }
};

}  // namespace productd
