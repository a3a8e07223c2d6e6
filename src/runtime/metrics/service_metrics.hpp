// Whether the service and the servers behind it are up, and how long its certificate is good, read at every scrape.
#pragma once

#include <prometheus/collectable.h>

#include "app/health/readiness.hpp"
#include "runtime/certificate/served_certificate.hpp"
#include "runtime/config/engines.hpp"

namespace productd {

class ServiceMetrics : public prometheus::Collectable {
public:
    /// Both outlive the scrapes.
    ServiceMetrics(const Readiness& readiness, const ServedCertificate& certificate, EngineConfig engine)
        : readiness_(readiness), certificate_(certificate), engine_(engine) {}
    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const Readiness& readiness_;
    const ServedCertificate& certificate_;
    EngineConfig engine_;
};

}  // namespace productd
