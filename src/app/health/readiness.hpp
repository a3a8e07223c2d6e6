// Whether the service can do its work: every dependency asked at once, none for longer than a second.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "async/async.hpp"

namespace productd {

struct CheckResult {
    std::string name;
    Result<> result;
    std::chrono::milliseconds took{0};
};

class Readiness {
public:
    /// A failure of what is `essential` makes the service not ready; another only degrades it.
    enum class Weight { essential, degrading };
    struct Report {
        bool is_ready = true;
        std::vector<CheckResult> checks;
    };

    /// `check` may be called from any executor, also while an earlier call of it still runs.
    void add(std::string name, Weight weight, std::function<Task<>()> check);
    /// Resumes after at most a second; what has not answered by then has failed.
    asio::awaitable<Report> check_all();

private:
    struct Check {
        std::string name;
        Weight weight;
        std::function<Task<>()> ask;
    };
    asio::awaitable<void> ask(std::size_t index, Deadline deadline, std::shared_ptr<Report> report);

    std::vector<Check> checks_;
};

}  // namespace productd
