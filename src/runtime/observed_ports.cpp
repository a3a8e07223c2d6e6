// Puts the observed ports around the others. Calls the exporter.
#include "runtime/observed_ports.hpp"

#include "runtime/engine.hpp"
#include "runtime/service_settings.hpp"
#include "runtime/tracing_settings.hpp"

namespace productd {

namespace {

using namespace std::chrono_literals;

// A stop waits so long for the collector; for one that did not answer before, only for one attempt.
constexpr auto close_max = 2s;
constexpr auto close_max_when_down = 200ms;

}  // namespace

ObservedPorts::ObservedPorts(const Config& config, Metrics& metrics, ProductStore& store, ProductCache& cache,
                             MessageLog& log)
    : tracer_(std::make_shared<Tracer>(tracer_settings(config))),
      store_(store, metrics, *tracer_, observed_store(config)),
      cache_(cache),
      log_(log, metrics, *tracer_, observed_log(config)),
      process_spans_(*tracer_, observed_log(config), group_id(config)) {
    if (cache_is_redis(config)) redis_.emplace(cache, metrics, *tracer_, observed_cache(config));
    if (tracer_->is_on()) exporter_.emplace(*tracer_, otlp_settings(config));
}

std::optional<OtlpExporter::Counts> ObservedPorts::exported() const {
    if (!exporter_) return std::nullopt;
    return exporter_->counts();
}

void ObservedPorts::close(Deadline deadline) {
    if (!exporter_) return;
    const auto limit = exporter_->counts().is_up ? close_max : close_max_when_down;
    exporter_->close(std::min(deadline, std::chrono::steady_clock::now() + limit));
}

}  // namespace productd
