// REST for those who run the service: health, readiness, metrics.
#pragma once

#include "app/health/readiness.hpp"
#include "async/async.hpp"
#include "inbound/http/message/http_message.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

class OperationsApi {
public:
    /// Both must outlive every call.
    OperationsApi(const Readiness& readiness, Metrics& metrics) : readiness_(readiness), metrics_(metrics) {}

    // One a route, each a RestApi's handler: the path has no id.
    Task<HttpResponse> health(const HttpRequest& request, std::string_view id);
    Task<HttpResponse> live(const HttpRequest& request, std::string_view id);
    /// What the last round of checks found, told without asking anybody: 503 unless all that is essential passes;
    /// `?verbose` lists them.
    Task<HttpResponse> ready(const HttpRequest& request, std::string_view id);
    /// The same with the cause of each failure: addresses and what drivers and servers said. Not for everybody.
    Task<HttpResponse> ready_with_causes(const HttpRequest& request, std::string_view id);
    /// In the format that `Accept` asks for; `?histograms=classic` and `native` leave out the other kind of buckets.
    Task<HttpResponse> metrics(const HttpRequest& request, std::string_view id);

private:
    enum class Causes { hidden, shown };
    static void append_check(std::string& out, const CheckResult& check, Causes causes);
    static std::string report_json(const Readiness::Report& report, Causes causes);
    Task<HttpResponse> readiness(const HttpRequest& request, Causes causes);

    const Readiness& readiness_;
    Metrics& metrics_;
};

}  // namespace productd
