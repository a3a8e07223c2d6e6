// Reads the three headers, and names what others read of a span. Calls the tracer.
#include "inbound/http/http_span.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>

#include "inbound/http/http_exchange.hpp"
#include "tracing/span_names.hpp"

namespace productd {

namespace {

/// A list may come in several headers; what would make it too long is left out.
void join(std::string& list, std::string_view more, std::size_t bytes_max) {
    if (list.size() + 1 + more.size() > bytes_max) return;
    if (!list.empty()) list += ',';
    list += more;
}

/// As spans show it: one that nobody knows would make names without end.
std::string_view method_of(const HttpCall& call) {
    static constexpr std::array known{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"};
    const auto* found = std::ranges::find(known, call.method);
    return found == known.end() ? std::string_view("_OTHER") : std::string_view(*found);
}

std::string_view name_of(std::string_view method) { return method == "_OTHER" ? "HTTP" : method; }

}  // namespace

void begin_http_span(Tracer& tracer, HttpCall& call, HttpRequest& request) {
    auto& trace = request.trace;
    int parents = 0;
    for (const auto& [name, value] : request.headers) {
        // Two of them say nothing.
        if (name == "traceparent") trace.context = parents++ == 0 ? parse_traceparent(value) : SpanContext{};
        if (name == "tracestate") join(trace.tracestate, value, tracestate_bytes_max);
        if (name == "baggage") join(trace.baggage, value, baggage_bytes_max);
    }
    if (!trace.context.is_valid()) trace.tracestate.clear();  // It says nothing without the other.
    call.span = tracer.serve(SpanKind::server, name_of(method_of(call)), trace.context);
    trace.context = call.span.context();
    call.trace_id = trace_id(trace.context);
    if (!call.span.is_recorded()) return;
    call.span.set_tracestate(trace.tracestate);
    call.span.set(span_name::client_address, std::string_view(call.remote).substr(0, call.remote.rfind(':')));
    if (const auto agent = request.header("user-agent")) call.span.set(span_name::user_agent_original, *agent);
}

void end_http_span(HttpCall& call, const HttpResponse& response) {
    auto& span = call.span;
    if (!span.is_recorded()) return;
    if (response.is_probe) return span.discard();
    span.set(span_name::http_request_method, method_of(call));
    span.set(span_name::url_scheme, "https");
    span.set(span_name::network_protocol_version, call.protocol);
    span.set(span_name::url_path, call.path);
    span.set(span_name::http_response_status_code, std::int64_t{response.status});
    if (!response.route.empty()) {
        span.set(span_name::http_route, response.route);
        span.rename(std::string(name_of(method_of(call))) + ' ' + std::string(response.route));
    }
    if (response.status >= 500) {
        const auto title =
            boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
        span.fail(std::to_string(response.status), {title.data(), title.size()});
    }
    span.end();
}

}  // namespace productd
