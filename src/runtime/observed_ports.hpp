// The ports as metrics and spans see them: what is called through them is timed, and recorded where somebody traces.
#pragma once

#include <memory>
#include <optional>

#include "outbound/observed/observed_message_log.hpp"
#include "outbound/observed/observed_product_cache.hpp"
#include "outbound/observed/observed_product_store.hpp"
#include "outbound/otlp/otlp_exporter.hpp"
#include "runtime/config/config.hpp"
#include "runtime/process_spans.hpp"

namespace productd {

/// While tracing is off nothing is recorded or sent.
class ObservedPorts {
public:
    /// All outlive it.
    ObservedPorts(const Config& config, Metrics& metrics, ProductStore& store, ProductCache& cache, MessageLog& log);

    ProductStore& store() { return store_; }
    ProductCache& cache() { return redis_ ? *redis_ : cache_; }
    MessageLog& log() { return log_; }
    const std::shared_ptr<Tracer>& tracer() const { return tracer_; }
    ProcessSpans process_spans() const { return process_spans_; }
    /// Nothing while tracing is off.
    std::optional<OtlpExporter::Counts> exported() const;

    /// Sends what is left, if the collector is there, and blocks meanwhile; until `deadline`, and no longer than 2 s.
    void close(Deadline deadline);

private:
    std::shared_ptr<Tracer> tracer_;
    ObservedProductStore store_;
    ProductCache& cache_;
    std::optional<ObservedProductCache> redis_;  ///< Only where the cache asks a server.
    ObservedMessageLog log_;
    ProcessSpans process_spans_;
    std::optional<OtlpExporter> exporter_;
};

}  // namespace productd
