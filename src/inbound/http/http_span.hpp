// The span of a request, by OpenTelemetry's conventions for HTTP servers
// (https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
#pragma once

#include "tracing/tracer.hpp"

namespace productd {

struct HttpCall;
struct HttpRequest;
struct HttpResponse;

/// Under what the request's headers say. From here on call.span and request.trace say whose the request is.
void begin_http_span(Tracer& tracer, HttpCall& call, HttpRequest& request);
/// Says how it was answered. Of probes nothing is kept.
void end_http_span(HttpCall& call, const HttpResponse& response);

}  // namespace productd
