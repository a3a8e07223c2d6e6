// Puts the traced ports around the others. Calls the exporter.
#include "runtime/traced_ports.hpp"

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

TracedPorts::Traced::Traced(const Config& config, const TracedPorts& ports)
    : store(ports.store_, *ports.tracer_, traced_store(config)),
      log(ports.log_, *ports.tracer_, traced_log(config)),
      exporter(*ports.tracer_, otlp_settings(config)) {
    if (cache_is_redis(config)) cache.emplace(ports.cache_, *ports.tracer_, traced_cache(config));
}

TracedPorts::TracedPorts(const Config& config, ProductStore& store, ProductCache& cache, MessageLog& log)
    : store_(store),
      cache_(cache),
      log_(log),
      tracer_(std::make_shared<Tracer>(tracer_settings(config))),
      process_spans_(*tracer_, traced_log(config), group_id(config)) {
    if (tracer_->is_on()) traced_.emplace(config, *this);
}

std::optional<OtlpExporter::Counts> TracedPorts::exported() const {
    if (!traced_) return std::nullopt;
    return traced_->exporter.counts();
}

void TracedPorts::close(Deadline deadline) {
    if (!traced_) return;
    const auto limit = traced_->exporter.counts().is_up ? close_max : close_max_when_down;
    traced_->exporter.close(std::min(deadline, std::chrono::steady_clock::now() + limit));
}

}  // namespace productd
