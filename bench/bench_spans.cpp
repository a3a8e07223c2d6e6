// What a span costs whoever makes it: bench_spans [rounds]. Ours off, unsampled and recorded, and that of
// opentelemetry-cpp where CMake found it (it is in Debian's backports; give its place by CMAKE_PREFIX_PATH), with the
// same attributes and exporters that throw all away.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "tracing/span_names.hpp"
#include "tracing/tracer.hpp"

#ifdef PRODUCTD_OPENTELEMETRY
#include <opentelemetry/sdk/common/global_log_handler.h>
#include <opentelemetry/sdk/trace/batch_span_processor_factory.h>
#include <opentelemetry/sdk/trace/batch_span_processor_options.h>
#include <opentelemetry/sdk/trace/exporter.h>
#include <opentelemetry/sdk/trace/samplers/always_off.h>
#include <opentelemetry/sdk/trace/span_data.h>
#include <opentelemetry/sdk/trace/tracer_provider.h>
#include <opentelemetry/sdk/trace/tracer_provider_factory.h>
#include <opentelemetry/trace/span_startoptions.h>
#endif

namespace {

using namespace productd;

constexpr int spans_a_round = 200'000;

double cpu_nanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// The median over the rounds of what one takes of this thread.
template <class Work>
void measure(const char* what, int rounds, Work work) {
    std::vector<double> each;
    for (int round = 0; round < rounds; ++round) {
        const auto began = cpu_nanoseconds();
        for (int i = 0; i < spans_a_round; ++i) work();
        each.push_back((cpu_nanoseconds() - began) / spans_a_round);
    }
    std::ranges::sort(each);
    fmt::print("{:<36} {:>8.1f} ns\n", what, each[each.size() / 2]);
}

const std::string path = "/api/v1/products/65a1b2c3d4e5f60718293a4b";

/// As an HTTP request is shown.
void make_span(Tracer& tracer, const SpanContext& parent) {
    auto span = tracer.serve(SpanKind::server, "GET", parent);
    span.set(span_name::http_request_method, "GET");
    span.set(span_name::url_scheme, "https");
    span.set(span_name::url_path, path);
    span.set(span_name::http_route, "/api/v1/products/{id}");
    span.set(span_name::http_response_status_code, std::int64_t{200});
    span.set(span_name::client_address, "127.0.0.1");
    span.rename("GET /api/v1/products/{id}");
}

void measure_ours(int rounds) {
    const auto parent = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    Tracer off;
    measure("productd, off", rounds, [&] { make_span(off, parent); });
    Tracer unsampled({.is_on = true, .sampler = {.ratio = 0}});
    measure("productd, a root that is not sampled", rounds, [&] { make_span(unsampled, {}); });
    Tracer on({.is_on = true, .sampler = {}});
    measure("productd, recorded", rounds, [&] {
        make_span(on, parent);
        if (on.waiting() >= 512) on.take(512);
    });
}

#ifdef PRODUCTD_OPENTELEMETRY
namespace sdk = opentelemetry::sdk;
namespace api = opentelemetry::trace;

class NullExporter : public sdk::trace::SpanExporter {
public:
    std::unique_ptr<sdk::trace::Recordable> MakeRecordable() noexcept override {
        return std::make_unique<sdk::trace::SpanData>();
    }
    sdk::common::ExportResult Export(
        const opentelemetry::nostd::span<std::unique_ptr<sdk::trace::Recordable>>&) noexcept override {
        return sdk::common::ExportResult::kSuccess;
    }
    bool ForceFlush(std::chrono::microseconds) noexcept override { return true; }
    bool Shutdown(std::chrono::microseconds) noexcept override { return true; }
};

void make_span(api::Tracer& tracer) {
    api::StartSpanOptions options;
    options.kind = api::SpanKind::kServer;
    auto span = tracer.StartSpan("GET", {}, options);
    span->SetAttribute("http.request.method", "GET");
    span->SetAttribute("url.scheme", "https");
    span->SetAttribute("url.path", path);
    span->SetAttribute("http.route", "/api/v1/products/{id}");
    span->SetAttribute("http.response.status_code", 200);
    span->SetAttribute("client.address", "127.0.0.1");
    span->UpdateName("GET /api/v1/products/{id}");
    span->End();
}

std::unique_ptr<sdk::trace::SpanProcessor> processor() {
    sdk::trace::BatchSpanProcessorOptions options;
    options.max_queue_size = 1 << 20;  // Its thread shares the processor with this one here: nothing is to be dropped.
    options.schedule_delay_millis = std::chrono::milliseconds(1);
    return sdk::trace::BatchSpanProcessorFactory::Create(std::make_unique<NullExporter>(), options);
}

void measure_opentelemetry(int rounds) {
    sdk::common::internal_log::GlobalLogHandler::SetLogLevel(sdk::common::internal_log::LogLevel::None);
    auto none = sdk::trace::TracerProviderFactory::Create(processor(), sdk::resource::Resource::Create({}),
                                                          std::make_unique<sdk::trace::AlwaysOffSampler>());
    const auto unsampled = none->GetTracer("bench");
    measure("opentelemetry-cpp, not sampled", rounds, [&] { make_span(*unsampled); });
    auto all = sdk::trace::TracerProviderFactory::Create(processor());
    const auto on = all->GetTracer("bench");
    measure("opentelemetry-cpp, recorded", rounds, [&] { make_span(*on); });
}
#else
void measure_opentelemetry(int) { fmt::print("opentelemetry-cpp is not there to compare with\n"); }
#endif

}  // namespace

int main(int count, char** arguments) {
    const int rounds = count > 1 ? std::max(std::atoi(arguments[1]), 1) : 11;
    measure_ours(rounds);
    measure_opentelemetry(rounds);
}
