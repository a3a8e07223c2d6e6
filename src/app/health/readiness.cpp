// Asks all checks at once and gives none more than its time. Calls what it was given.
#include "app/health/readiness.hpp"

namespace productd {

namespace {

constexpr std::chrono::milliseconds patience{900};  ///< Leaves time to answer within the second that is promised.

}  // namespace

void Readiness::add(std::string name, Weight weight, std::function<Task<>()> check) {
    checks_.push_back({std::move(name), weight, std::move(check)});
}

asio::awaitable<void> Readiness::ask(std::size_t index, Deadline deadline, std::shared_ptr<Report> report) {
    const auto began = std::chrono::steady_clock::now();
    auto result = co_await within(deadline, checks_[index].ask());
    auto& entry = report->checks[index];
    if (!result && result.error().code == Errc::deadline_exceeded) result.error().detail = "It did not answer in time.";
    entry.result = std::move(result);
    entry.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    if (!entry.result && checks_[index].weight == Weight::essential) report->is_ready = false;
}

asio::awaitable<Readiness::Report> Readiness::check_all() {
    auto report = std::make_shared<Report>();
    for (const auto& check : checks_) report->checks.push_back({check.name, {}, {}});
    TaskGroup asked(co_await asio::this_coro::executor);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (std::size_t i = 0; i < checks_.size(); ++i) asked.spawn(ask(i, deadline, report));
    co_await asked.join();
    co_return std::move(*report);
}

}  // namespace productd
