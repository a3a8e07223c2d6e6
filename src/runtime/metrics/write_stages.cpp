// Counts the stages of writes. Calls telemetry.
#include "runtime/metrics/write_stages.hpp"

namespace productd {

WriteStages::WriteStages(Metrics& metrics) {
    auto& family = metrics.histograms("productd_write_stage_duration_seconds",
                                      "Time that the stages of a write by REST take", duration_buckets());
    for (const auto kind : enumerators<ChangeKind>) {
        publish_[static_cast<std::size_t>(kind)] = &family.add({{"operation", name(kind)}, {"stage", "publish"}});
        wait_[static_cast<std::size_t>(kind)] = &family.add({{"operation", name(kind)}, {"stage", "wait"}});
    }
}

void WriteStages::observe(const ByKind& stage, ChangeKind kind, std::chrono::nanoseconds took,
                          const SpanContext& trace) {
    stage[static_cast<std::size_t>(kind)]->observe(std::chrono::duration<double>(took).count(), trace);
}

void WriteStages::published(ChangeKind kind, std::chrono::nanoseconds took, const SpanContext& trace) {
    observe(publish_, kind, took, trace);
}

void WriteStages::waited(ChangeKind kind, std::chrono::nanoseconds took, const SpanContext& trace) {
    observe(wait_, kind, took, trace);
}

}  // namespace productd
