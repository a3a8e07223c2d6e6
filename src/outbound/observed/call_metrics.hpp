// How long the calls of one server take, by operation and by how they end.
#pragma once

#include <chrono>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"
#include "telemetry/metrics.hpp"
#include "tracing/span.hpp"

namespace productd {

/// Of one operation: those that succeeded, and those that failed.
struct CallDurations {
    Histogram& succeeded;
    Histogram& failed;
};

/// Whether it is known of a call that it failed. A cache, for one, only misses.
enum class Failures { told, untold };

class CallMetrics {
public:
    /// The histogram `name`, in seconds, with the label `operation` (one of `operations`), and where failures are told
    /// `result` (`ok` or `error`).
    CallMetrics(Metrics& metrics, const std::string& name, const std::string& help,
                std::initializer_list<std::string_view> operations, Failures failures = Failures::told);

    /// `operation` is one of those that were named.
    const CallDurations& of(std::string_view operation) const { return durations_.find(operation)->second; }

private:
    std::map<std::string, CallDurations, std::less<>> durations_;
};

/// A call while it runs: a span where somebody traces it, and in any case its time, counted when this ends.
class ObservedCall {
public:
    ObservedCall(const CallDurations& durations, Span span) : durations_(durations), span_(std::move(span)) {}
    ObservedCall(const ObservedCall&) = delete;
    ObservedCall& operator=(const ObservedCall&) = delete;
    ~ObservedCall();

    Span& span() { return span_; }
    SpanContext context() const { return span_.context(); }
    /// The whole of it, or a part.
    void fail(const Error& error);
    /// Of a call with a result for each of its items: failed if it was, or else the first item that was.
    template <class Item>
    void ended(const Result<std::vector<Item>>& items) {
        if (!items) return fail(items.error());
        for (const auto& item : *items) {
            if (!item) return fail(item.error());
        }
    }

private:
    const CallDurations& durations_;
    Span span_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    bool has_failed_ = false;
};

}  // namespace productd
