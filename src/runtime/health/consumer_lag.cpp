// Compares the ends of partitions with the group's commits, and reads what stands there. Calls the event log and
// metrics.
#include "runtime/health/consumer_lag.hpp"

#include <algorithm>
#include <set>

namespace productd {

namespace {

prometheus::Family<prometheus::Gauge>& gauge(Metrics& metrics, const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(metrics.registry());
}

}  // namespace

ConsumerLag::ConsumerLag(LagPorts ports, std::string group, std::vector<std::string> sources,
                         std::chrono::milliseconds read_pause)
    : ports_(ports),
      group_(std::move(group)),
      sources_(std::move(sources)),
      read_pause_(read_pause),
      messages_(gauge(ports.metrics, "productd_consumer_lag_messages",
                      "Messages behind the group's commit, by partition; each instance tells of all partitions")),
      seconds_(gauge(ports.metrics, "productd_consumer_lag_seconds",
                     "Age of the first message behind the group's commit, by partition; 0 where there is none")) {}

Task<> ConsumerLag::measure() {
    auto topics = co_await ports_.log.describe(sources_);
    if (!topics) co_return fail(std::move(topics.error()));
    auto commits = co_await ports_.log.commits(group_);
    if (!commits) co_return fail(std::move(commits.error()));
    std::map<TopicPartition, std::int64_t> committed;
    for (const auto& [source, commit] : *commits) committed[source] = commit.offset;
    std::map<TopicPartition, PartitionInfo> there;
    for (const auto& topic : *topics) {
        if (std::ranges::find(sources_, topic.topic) == sources_.end()) continue;
        for (const auto& partition : topic.partitions) there[{topic.topic, partition.partition}] = partition;
    }
    forget_all_but(there);
    const auto now = std::chrono::steady_clock::now();
    for (const auto& [source, info] : there) {
        const auto found = committed.find(source);
        const auto stands = found == committed.end() ? info.begin : std::max(found->second, info.begin);
        ports_.progress.note(source, stands, info.end, now);
        auto& partition = partitions_[source];
        partition.stands = stands;
        partition.behind = std::max<std::int64_t>(info.end - stands, 0);
        note(partition, source);
    }
    // Reading may take long, and nobody else's lag waits for it.
    for (auto& [source, partition] : partitions_) {
        const auto given_up = (co_await asio::this_coro::cancellation_state).cancelled();
        if (given_up != asio::cancellation_type::none) co_return fail(Errc::cancelled, "The measuring was ended.");
        co_await look(partition, source);
        show_age(partition);
    }
    co_return Result<>{};
}

/// The time of what stands there, unless that is known, or was asked for a moment ago.
asio::awaitable<void> ConsumerLag::look(Partition& partition, TopicPartition source) {
    if (partition.behind == 0) {
        partition.time.reset();
        partition.tried.reset();
        co_return;
    }
    if (partition.time && partition.read == partition.stands) co_return;
    const auto now = std::chrono::steady_clock::now();
    if (partition.tried && now - *partition.tried < read_pause_) co_return;
    partition.tried = now;
    const auto stands = partition.stands;
    auto first = co_await ports_.log.read(std::move(source), stands, 1);
    if (!first) co_return;  // Its age goes on from what was seen last.
    partition.read = stands;
    partition.time.reset();
    // Nothing is left where all that was behind are offsets without a message.
    if (!first->empty()) partition.time = first->front().position.time;
}

void ConsumerLag::note(Partition& partition, const TopicPartition& source) {
    if (partition.messages == nullptr) {
        const prometheus::Labels labels{{"topic", source.topic}, {"partition", std::to_string(source.partition)}};
        partition.messages = &messages_.Add(labels);
        partition.seconds = &seconds_.Add(labels);
    }
    partition.messages->Set(static_cast<double>(partition.behind));
}

void ConsumerLag::show_age(const Partition& partition) const {
    // A producer's clock may be ahead of this one.
    const auto age = partition.time ? std::max(ports_.clock.now() - *partition.time, Timestamp::duration{0})
                                    : Timestamp::duration{0};
    partition.seconds->Set(std::chrono::duration<double>(age).count());
}

void ConsumerLag::forget_all_but(const std::map<TopicPartition, PartitionInfo>& there) {
    std::set<TopicPartition> kept;
    for (const auto& [source, info] : there) kept.insert(source);
    ports_.progress.keep_only(kept);
    std::erase_if(partitions_, [&](const auto& entry) {
        const auto& [source, partition] = entry;
        if (there.contains(source)) return false;
        if (partition.messages != nullptr) {
            messages_.Remove(partition.messages);
            seconds_.Remove(partition.seconds);
        }
        return true;
    });
}

}  // namespace productd
