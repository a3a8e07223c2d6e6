// Finishes every answer of a listener: lets the request in, has it handled, then adds what all answers have.
#include "inbound/http/http_exchange.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/status.hpp>
#include <ctime>
#include <exception>
#include <utility>

#include "inbound/http/http_access.hpp"
#include "inbound/http/http_fields.hpp"
#include "inbound/http/http_pieces.hpp"
#include "inbound/http/http_span.hpp"
#include "inbound/http/message/http_etag.hpp"
#include "inbound/http/message/problem.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr std::pair<const char*, const char*> retry_after{"Retry-After", "1"};
constexpr std::size_t gzip_step_bytes = 64 * 1024;  // Compressed without letting others run: under a millisecond.

}  // namespace

std::string what_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "an exception of an unknown type";
    }
}

HttpExchange::HttpExchange(HttpListener& listener)
    : listener_(listener),
      settings_(listener.settings.exchange),
      cors_(settings_.cors_origins),
      counts_(listener.metrics),
      gzip_(settings_.gzip_level == 0 ? 1 : settings_.gzip_level) {}

void HttpExchange::begin(HttpCall& call, HttpRequest& request) {
    call.method = request.method;
    call.path = request.path();
    call.remote = request.remote;
    call.allowed_origin.clear();
    call.gzip_etag_sent = call.expired = call.finished = false;
    std::string accepted;  // Several lines of one name are one list.
    for (auto& [name, value] : request.headers) {
        if (name == "x-request-id" && request.request_id.empty() && is_request_id(value, http_request_id_bytes_max)) {
            request.request_id = value;
        }
        if (name == "origin") call.allowed_origin = cors_.allowed(value);
        if (name == "accept-encoding") {
            if (!accepted.empty()) accepted += ',';
            accepted += value;
        }
        if (name == "if-match" || name == "if-none-match") call.gzip_etag_sent |= strip_gzip_etags(value);
    }
    call.gzip = gzip_accepted(accepted);
    if (request.request_id.empty()) request.request_id = request_ids_.next();
    call.request_id = request.request_id;
    begin_http_span(*listener_.settings.tracer, call, request);
}

asio::awaitable<HttpResponse> HttpExchange::answer(HttpCall& call, HttpRequest request, HttpAnswerRoom& room) {
    begin(call, request);
    const Admission::Place place(listener_.requests_in_flight);
    HttpResponse response;
    if (!place.admitted()) {
        response = overloaded(call);
    } else {
        std::exception_ptr failure;
        try {
            response = co_await listener_.handler(std::move(request));
        } catch (...) {
            failure = std::current_exception();
        }
        if (call.abandoned) {
            response = abandoned(call, response.route);
        } else if (call.expired && (failure || response.status == 503)) {
            response = late(call, std::move(response));
        } else if (failure) {
            response = broken(call, failure);
        }
    }
    if (call.gzip && worth_compressing(response)) co_await compress(response);
    if (response.status == 304 && call.gzip_etag_sent) add_gzip_etag(response);
    // What a write did is told in any case: asked again, it might be done twice.
    if (call.method == "GET" && !call.abandoned && !room.has_room_for(response.body.size())) {
        response = without_room(call, response.route);
    }
    finish(call, response);
    co_return response;
}

HttpResponse HttpExchange::overloaded(const HttpCall& call) const {
    listener_.metrics.rejected("overload");
    auto response = problem_for(call, 503, "The service has more requests than it can answer now.");
    response.headers.emplace_back(retry_after);
    return response;
}

/// Answers that their clients do not read have taken all the room.
HttpResponse HttpExchange::without_room(const HttpCall& call, std::string_view route) const {
    listener_.metrics.rejected("answers_bytes");
    auto response =
        problem_for(call, 503, "The service holds as many bytes of answers as it may: they wait to be read.");
    response.headers.emplace_back(retry_after);
    response.route = route;
    return response;
}

/// For the log and the counts alone: its client reset the stream, or is gone. What failed by that is no failure of
/// ours.
HttpResponse HttpExchange::abandoned(const HttpCall& call, std::string_view route) const {
    constexpr unsigned client_closed_request = 499;  // As nginx has it.
    auto nobody = problem_for(call, client_closed_request, "The client did not wait for the answer.");
    nobody.route = route;
    return nobody;
}

/// For a handler that was cancelled at the deadline. A Location says where the outcome can be looked up: it stays.
HttpResponse HttpExchange::late(const HttpCall& call, HttpResponse response) const {
    auto late = problem_for(call, 504, "The request could not be answered in time.");
    late.route = response.route;
    for (auto& header : response.headers) {
        if (header.first == "Location") late.headers.push_back(std::move(header));
    }
    return late;
}

/// For a handler that threw.
HttpResponse HttpExchange::broken(const HttpCall& call, const std::exception_ptr& failure) const {
    log::error("A handler threw an exception.", {{"error", what_of(failure)},
                                                 {"path", begin_of(call.path)},
                                                 {"request_id", call.request_id},
                                                 {"trace_id", call.trace_id}});
    return problem_for(call, 500, "The request could not be answered because of an internal error.");
}

HttpResponse HttpExchange::problem_for(const HttpCall& call, unsigned status, std::string_view detail) const {
    const auto title = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
    return problem(status, {title.data(), title.size()}, detail, call.path, call.request_id);
}

HttpResponse HttpExchange::refuse(HttpCall& call, const HttpRequest& so_far, const HttpRefusal& refusal) {
    HttpRequest known;  // Its headers are not trusted beyond this.
    known.method = so_far.method;
    known.target = so_far.target;
    known.remote = call.remote;
    for (const char* name : {"x-request-id", "origin", "traceparent", "tracestate"}) {
        if (const auto value = so_far.header(name)) known.headers.emplace_back(name, *value);
    }
    begin(call, known);
    listener_.metrics.rejected(refusal.reason);
    auto response = problem_for(call, refusal.status, refusal.detail);
    if (refusal.status == 503) response.headers.emplace_back(retry_after);
    finish(call, response);
    return response;
}

bool HttpExchange::has_pieces(const HttpCall& call, const HttpResponse& response) {
    return response.source && call.method != "HEAD" && has_body(response.status);
}

HttpResponse HttpExchange::give_up(HttpCall& call) {
    auto response = problem_for(call, 504, "The request could not be answered in time.");
    finish(call, response);
    return response;
}

bool HttpExchange::worth_compressing(const HttpResponse& response) const {
    if (settings_.gzip_level == 0 || response.source || response.body.size() < settings_.gzip_bytes_min ||
        response.status == 206 || !compressible(response.content_type)) {
        return false;
    }
    return std::ranges::none_of(response.headers, [](const auto& header) {
        return header.first == "Content-Encoding" ||
               (header.first == "Cache-Control" && header.second.find("no-transform") != std::string::npos);
    });
}

asio::awaitable<void> HttpExchange::compress(HttpResponse& response) {
    std::string packed;
    packed.reserve(response.body.size() / 2);
    const std::string_view body = response.body;
    if (body.size() <= gzip_step_bytes) {
        gzip_.finish(body, packed);
    } else {
        Gzip own(settings_.gzip_level);  // gzip_ may serve others while this one lets them run.
        std::size_t done = 0;
        for (; body.size() - done > gzip_step_bytes; done += gzip_step_bytes) {
            own.append(body.substr(done, gzip_step_bytes), packed);
            co_await asio::post(asio::use_awaitable);
        }
        own.finish(body.substr(done), packed);
    }
    if (packed.size() >= body.size()) co_return;
    response.body = std::move(packed);
    response.headers.emplace_back("Content-Encoding", "gzip");
    add_gzip_etag(response);
}

void HttpExchange::finish(HttpCall& call, const HttpResponse& response) {
    if (std::exchange(call.finished, true)) return;  // Given up before its handler came back.
    end_http_span(call, response);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - call.started;
    call.header_seconds = took.count();
    if (has_pieces(call, response)) return;  // The rest is told once they have ended.
    const auto body_bytes = call.method == "HEAD" ? 0 : response.body.size();
    tell(call, response, {.body_bytes = body_bytes, .seconds = took.count(), .is_failure = response.status >= 400});
}

void HttpExchange::end(HttpCall& call, const HttpResponse& response, const HttpPieces& pieces) {
    const auto end = pieces.end().value_or(HttpPieces::End::cut);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - call.started;
    const bool is_failure = response.status >= 400 || (!pieces.is_complete() && end != HttpPieces::End::gone);
    tell(call, response,
         {.body_bytes = pieces.sent_bytes(),
          .seconds = took.count(),
          .end = HttpPieces::name(end),
          .is_failure = is_failure});
}

/// Durations are those to the header, so that an answer which lasts for hours says nothing of how fast others are.
void HttpExchange::tell(const HttpCall& call, const HttpResponse& response, const HttpOutcome& outcome) {
    // The span of a probe is not kept: nobody could look it up.
    const auto span = response.is_probe ? SpanContext{} : call.span.context();
    counts_.count(call.method, response.route, response.status, call.header_seconds, span);
    log_access(listener_.settings, call, response, outcome);
}

std::string_view HttpExchange::date() {
    const auto now = std::time(nullptr);
    if (now != date_second_) {
        std::tm parts{};
        gmtime_r(&now, &parts);
        date_.resize(64);
        date_.resize(std::strftime(date_.data(), date_.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
        date_second_ = now;
    }
    return date_;
}

}  // namespace productd
