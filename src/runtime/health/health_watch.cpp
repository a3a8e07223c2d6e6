// A loop for the checks, one for the lag and one that tells, so that none waits for another. Calls readiness, the event
// log and metrics.
#include "runtime/health/health_watch.hpp"

#include <algorithm>
#include <boost/asio/use_future.hpp>
#include <set>

#include "runtime/health/service_checks.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr std::chrono::seconds interval{1};

}  // namespace

HealthWatch::HealthWatch(const asio::any_io_executor& executor, HealthPorts ports, std::string group,
                         std::vector<std::string> sources, std::function<void(const Readiness::Report&)> noted)
    : executor_(executor),
      ports_(ports),
      group_(std::move(group)),
      sources_(std::move(sources)),
      noted_(std::move(noted)),
      lag_(prometheus::BuildGauge()
               .Name("productd_consumer_lag_messages")
               .Help("Messages behind the group's commit, by partition; each instance tells of all partitions")
               .Register(ports.metrics.registry())),
      checks_(prometheus::BuildGauge()
                  .Name("productd_check_passed")
                  .Help("1 while this check of /readyz passes, by check")
                  .Register(ports.metrics.registry())) {
    begin(checking_, executor_, watch());
    begin(measuring_, executor_, watch_lag());
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
    for (auto* loop : {&checking_, &measuring_, &telling_}) {
        if (!loop->ended.valid()) continue;
        asio::post(loop->executor, [end = loop->end] { end->emit(asio::cancellation_type::terminal); });
    }
    for (auto* loop : {&checking_, &measuring_, &telling_}) {
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
        static_cast<void>(co_await measure_lag());
        if (!stopping_) co_await sleep_until(std::chrono::steady_clock::now() + interval);
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

Task<> HealthWatch::measure_lag() {
    auto topics = co_await ports_.log.describe(sources_);
    if (!topics) co_return fail(std::move(topics.error()));
    if (stopping_) co_return Result<>{};
    auto commits = co_await ports_.log.commits(group_);
    if (!commits) co_return fail(std::move(commits.error()));
    std::map<TopicPartition, std::int64_t> committed;
    for (const auto& [source, commit] : *commits) committed[source] = commit.offset;
    const auto now = std::chrono::steady_clock::now();
    std::set<TopicPartition> seen;
    for (const auto& topic : *topics) {
        if (std::ranges::find(sources_, topic.topic) == sources_.end()) continue;
        for (const auto& partition : topic.partitions) {
            const TopicPartition source{topic.topic, partition.partition};
            seen.insert(source);
            const auto found = committed.find(source);
            const auto stands = found == committed.end() ? partition.begin : std::max(found->second, partition.begin);
            ports_.progress.note(source, stands, partition.end, now);
            auto& gauge = gauges_[source];
            if (!gauge) gauge = &lag_.Add({{"topic", source.topic}, {"partition", std::to_string(source.partition)}});
            gauge->Set(static_cast<double>(std::max<std::int64_t>(partition.end - stands, 0)));
        }
    }
    ports_.progress.keep_only(seen);
    std::erase_if(gauges_, [&](const auto& gauge) {
        const bool is_gone = !seen.contains(gauge.first);
        if (is_gone) lag_.Remove(gauge.second);
        return is_gone;
    });
    co_return Result<>{};
}

}  // namespace productd
