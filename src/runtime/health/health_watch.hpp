// Has the checks made once a second, for all who want to know, and what is measured beside them.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>

#include "app/health/readiness.hpp"
#include "runtime/health/consumer_lag.hpp"
#include "runtime/health/letter_counts.hpp"

namespace productd {

/// Whom the watch asks and tells. All outlive its stop().
struct HealthPorts {
    Readiness& readiness;
    MessageLog& log;
    ProgressWatch& progress;
    Clock& clock;
    Metrics& metrics;
};

class HealthWatch {
public:
    /// Begins at once, on `executor`. `group` reads the topics `names`. `noted` is called there with each report.
    HealthWatch(const asio::any_io_executor& executor, HealthPorts ports, std::string group, const TopicNames& names,
                std::function<void(const Readiness::Report&)> noted);
    /// Waits for the first report, a second at most unless the watch's executor hangs, and calls `tell` with it. From
    /// then on `tell` is called on `executor`, which is another one than the watch's, with what the last report says:
    /// once a second, whether the watch hangs or not. Once; not from one of the executors.
    void tell(const asio::any_io_executor& executor, std::function<void(bool is_ready)> tell);
    /// Ends the watch, whatever it waits for. False when it still runs at the deadline. Not from one of the executors.
    bool stop(Deadline deadline);

private:
    asio::awaitable<void> watch();
    asio::awaitable<void> watch_lag();
    asio::awaitable<void> watch_letters();
    asio::awaitable<void> go_on_telling(std::function<void(bool is_ready)> tell);
    void note(const CheckResult& check);

    asio::any_io_executor executor_;
    HealthPorts ports_;
    ConsumerLag lag_;
    LetterCounts letters_;
    std::function<void(const Readiness::Report&)> noted_;
    prometheus::Family<prometheus::Gauge>& checks_;
    std::map<std::string, bool> passed_;

    /// A loop, and how it is ended from outside.
    struct Loop {
        asio::any_io_executor executor;
        /// Shared with who emits it: the loop may have ended by then, and the watch with it.
        std::shared_ptr<asio::cancellation_signal> end = std::make_shared<asio::cancellation_signal>();
        std::future<void> ended;
    };
    void begin(Loop& loop, const asio::any_io_executor& executor, asio::awaitable<void> body);

    std::promise<void> first_report_;
    std::atomic<bool> stopping_{false};
    Loop checking_, measuring_, counting_, telling_;
};

}  // namespace productd
