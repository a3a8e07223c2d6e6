// Whether the service can do its work. One asks, once for all who want to know.
#pragma once

#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "async/async.hpp"

namespace productd {

struct CheckResult {
    std::string name;
    Result<> result;
    std::chrono::milliseconds took{0};
};

struct ReadinessSettings {
    std::chrono::milliseconds patience{900};   ///< For all checks of a round; what has not answered by then has failed.
    std::chrono::milliseconds age_max{5'000};  ///< A report that is older tells nothing: who asks hangs itself.
};

/// The checks, who asks them, and the last report. report() and begin_stop() may be called from any thread; all else
/// belongs to one executor.
class Readiness {
public:
    /// A failure of what is `essential` makes the service not ready; another only degrades it.
    enum class Weight { essential, degrading };
    struct Report {
        bool is_ready = true;
        bool is_degraded = false;  ///< Something fails without which it is ready.
        std::vector<CheckResult> checks;
        std::chrono::milliseconds age{0};  ///< Since the round ended.
    };

    explicit Readiness(ReadinessSettings settings = {}) : settings_(settings) {}

    /// Before the first round. `weight` is asked when a check has failed.
    void add(std::string name, std::function<Weight()> weight, std::function<Task<>()> check);
    void add(std::string name, Weight weight, std::function<Task<>()> check);

    /// One round: every check is asked, but those that have not answered an earlier round yet. Resumes when all have
    /// answered, the patience is over, or it is cancelled. One round at a time.
    asio::awaitable<Report> ask_all();
    /// Gives up the checks that still run, and resumes when they have ended. No round runs.
    asio::awaitable<void> end();

    /// What the last round found: asks nobody. Not ready before the first, when it is too old, and while stopping.
    Report report() const;
    /// From now on the service is not ready, whatever the checks say.
    void begin_stop() { stopping_.store(true); }

private:
    /// A check that was asked.
    struct Flight {
        Deadline began;
        std::optional<Result<>> result;
        std::chrono::milliseconds took{0};
        asio::cancellation_signal give_up;
    };
    struct Check {
        std::string name;
        std::function<Weight()> weight;
        std::function<Task<>()> ask;
        std::shared_ptr<Flight> flight;

        bool is_asked() const { return flight && !flight->result; }
    };
    struct Round {
        Report report;
        Deadline ended;
    };

    void ask(const asio::any_io_executor& executor, Check& check);
    bool any_asked() const;
    Report judged() const;

    ReadinessSettings settings_;
    std::vector<Check> checks_;
    std::optional<Signal> answered_;
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    std::shared_ptr<const Round> last_;  ///< Guarded.
};

}  // namespace productd
