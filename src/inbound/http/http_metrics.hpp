// What HTTP servers count.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "inbound/http/http_connection.hpp"
#include "inbound/http/http_settings.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

/// One a listener. Its methods may be called from any thread. The Metrics must live longer.
class HttpMetrics {
public:
    HttpMetrics(Metrics& metrics, const std::string& listener, HttpRequestMetrics requests);

    prometheus::Gauge& connections() { return connections_; }
    void rejected(std::string_view reason);
    void timed_out(HttpPhase phase);
    void handshake_failed() { failed_handshakes_.Increment(); }

private:
    friend class HttpRequestCounts;

    std::string listener_;
    bool counts_requests_;
    prometheus::Gauge& connections_;
    prometheus::Counter& failed_handshakes_;
    prometheus::Family<prometheus::Counter>& rejected_;
    prometheus::Family<prometheus::Counter>& timeouts_;
    prometheus::Counter& total_;
    prometheus::Family<prometheus::Counter>& requests_;
    HistogramFamily& durations_;
};

/// Counts requests from one thread: it keeps the way to each counter, which the registry finds only slowly.
class HttpRequestCounts {
public:
    explicit HttpRequestCounts(HttpMetrics& metrics) : metrics_(metrics) {}

    /// `route` is static text, empty for a request that matched none. Methods outside the common ones and routes
    /// beyond the first hundreds are counted as `other`, so that no client can make series. `span` is the request's,
    /// for exemplars.
    void count(std::string_view method, std::string_view route, unsigned status, double seconds,
               const SpanContext& span);

private:
    struct Series {
        prometheus::Counter* requests;
        Histogram* duration;
    };
    struct Key {
        std::string_view method;
        std::string_view route;
        unsigned status;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const noexcept {
            return std::hash<std::string_view>{}(key.route) * 31 + std::hash<std::string_view>{}(key.method) +
                   key.status;
        }
    };

    Series make(std::string_view method, std::string_view route, unsigned status);

    HttpMetrics& metrics_;
    std::unordered_map<Key, Series, Hash> series_;
};

}  // namespace productd
