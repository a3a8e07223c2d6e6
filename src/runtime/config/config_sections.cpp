// The sections of the file, and what of an older file is passed over: two lists.
#include "runtime/config/config_sections.hpp"

#include <array>

namespace productd {

namespace {

using Name = std::string_view;

struct Section {
    Name name;
    Name about;
};

constexpr std::array sections{
    Section{"", "The engine; sqlite and memory need no server"},
    Section{"Server", "gRPC"},
    Section{"Http", "REST"},
    Section{"Metrics", "The metrics port"},
    Section{"Admin", "The socket in the data folder, for this program's commands"},
    Section{"Limits", "What a request may be"},
    Section{"Search", "Bounds of a search"},
    Section{"Feed", "Who follows the changes"},
    Section{"Worker", "How events are applied"},
    Section{"Log", "The event log (bus: sqlite)"},
    Section{"Store", "The product store"},
    Section{"Cache", "The cache in this process"},
    Section{"Data", "Files of the embedded engine"},
    Section{"Tls", "The certificate of gRPC and REST"},
    Section{"Logger", "Log lines on standard error"},
    Section{"Tracing", "Spans, sent by OTLP over gRPC"},
    Section{"Shutdown", "Stopping"},
    Section{"Health", "What /readyz and gRPC's health service say"},
    Section{"Kafka", "Used with bus: kafka"},
    Section{"MongoDB", "Used with store: mongodb"},
    Section{"Redis", "Used with cache: redis"},
};

// clang-format off
constexpr std::array<std::string_view, 20> passed_over{
    "AppVersion", "Server.Development", "Server.ReadTimeout", "Server.WriteTimeout", "Server.Kafka",
    "Http.PprofPort", "Http.Development", "Http.CookieLifeTime", "Http.SessionCookieName", "Logger.DisableCaller",
    "Logger.DisableStacktrace", "Metrics.Url", "Metrics.ServiceName", "Redis.RedisPassword", "Redis.RedisDb",
    "Redis.RedisDefaultDB", "Redis.MinIdleConn", "Redis.PoolSize", "Redis.PoolTimeout", "Jaeger.*",
};
// clang-format on

}  // namespace

std::string_view section_about(std::string_view section) {
    for (const auto& known : sections) {
        if (known.name == section) return known.about;
    }
    return {};
}

std::span<const std::string_view> older_members() { return passed_over; }

}  // namespace productd
