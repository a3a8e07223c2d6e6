// Rounds of checks, none of which is ever asked twice at a time. Calls what it was given.
#include "app/health/readiness.hpp"

#include <algorithm>

namespace productd {

namespace {

std::chrono::milliseconds since(Deadline began) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
}

Task<> run(std::function<Task<>()>& ask) {
    // One that is given up ends with an error, not with an exception.
    co_await asio::this_coro::throw_if_cancelled(false);
    co_return co_await ask();
}

void not_ready(Readiness::Report& report, std::string name, std::string why) {
    report.is_ready = false;
    report.checks.push_back({std::move(name), fail(unavailable(std::move(why))), report.age});
}

}  // namespace

void Readiness::add(std::string name, std::function<Weight()> weight, std::function<Task<>()> check) {
    checks_.push_back({std::move(name), std::move(weight), std::move(check), nullptr});
}

void Readiness::add(std::string name, Weight weight, std::function<Task<>()> check) {
    add(std::move(name), [weight] { return weight; }, std::move(check));
}

void Readiness::ask(const asio::any_io_executor& executor, Check& check) {
    check.flight = std::make_shared<Flight>();
    check.flight->began = std::chrono::steady_clock::now();
    asio::co_spawn(
        executor, run(check.ask),
        asio::bind_cancellation_slot(check.flight->give_up.slot(),
                                     [this, flight = check.flight](std::exception_ptr error, Result<> result) {
                                         if (error) std::rethrow_exception(error);
                                         flight->took = since(flight->began);
                                         flight->result = std::move(result);
                                         answered_->notify();
                                     }));
}

bool Readiness::any_asked() const { return std::ranges::any_of(checks_, &Check::is_asked); }

Readiness::Report Readiness::judged() const {
    Report report;
    for (const auto& check : checks_) {
        auto& entry = report.checks.emplace_back(check.name);
        entry.took = check.is_asked() ? since(check.flight->began) : check.flight->took;
        entry.result =
            check.is_asked() ? fail(Errc::deadline_exceeded, "It did not answer in time.") : *check.flight->result;
        if (entry.result) continue;
        if (check.weight() == Weight::essential) {
            report.is_ready = false;
        } else {
            report.is_degraded = true;
        }
    }
    return report;
}

asio::awaitable<Readiness::Report> Readiness::ask_all() {
    auto executor = co_await asio::this_coro::executor;
    if (!answered_) answered_.emplace(executor);
    for (auto& check : checks_) {
        if (!check.is_asked()) ask(executor, check);
    }
    const auto deadline = std::chrono::steady_clock::now() + settings_.patience;
    while (any_asked() && std::chrono::steady_clock::now() < deadline) {
        co_await answered_->wait_until(deadline);
        const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
        if (cancelled != asio::cancellation_type::none) break;
    }
    auto round = std::make_shared<const Round>(Round{judged(), std::chrono::steady_clock::now()});
    const std::scoped_lock lock(mutex_);
    last_ = round;
    co_return round->report;
}

asio::awaitable<void> Readiness::end() {
    for (auto& check : checks_) {
        if (check.is_asked()) check.flight->give_up.emit(asio::cancellation_type::terminal);
    }
    while (any_asked()) co_await answered_->wait();
}

Readiness::Report Readiness::report() const {
    std::shared_ptr<const Round> last;
    {
        const std::scoped_lock lock(mutex_);
        last = last_;
    }
    Report report;
    if (last) {
        report = last->report;
        report.age = since(last->ended);
    }
    if (!last) {
        not_ready(report, "checks", "They run for the first time.");
    } else if (report.age > settings_.age_max) {
        not_ready(report, "checks", "They were last made " + std::to_string(report.age.count()) + " ms ago.");
    }
    if (stopping_.load()) not_ready(report, "service", "It is stopping.");
    return report;
}

}  // namespace productd
