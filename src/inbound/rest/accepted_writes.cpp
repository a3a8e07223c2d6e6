// A counter a reason, and a line of the log.
#include "inbound/rest/accepted_writes.hpp"

#include "domain/enumerators.hpp"
#include "telemetry/log.hpp"

namespace productd {

AcceptedWrites::AcceptedWrites(Metrics& metrics) {
    auto& family =
        prometheus::BuildCounter()
            .Name("productd_writes_accepted_total")
            .Help("REST writes answered `accepted`: safe in the log, and not waited for until applied, by why")
            .Register(metrics.registry());
    for (const auto why : enumerators<Unawaited::Why>) counters_[why] = &family.Add({{"reason", name(why)}});
}

void AcceptedWrites::note(const Unawaited& unawaited, std::string_view request_id, std::string_view trace_id) {
    counters_.at(unawaited.why)->Increment();
    if (unawaited.why == Unawaited::Why::wait_is_off) return;  // It was chosen, and is so for every write.
    log::info("A write is accepted and not applied yet", {{"reason", name(unawaited.why)},
                                                          {"lag_ms", unawaited.lag.count()},
                                                          {"request_id", request_id},
                                                          {"trace_id", trace_id}});
}

}  // namespace productd
