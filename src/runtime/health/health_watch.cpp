// A loop for the checks, one for the lag, one for dead letters and one that tells, so that none waits for another.
// Calls readiness and what measures.
#include "runtime/health/health_watch.hpp"

#include <algorithm>
#include <boost/asio/use_future.hpp>

#include "runtime/health/service_checks.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr std::chrono::seconds interval{1};
/// Counting reads all letters where there are new ones, so it is done the less often the longer it takes.
constexpr std::chrono::seconds letters_interval{5};

}  // namespace

HealthWatch::HealthWatch(const asio::any_io_executor& executor, HealthPorts ports, std::string group,
                         const TopicNames& names, std::function<void(const Readiness::Report&)> noted)
    : executor_(executor),
      ports_(ports),
      lag_({ports.log, ports.progress, ports.clock, ports.metrics}, std::move(group), names.sources()),
      letters_(ports.log, ports.metrics, names),
      noted_(std::move(noted)),
      checks_(prometheus::BuildGauge()
                  .Name("productd_check_passed")
                  .Help("1 while this check of /readyz passes, by check")
                  .Register(ports.metrics.registry())) {
    begin(checking_, executor_, watch());
    begin(measuring_, executor_, watch_lag());
    begin(counting_, executor_, watch_letters());
}

void HealthWatch::begin(Loop& loop, const asio::any_io_executor& executor, asio::awaitable<void> body) {
    loop.executor = executor;
    loop.ended =
        asio::co_spawn(executor, std::move(body), asio::bind_cancellation_slot(loop.end->slot(), asio::use_future));
}

void HealthWatch::tell(const asio::any_io_executor& executor, std::function<void(bool is_ready)> tell) {
    first_report_.get_future().wait();
    tell(ports_.readiness.report().is_ready);
    begin(telling_, executor, go_on_telling(std::move(tell)));
}

bool HealthWatch::stop(Deadline deadline) {
    stopping_ = true;
    bool has_ended = true;
    for (auto* loop : {&checking_, &measuring_, &counting_, &telling_}) {
        if (!loop->ended.valid()) continue;
        asio::post(loop->executor, [end = loop->end] { end->emit(asio::cancellation_type::terminal); });
    }
    for (auto* loop : {&checking_, &measuring_, &counting_, &telling_}) {
        if (!loop->ended.valid()) continue;
        if (loop->ended.wait_until(deadline) == std::future_status::ready) {
            loop->ended.get();
        } else {
            has_ended = false;
        }
    }
    return has_ended;
}

asio::awaitable<void> HealthWatch::watch() {
    co_await asio::this_coro::throw_if_cancelled(false);
    for (bool is_first = true; !stopping_; is_first = false) {
        const auto began = std::chrono::steady_clock::now();
        const auto report = co_await ports_.readiness.ask_all();
        // A round that the stop has cut short says nothing of what had not answered yet.
        if (!stopping_) {
            for (const auto& check : report.checks) note(check);
            noted_(report);
        }
        if (is_first) first_report_.set_value();
        if (!stopping_) co_await sleep_until(began + interval);
    }
    // What ended this loop must not end its wait for those that still run.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await ports_.readiness.end();
}

/// A log that cannot be asked shows in its readiness; its lag stays as last seen. It is asked again once it answered.
asio::awaitable<void> HealthWatch::watch_lag() {
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!stopping_) {
        static_cast<void>(co_await lag_.measure());
        if (!stopping_) co_await sleep_until(std::chrono::steady_clock::now() + interval);
    }
}

asio::awaitable<void> HealthWatch::watch_letters() {
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!stopping_) {
        const auto began = std::chrono::steady_clock::now();
        static_cast<void>(co_await letters_.count());
        const auto now = std::chrono::steady_clock::now();
        if (!stopping_) co_await sleep_until(now + std::max<Deadline::duration>(letters_interval, 20 * (now - began)));
    }
}

asio::awaitable<void> HealthWatch::go_on_telling(std::function<void(bool is_ready)> tell) {
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!stopping_) {
        co_await sleep_until(std::chrono::steady_clock::now() + interval);
        if (!stopping_) tell(ports_.readiness.report().is_ready);
    }
}

/// One line for each change.
void HealthWatch::note(const CheckResult& check) {
    const bool passes = check.result.has_value();
    checks_.Add({{"check", check.name}}).Set(passes ? 1 : 0);
    const auto before = passed_.try_emplace(check.name, true).first;
    if (before->second == passes) return;
    before->second = passes;
    if (is_told_by_its_part(check.name)) return;
    if (passes) {
        log::info("A check passes again", {{"check", check.name}});
    } else {
        const auto& error = check.result.error();
        log::warn("A check fails", {{"check", check.name}, {"error", error.detail}, {"cause", error.cause}});
    }
}

}  // namespace productd
