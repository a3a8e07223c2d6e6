// The ports as spans see them: what is called through them is recorded where somebody traces.
#pragma once

#include <memory>
#include <optional>

#include "outbound/otlp/otlp_exporter.hpp"
#include "outbound/traced/traced_message_log.hpp"
#include "outbound/traced/traced_product_cache.hpp"
#include "outbound/traced/traced_product_store.hpp"
#include "runtime/config/config.hpp"
#include "runtime/process_spans.hpp"

namespace productd {

/// While tracing is off these are the ports themselves, and nothing is sent.
class TracedPorts {
public:
    /// The ports outlive it.
    TracedPorts(const Config& config, ProductStore& store, ProductCache& cache, MessageLog& log);

    ProductStore& store() { return traced_ ? traced_->store : store_; }
    ProductCache& cache() { return traced_ && traced_->cache ? *traced_->cache : cache_; }
    MessageLog& log() { return traced_ ? traced_->log : log_; }
    const std::shared_ptr<Tracer>& tracer() const { return tracer_; }
    ProcessSpans process_spans() const { return process_spans_; }
    /// Nothing while tracing is off.
    std::optional<OtlpExporter::Counts> exported() const;

    /// Sends what is left, if the collector is there, and blocks meanwhile; until `deadline`, and no longer than 2 s.
    void close(Deadline deadline);

private:
    struct Traced {
        Traced(const Config& config, const TracedPorts& ports);
        TracedProductStore store;
        std::optional<TracedProductCache> cache;  ///< Only where it asks a server.
        TracedMessageLog log;
        OtlpExporter exporter;
    };

    ProductStore& store_;
    ProductCache& cache_;
    MessageLog& log_;
    std::shared_ptr<Tracer> tracer_;
    ProcessSpans process_spans_;
    std::optional<Traced> traced_;
};

}  // namespace productd
