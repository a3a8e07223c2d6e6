// What clients see of every answer, whatever HTTP version carries it: request id, CORS, security headers, gzip,
// problems for what the server refuses, and with it the access log and the request metrics.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <exception>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "async/admission.hpp"
#include "async/byte_budget.hpp"
#include "codec/request_id.hpp"
#include "inbound/http/http_metrics.hpp"
#include "inbound/http/http_refusal.hpp"
#include "inbound/http/http_settings.hpp"
#include "inbound/http/message/gzip.hpp"
#include "inbound/http/message/http_cors.hpp"
#include "inbound/http/message/http_message.hpp"
#include "tracing/tracer.hpp"

namespace productd {

class HttpPieces;
struct HttpOutcome;

/// One request on its way: what is still needed of it once the handler owns it.
struct HttpCall {
    std::string method;
    std::string path;
    std::string request_id;
    std::string remote;
    std::string_view client;     ///< The subject of the client's certificate, of its connection; empty for none.
    std::string trace_id;        ///< For log lines; empty where the request is of no trace.
    std::string allowed_origin;  ///< For Access-Control-Allow-Origin, empty for none.
    std::chrono::steady_clock::time_point started{};
    double header_seconds = 0;          ///< From then to the answer, without sending it.
    bool gzip = false;                  ///< The client takes it.
    bool gzip_etag_sent = false;        ///< The client asked about a compressed copy it has.
    std::string_view protocol = "1.1";  ///< Of HTTP, as spans and log lines have it.
    bool finished = false;              ///< Logged and counted.
    bool abandoned = false;             ///< Set by the session when nobody waits for the answer any more.
    bool expired = false;               ///< Set by the session when it cancelled the handler at the deadline.
    Span span;
};

/// What was thrown, in words.
std::string what_of(const std::exception_ptr& failure);

/// Where an answer is kept until its client has read it.
class HttpAnswerRoom {
public:
    virtual ~HttpAnswerRoom() = default;
    /// Counts the body's bytes among what all answers hold together. False when there is no room for them.
    virtual bool has_room_for(std::size_t body_bytes) = 0;
};

/// What the listener's exchanges share.
struct HttpListener {
    HttpListener(HttpServerSettings with, HttpHandler by, Metrics& counting)
        : settings(completed(std::move(with))),
          handler(std::move(by)),
          metrics(counting, settings.name, settings.exchange.request_metrics) {}

    const HttpServerSettings settings;
    const HttpHandler handler;
    HttpMetrics metrics;
    Admission requests_in_flight{settings.limits.requests_in_flight_max};

    /// What it shares with others is never null.
    static HttpServerSettings completed(HttpServerSettings settings) {
        constexpr auto boundless = std::numeric_limits<std::size_t>::max();
        if (!settings.requests_bytes) settings.requests_bytes = std::make_shared<ByteBudget>(boundless);
        if (!settings.answers_bytes) settings.answers_bytes = std::make_shared<ByteBudget>(boundless);
        if (!settings.tracer) settings.tracer = std::make_shared<Tracer>();
        return settings;
    }
};

/// One for each executor, used from there alone; the listener must live longer.
class HttpExchange {
public:
    explicit HttpExchange(HttpListener& listener);

    /// Runs the handler and finishes its answer. Fills `call`. Does not throw. The deadline is the session's to watch:
    /// it sets call.expired and cancels, and what the handler then returns becomes a 504. What has no room is a 503.
    asio::awaitable<HttpResponse> answer(HttpCall& call, HttpRequest request, HttpAnswerRoom& room);

    /// The answer to a request that could not be read; `so_far` is what is known of it. Set call.started and remote.
    HttpResponse refuse(HttpCall& call, const HttpRequest& so_far, const HttpRefusal& refusal);
    /// The answer to a request whose handler did not even come back from being cancelled.
    HttpResponse give_up(HttpCall& call);

    /// Whether the answer's body is the pieces of its source.
    static bool has_pieces(const HttpCall& call, const HttpResponse& response);
    /// Its pieces have ended: logs and counts the request.
    void end(HttpCall& call, const HttpResponse& response, const HttpPieces& pieces);

    /// Headers that are the same in every answer.
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> fixed_headers{{
        {"Server", "productd"},
        {"Vary", "Accept-Encoding"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "SAMEORIGIN"},
        {"X-XSS-Protection", "1; mode=block"},
    }};
    /// `visit(name, value)` for every other header of the answer, except those of framing (length, connection).
    template <class Visit>
    void visit_headers(const HttpCall& call, const HttpResponse& response, Visit visit) {
        visit("Date", date());
        visit("X-Request-Id", call.request_id);
        // Else a cache may guess for how long what it keeps is true, a 404 included.
        if (!has_cache_control(response)) visit("Cache-Control", "no-cache");
        if (!settings_.cors_origins.empty()) visit("Vary", "Origin");
        if (!call.allowed_origin.empty()) {
            visit("Access-Control-Allow-Origin", call.allowed_origin);
            visit("Access-Control-Expose-Headers", Cors::exposed_headers);
        }
        if (!response.content_type.empty()) visit("Content-Type", response.content_type);
        for (const auto& [name, value] : response.headers) visit(name, value);
    }

private:
    static bool has_cache_control(const HttpResponse& response) {
        return std::ranges::any_of(response.headers,
                                   [](const auto& header) { return header.first == "Cache-Control"; });
    }
    void begin(HttpCall& call, HttpRequest& request);
    HttpResponse abandoned(const HttpCall& call, std::string_view route) const;
    HttpResponse overloaded(const HttpCall& call) const;
    HttpResponse without_room(const HttpCall& call, std::string_view route) const;
    HttpResponse late(const HttpCall& call, HttpResponse response) const;
    HttpResponse broken(const HttpCall& call, const std::exception_ptr& failure) const;
    HttpResponse problem_for(const HttpCall& call, unsigned status, std::string_view detail) const;
    asio::awaitable<void> compress(HttpResponse& response);
    bool worth_compressing(const HttpResponse& response) const;
    void finish(HttpCall& call, const HttpResponse& response);
    void tell(const HttpCall& call, const HttpResponse& response, const HttpOutcome& outcome);
    std::string_view date();

    HttpListener& listener_;
    const HttpExchangeSettings& settings_;
    Cors cors_;
    HttpRequestCounts counts_;
    Gzip gzip_;  ///< For bodies that are compressed in one go.
    RequestIds request_ids_;
    std::time_t date_second_ = 0;
    std::string date_;
};

}  // namespace productd
