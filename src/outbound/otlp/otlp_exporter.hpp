// Sends spans to a collector over OTLP/gRPC (https://opentelemetry.io/docs/specs/otlp/, 1.x).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "async/task.hpp"
#include "outbound/otlp/otlp_settings.hpp"
#include "tracing/tracer.hpp"

namespace productd {

/// A thread that takes what has ended and sends it. A collector that is away, slow or refuses costs nobody but this
/// thread: it tries again with back-off, meanwhile the tracer's queue fills, and what finds it full is dropped and
/// counted.
class OtlpExporter {
public:
    /// `tracer` outlives it. Connects when there is something to send.
    OtlpExporter(Tracer& tracer, OtlpSettings settings);
    /// As close(), without waiting.
    ~OtlpExporter();
    OtlpExporter(const OtlpExporter&) = delete;
    OtlpExporter& operator=(const OtlpExporter&) = delete;

    /// Sends what has ended until then, and blocks meanwhile; what is left is dropped and counted.
    void close(Deadline deadline);

    struct Counts {
        std::uint64_t sent = 0;      ///< Spans that the collector took.
        std::uint64_t refused = 0;   ///< It said that it will never take these.
        std::uint64_t given_up = 0;  ///< It could not be reached for too long, or until the end.
        std::uint64_t failures = 0;  ///< Requests that failed, those tried again among them.
        bool is_up = true;           ///< The last request succeeded, or there was none.
    };
    Counts counts() const;

private:
    struct Channel;
    enum class Sent { taken, again, refused };

    void run();
    void send(const std::vector<std::string>& spans);
    Sent send_once(const std::string& request, std::size_t spans);
    std::string request_of(const std::vector<std::string>& spans) const;
    void note_failure(const std::string& code, const std::string& cause);
    void note_success();
    bool is_over() const { return std::chrono::steady_clock::now() >= give_up_at_.load(); }

    Tracer& tracer_;
    const OtlpSettings settings_;
    std::string resource_;  ///< The message Resource.
    std::string scope_;     ///< The message InstrumentationScope.
    Deadline next_line_{};  ///< Of the log: no more than one a minute says that it fails.
    std::unique_ptr<Channel> channel_;
    std::atomic<bool> is_closing_{false};
    std::atomic<Deadline> give_up_at_{Deadline::max()};
    std::atomic<std::uint64_t> sent_{0};
    std::atomic<std::uint64_t> refused_{0};
    std::atomic<std::uint64_t> given_up_{0};
    std::atomic<std::uint64_t> failures_{0};
    std::atomic<bool> is_up_{true};
    std::thread thread_;
};

}  // namespace productd
