// How long writes by REST take, stage by stage.
#pragma once

#include <array>

#include "app/catalog/write_observer.hpp"
#include "domain/enumerators.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

/// One histogram with the labels `operation` and `stage`: `publish`, until the log has acknowledged the event, and
/// `wait`, from then on until its outcome was known, or it was waited for no longer.
class WriteStages : public WriteObserver {
public:
    explicit WriteStages(Metrics& metrics);
    void published(ChangeKind kind, std::chrono::nanoseconds took, const SpanContext& trace) override;
    void waited(ChangeKind kind, std::chrono::nanoseconds took, const SpanContext& trace) override;

private:
    using ByKind = std::array<Histogram*, change_kinds>;
    static void observe(const ByKind& stage, ChangeKind kind, std::chrono::nanoseconds took, const SpanContext& trace);

    ByKind publish_{};
    ByKind wait_{};
};

}  // namespace productd
