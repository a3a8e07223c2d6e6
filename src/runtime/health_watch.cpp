// Calls readiness and the log.
#include "runtime/health_watch.hpp"

#include <boost/asio/use_future.hpp>

namespace productd {

namespace {

constexpr std::chrono::seconds interval{1};

}  // namespace

HealthWatch::HealthWatch(const asio::any_io_executor& executor, Readiness& readiness, MessageLog& log, Metrics& metrics,
                         std::string group, std::function<void(bool is_ready)> tell)
    : executor_(executor),
      readiness_(readiness),
      log_(log),
      group_(std::move(group)),
      tell_(std::move(tell)),
      lag_(prometheus::BuildGauge()
               .Name("productd_consumer_lag_messages")
               .Help("Messages behind the group's commit, by partition")
               .Register(metrics.registry())),
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
        auto report = co_await readiness_.check_all();
        tell_(report.is_ready);
        // A log that cannot be asked shows in its readiness; its lag stays as last seen.
        static_cast<void>(co_await within(std::chrono::steady_clock::now() + interval, measure_lag()));
        co_await stopped_.wait_until(std::chrono::steady_clock::now() + interval);
    }
}

Task<> HealthWatch::measure_lag() {
    auto topics = co_await log_.describe();
    if (!topics) co_return fail(std::move(topics.error()));
    auto commits = co_await log_.commits(group_);
    if (!commits) co_return fail(std::move(commits.error()));
    std::map<TopicPartition, std::int64_t> committed;
    for (const auto& [source, commit] : *commits) committed[source] = commit.offset;
    for (const auto& topic : *topics) {
        for (const auto& partition : topic.partitions) {
            const TopicPartition source{topic.topic, partition.partition};
            const auto stands = committed.find(source);
            if (stands == committed.end()) continue;  // The group does not read it, or has not begun.
            auto& gauge = gauges_[source];
            if (!gauge) gauge = &lag_.Add({{"topic", source.topic}, {"partition", std::to_string(source.partition)}});
            gauge->Set(static_cast<double>(std::max<std::int64_t>(partition.end - stands->second, 0)));
        }
    }
    co_return Result<>{};
}

}  // namespace productd
