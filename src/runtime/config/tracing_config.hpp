// What a user can set of traces: the section Tracing.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "outbound/otlp/otlp_settings.hpp"
#include "tracing/tracer.hpp"

namespace productd {

/// As OTEL_TRACES_SAMPLER names them.
enum class Sampler {
    parentbased_traceidratio,
    parentbased_always_on,
    parentbased_always_off,
    traceidratio,
    always_on,
    always_off,
};

constexpr std::string_view name(Sampler sampler) {
    switch (sampler) {
        case Sampler::parentbased_traceidratio: return "parentbased_traceidratio";
        case Sampler::parentbased_always_on: return "parentbased_always_on";
        case Sampler::parentbased_always_off: return "parentbased_always_off";
        case Sampler::traceidratio: return "traceidratio";
        case Sampler::always_on: return "always_on";
        case Sampler::always_off: return "always_off";
    }
    std::unreachable();
}

struct TracingConfig {
    bool is_disabled = false;  ///< Also where there is an endpoint.
    Sampler sampler = Sampler::parentbased_traceidratio;
    double sample_ratio = 1;
    std::string service_name = "products_microservice";
    std::string attributes;  ///< `key=value,key=value`, of the resource.
    std::string headers;     ///< The same, of each request.
    std::size_t queue_spans_max = TracerSettings{}.queue_spans_max;
    OtlpSettings otlp;
};

}  // namespace productd
