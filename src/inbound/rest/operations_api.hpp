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
    OperationsApi(Readiness& readiness, Metrics& metrics) : readiness_(readiness), metrics_(metrics) {}

    // One a route, each a RestApi's handler: the path has no id.
    Task<HttpResponse> health(const HttpRequest& request, std::string_view id);
    Task<HttpResponse> live(const HttpRequest& request, std::string_view id);
    /// 503 unless all checks pass; `?verbose` lists them.
    Task<HttpResponse> ready(const HttpRequest& request, std::string_view id);
    Task<HttpResponse> metrics(const HttpRequest& request, std::string_view id);

private:
    Readiness& readiness_;
    Metrics& metrics_;
};

}  // namespace productd
