// How far a stop has come, for whoever ends the process when it takes too long.
#pragma once

#include <atomic>
#include <utility>

namespace productd {

/// Written by the service, read by any thread, also when the service is gone.
class StopProgress {
public:
    /// What is waited for. From `log` on the worker has ended and its commits are made.
    enum class Step { start, lame_duck, clients, worker, log, calls, log_lines };

    void at(Step step) { step_.store(step); }
    bool worker_has_ended() const { return step_.load() >= Step::log; }

    /// As in "stopping waited for …".
    const char* waits_for() const {
        switch (step_.load()) {
            case Step::start: return "the start to end";
            case Step::lame_duck: return "balancers to send no more requests";
            case Step::clients: return "clients and their calls";
            case Step::worker: return "the worker";
            case Step::log: return "the log to close";
            case Step::calls: return "calls of the store or the cache that do not return";
            case Step::log_lines: return "whoever reads the log lines";
        }
        std::unreachable();
    }

private:
    std::atomic<Step> step_{Step::start};
};

}  // namespace productd
