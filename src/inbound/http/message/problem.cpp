// From Error to problem+json: the titles, the body, the table of statuses.
#include "inbound/http/message/problem.hpp"

#include "codec/json/json_writer.hpp"

namespace productd {

namespace {

constexpr const char* retry_after_seconds = "1";

const char* title(Errc code) {
    switch (code) {
        case Errc::invalid_argument: return "The request is not valid";
        case Errc::not_found: return "Not found";
        case Errc::already_exists: return "The idempotency key belongs to another product";
        case Errc::aborted: return "The condition of the request does not hold";
        case Errc::failed_precondition: return "Not possible in this state";
        case Errc::out_of_range: return "Larger than allowed";
        case Errc::resource_exhausted: return "Too many requests";
        case Errc::unavailable: return "Not available now";
        case Errc::deadline_exceeded: return "The time ran out";
        case Errc::unimplemented: return "Not implemented";
        case Errc::permission_denied: return "Not allowed";
        case Errc::unauthenticated: return "Not authenticated";
        case Errc::cancelled: return "Cancelled";
        case Errc::unknown:
        case Errc::internal:
        case Errc::data_loss: return "Internal error";
    }
    std::unreachable();
}

void append_violations(std::string& out, const std::vector<Violation>& violations) {
    json::append_array(out, violations, [&](const Violation& violation) {
        json::ObjectWriter object(out);
        object.text("field", violation.field);
        object.text("code", violation.code);
        object.text("detail", violation.detail);
    });
}

std::string problem_body(unsigned status, std::string_view title_text, std::string_view detail,
                         std::string_view instance, std::string_view request_id,
                         const std::vector<Violation>& violations) {
    std::string out;
    {
        json::ObjectWriter object(out);
        object.text("type", "about:blank");
        object.text("title", title_text);
        object.number("status", status);
        object.ascii("detail", detail);
        object.ascii("instance", instance);
        object.ascii("error", detail);  // The member clients of the older service read.
        object.ascii("requestId", request_id);
        if (!violations.empty()) append_violations(object.member("errors"), violations);
    }
    return out;
}

}  // namespace

unsigned http_status(Errc code) {
    switch (code) {
        case Errc::invalid_argument: return 400;
        case Errc::unauthenticated: return 401;
        case Errc::permission_denied: return 403;
        case Errc::not_found: return 404;
        case Errc::failed_precondition: return 409;
        case Errc::aborted: return 412;  // Only a condition of the request aborts.
        case Errc::out_of_range: return 413;
        case Errc::already_exists: return 422;  // Only an idempotency key used for another product.
        case Errc::resource_exhausted: return 429;
        case Errc::unknown:
        case Errc::internal:
        case Errc::data_loss: return 500;
        case Errc::unimplemented: return 501;
        case Errc::cancelled:
        case Errc::unavailable: return 503;
        case Errc::deadline_exceeded: return 504;
    }
    std::unreachable();
}

HttpResponse problem(unsigned status, std::string_view title_text, std::string_view detail, std::string_view instance,
                     std::string_view request_id) {
    HttpResponse response;
    response.status = status;
    response.content_type = "application/problem+json";
    response.body = problem_body(status, title_text, detail, instance, request_id, {});
    return response;
}

HttpResponse problem(const Error& error, const HttpRequest& request) {
    HttpResponse response;
    response.status = http_status(error.code);
    response.content_type = "application/problem+json";
    response.body = problem_body(response.status, title(error.code), error.detail, request.path(), request.request_id,
                                 error.violations);
    response.cause = error.cause;
    if (response.status == 429 || response.status == 503)
        response.headers.emplace_back("Retry-After", retry_after_seconds);
    return response;
}

}  // namespace productd
