// One loop for checks and lag, so that both stop together. Calls readiness, the event log and metrics.
#include "runtime/health/health_watch.hpp"

#include <algorithm>
#include <boost/asio/use_future.hpp>
#include <set>

#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr std::chrono::seconds interval{1};

}  // namespace

HealthWatch::HealthWatch(const asio::any_io_executor& executor, HealthPorts ports, std::string group,
                         std::vector<std::string> sources, std::function<void(bool is_ready)> tell)
    : executor_(executor),
      ports_(ports),
      group_(std::move(group)),
      sources_(std::move(sources)),
      tell_(std::move(tell)),
      lag_(prometheus::BuildGauge()
               .Name("productd_consumer_lag_messages")
               .Help("Messages behind the group's commit, by partition; each instance tells of all partitions")
               .Register(ports.metrics.registry())),
      checks_(prometheus::BuildGauge()
                  .Name("productd_check_passed")
                  .Help("1 while this check of /readyz passes, by check")
                  .Register(ports.metrics.registry())),
      stopped_(executor) {
    ended_ = asio::co_spawn(executor_, watch(), asio::use_future);
}

void HealthWatch::stop() {
    if (!ended_.valid()) return;
    asio::post(executor_, [this] {
        stopping_ = true;
        stopped_.notify();
    });
    ended_.get();
}

asio::awaitable<void> HealthWatch::watch() {
    while (!stopping_) {
        auto report = co_await ports_.readiness.check_all();
        tell_(report.is_ready);
        for (const auto& check : report.checks) note(check);
        // A log that cannot be asked shows in its readiness; its lag stays as last seen.
        static_cast<void>(co_await within(std::chrono::steady_clock::now() + interval, measure_lag()));
        co_await stopped_.wait_until(std::chrono::steady_clock::now() + interval);
    }
}

/// One line for each change.
void HealthWatch::note(const CheckResult& check) {
    const bool passes = check.result.has_value();
    checks_.Add({{"check", check.name}}).Set(passes ? 1 : 0);
    const auto before = passed_.try_emplace(check.name, true).first;
    if (before->second == passes) return;
    before->second = passes;
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
