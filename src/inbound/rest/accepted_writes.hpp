// Tells the operator of writes that are answered `accepted`, and why. Calls prometheus-cpp and the log.
#pragma once

#include <map>
#include <string_view>

#include "app/catalog/unawaited.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

class AcceptedWrites {
public:
    /// Every reason is counted from 0. The Metrics must live longer.
    explicit AcceptedWrites(Metrics& metrics);
    /// Counts it and writes a line, so that an early answer can be found out about. From any thread.
    void note(const Unawaited& unawaited, std::string_view request_id, std::string_view trace_id);

private:
    std::map<Unawaited::Why, prometheus::Counter*> counters_;
};

}  // namespace productd
