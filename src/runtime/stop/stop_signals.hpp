// What signals ask of a service, and that a stop ends, whatever hangs.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "runtime/stop/stop_progress.hpp"

namespace productd {

/// Signals are caught from its construction on, by a thread of its own, so that none is lost during the start, and a
/// stop that hangs still hears.
class StopSignals {
public:
    enum class Asked { stop, reload };

    /// `stop_timeout`: so long after SIGTERM or SIGINT the process is ended, unless this was destroyed before. It then
    /// exits with 0 if `progress` says that the worker has ended, else with 1, and says what it waited for. A second
    /// SIGTERM or SIGINT ends it at once, with 128 and the signal's number.
    StopSignals(std::chrono::milliseconds stop_timeout, std::shared_ptr<const StopProgress> progress);
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    /// Blocks until a signal asks for something.
    Asked next();

private:
    class Watch;
    std::unique_ptr<Watch> watch_;
};

/// Writes the queued log lines and then `last_line`, unless it is empty, to standard error, and ends the process with
/// `code`: within a moment also where nobody reads standard error.
[[noreturn]] void end_process(int code, std::string last_line);

}  // namespace productd
