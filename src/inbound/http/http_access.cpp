// Which requests have a line, and its fields. Calls the log.
#include "inbound/http/http_access.hpp"

#include <chrono>

#include "inbound/http/http_exchange.hpp"
#include "telemetry/log.hpp"

namespace productd {

std::string_view begin_of(std::string_view text) {
    constexpr std::size_t shown_bytes_max = 512;
    return text.substr(0, shown_bytes_max);
}

void log_access(const HttpServerSettings& settings, const HttpCall& call, const HttpResponse& response,
                const HttpOutcome& outcome) {
    const auto& exchange = settings.exchange;
    if (exchange.access_log == AccessLog::off) return;
    if (exchange.access_log == AccessLog::failures && !outcome.is_failure) return;
    if (!log::enabled(log::Level::info)) return;
    const auto end = outcome.is_failure ? AccessEnd::failure : AccessEnd::success;
    const auto line = access_line(exchange.access_sample, end, std::chrono::duration<double>(call.header_seconds));
    if (!line.is_written) return;
    log::access(log::Level::info, "request",
                {{"listener", settings.name},
                 {"protocol", call.protocol == "1.1" ? std::string_view() : call.protocol},
                 {"method", begin_of(call.method)},
                 {"path", begin_of(call.path)},
                 {"status", response.status},
                 {"bytes", outcome.body_bytes},
                 {"duration_ms", outcome.seconds * 1'000},
                 {"stream", outcome.end},
                 {"request_id", call.request_id},
                 {"trace_id", call.trace_id},
                 {"remote", call.remote},
                 {"client", begin_of(call.client)},
                 {"cause", response.cause},
                 {"sample", line.sample}});
}

}  // namespace productd
