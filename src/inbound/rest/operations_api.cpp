// Answers probes and scrapers in the few words they look for.
#include "inbound/rest/operations_api.hpp"

#include "codec/json/json_writer.hpp"
#include "inbound/http/message/http_query.hpp"

namespace productd {

namespace {

HttpResponse text(unsigned status, std::string body) {
    return {.status = status, .content_type = "text/plain; charset=UTF-8", .body = std::move(body)};
}

}  // namespace

void OperationsApi::append_check(std::string& out, const CheckResult& check, Causes causes) {
    json::ObjectWriter object(out);
    object.text("name", check.name);
    object.boolean("ok", check.result.has_value());
    if (!check.result) {
        const auto& error = check.result.error();
        object.ascii("detail", error.detail);
        if (causes == Causes::shown && !error.cause.empty()) object.ascii("cause", error.cause);
    }
    object.number("milliseconds", check.took.count());
}

std::string OperationsApi::report_json(const Readiness::Report& report, Causes causes) {
    std::string out;
    {
        json::ObjectWriter object(out);
        object.boolean("ready", report.is_ready);
        object.boolean("degraded", report.is_degraded);
        object.number("ageMilliseconds", report.age.count());
        json::append_array(object.member("checks"), report.checks,
                           [&](const auto& check) { append_check(out, check, causes); });
    }
    return out + '\n';
}

Task<HttpResponse> OperationsApi::health(const HttpRequest&, std::string_view) { co_return text(200, "Ok"); }

Task<HttpResponse> OperationsApi::live(const HttpRequest&, std::string_view) { co_return text(200, "ok\n"); }

Task<HttpResponse> OperationsApi::ready(const HttpRequest& request, std::string_view) {
    return readiness(request, Causes::hidden);
}

Task<HttpResponse> OperationsApi::ready_with_causes(const HttpRequest& request, std::string_view) {
    return readiness(request, Causes::shown);
}

Task<HttpResponse> OperationsApi::readiness(const HttpRequest& request, Causes causes) {
    const auto report = readiness_.report();
    const unsigned status = report.is_ready ? 200 : 503;
    const auto verbose = query_value(request.query(), "verbose");
    if (verbose && *verbose) {
        co_return HttpResponse{
            .status = status, .content_type = "application/json", .body = report_json(report, causes)};
    }
    co_return text(status, report.is_ready ? "ready\n" : "not ready\n");
}

Task<HttpResponse> OperationsApi::metrics(const HttpRequest& request, std::string_view) {
    std::string accept;  // Several headers of one name are one list.
    for (const auto& [name, value] : request.headers) {
        if (name == "accept") accept.append(value) += ',';
    }
    const auto format = accepted_format(accept);
    const auto histograms = query_value(request.query(), "histograms");
    const auto forms = histogram_forms(histograms && *histograms ? **histograms : std::string());
    co_return HttpResponse{.status = 200,
                           .content_type = content_type(format),
                           .body = metrics_.shown(format, forms),
                           .headers = {{"Vary", "Accept"}}};
}

}  // namespace productd
