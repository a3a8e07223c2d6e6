// Makes the histograms of a server's operations. Calls telemetry.
#include "outbound/observed/call_metrics.hpp"

namespace productd {

CallMetrics::CallMetrics(Metrics& metrics, const std::string& name, const std::string& help,
                         std::initializer_list<std::string_view> operations, Failures failures) {
    auto& family = metrics.histograms(name, help, duration_buckets());
    for (const auto operation : operations) {
        const std::string label(operation);
        const auto add = [&](const char* result) -> Histogram& {
            if (failures == Failures::untold) return family.add({{"operation", label}});
            return family.add({{"operation", label}, {"result", result}});
        };
        durations_.emplace(label, CallDurations{add("ok"), add("error")});
    }
}

ObservedCall::~ObservedCall() {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began_;
    (has_failed_ ? durations_.failed : durations_.succeeded).observe(seconds.count(), span_.context());
}

void ObservedCall::fail(const Error& error) {
    has_failed_ = true;
    span_.fail(name(error.code), error.detail);
}

}  // namespace productd
