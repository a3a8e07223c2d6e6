// Assigns what the group gives, from the group's commit on, and gives back what it takes. Calls librdkafka and
// KafkaAdmin.
#include "outbound/kafka/kafka_rebalance.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "outbound/kafka/kafka_admin.hpp"
#include "outbound/kafka/kafka_commit_mark.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr std::chrono::milliseconds places_pause{1'000};

std::vector<TopicPartition> sources_of(const rd_kafka_topic_partition_list_t* list) {
    std::vector<TopicPartition> sources;
    for (const auto& element : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
        sources.push_back({element.topic, element.partition});
    }
    return sources;
}

void drain(rd_kafka_queue_t* queue) {
    std::array<rd_kafka_message_t*, 100> left{};
    for (auto count = rd_kafka_consume_batch_queue(queue, 0, left.data(), left.size()); count > 0;
         count = rd_kafka_consume_batch_queue(queue, 0, left.data(), left.size())) {
        for (auto* message : std::span(left.data(), static_cast<std::size_t>(count))) rd_kafka_message_destroy(message);
    }
}

}  // namespace

void KafkaRebalance::take(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list) {
    if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) return assign(client, list);
    if (what == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) revoke(client, list);
    rd_kafka_assign(client, nullptr);
}

/// Splits the partitions' queues off before anything is fetched: after assign() it would race the first fetch.
void KafkaRebalance::assign(rd_kafka_t* client, rd_kafka_topic_partition_list_t* list) {
    was_assigned_ = true;
    const auto sources = sources_of(list);
    if (list->cnt > shares_) {
        log::warn(
            "The topics have more partitions than Log.Partitions: more than Kafka.PrefetchBytesMax may be fetched",
            {{"partitions", list->cnt}, {"expected", shares_}});
    }
    auto found = places(client, sources);
    while (!found && !handover_.is_leaving() && rd_kafka_assignment_lost(client) == 0) {
        handover_.tell(std::move(found).error());
        handover_.pause(places_pause);
        found = places(client, sources);
    }
    if (!found) {  // The group has another generation by now, or we leave.
        rd_kafka_assign(client, nullptr);
        return;
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        (*found)[i].messages = split_off(client, sources[i]);
        list->elems[i].offset = (*found)[i].place.begin;
    }
    if (const auto code = rd_kafka_assign(client, list); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        handover_.tell(kafka_error(code));
    }
    handover_.tell(std::move(*found));
}

KafkaQueue KafkaRebalance::split_off(rd_kafka_t* client, const TopicPartition& source) {
    const auto queue_of = [&] {
        return KafkaQueue(rd_kafka_queue_get_partition(client, source.topic.c_str(), source.partition));
    };
    auto queue = queue_of();
    keep(source, queue_of());
    rd_kafka_queue_forward(queue.get(), nullptr);
    rd_kafka_queue_cb_event_enable(
        queue.get(), [](rd_kafka_t*, void* waker) { static_cast<Waker*>(waker)->wake(); }, &handover_.waker());
    return queue;
}

/// What librdkafka 2.0.2 leaves in a queue refers to its partition, which has the queue. Where the topic is no more
/// nothing else ends that, and the client could never be destroyed:
/// https://github.com/confluentinc/librdkafka/pull/4724
void KafkaRebalance::keep(const TopicPartition& source, KafkaQueue queue) {
    auto& kept = queues_[source];
    if (kept) drain(kept.get());
    kept = std::move(queue);
}

void KafkaRebalance::silence() {
    for (const auto& [source, queue] : queues_) rd_kafka_queue_cb_event_enable(queue.get(), nullptr, nullptr);
}

void KafkaRebalance::end_queues() {
    for (const auto& [source, queue] : queues_) drain(queue.get());
    queues_.clear();
}

Result<KafkaRebalance::Places> KafkaRebalance::places(rd_kafka_t* client,
                                                      const std::vector<TopicPartition>& sources) const {
    const auto list = kafka_partitions(sources);
    const auto timeout = static_cast<int>(settings_.call_timeout.count());
    const auto code = rd_kafka_committed(client, list.get(), timeout);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_error(code));
    auto told = ends(client, sources);
    if (!told) return fail(std::move(told).error());
    Places places;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const auto& element = list->elems[i];
        if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_error(element.err));
        // Where nobody tells, the commit is believed; the broker says where it is out of range.
        const auto committed = std::max<std::int64_t>(element.offset, 0);
        const auto ends = (*told)[i].value_or(PartitionInfo{sources[i].partition, committed, committed});
        const bool is_end_known = (*told)[i].has_value();
        Assigned::Partition place{sources[i], std::nullopt, epoch_, ends.begin, ends.end, is_end_known};
        auto [commit, store] = marked_commit(commit_in(element));
        if (element.offset >= ends.begin && element.offset <= ends.end) {
            place.begin = element.offset;
            place.commit = std::move(commit);
        }
        places.push_back({std::move(place), store, nullptr});
    }
    return places;
}

/// Begin and end of each. One that no broker leads holds up no other: nothing is told of it. Fails where nothing is
/// told of any.
Result<KafkaRebalance::Ends> KafkaRebalance::ends(rd_kafka_t* client,
                                                  const std::vector<TopicPartition>& sources) const {
    const KafkaAdmin admin(settings_, client);
    auto all = admin.offsets(sources);
    if (all) return Ends(all->begin(), all->end());
    std::set<std::string> topics;
    for (const auto& source : sources) topics.insert(source.topic);
    auto leaders = admin.leaders_of(topics);
    if (!leaders) return fail(std::move(leaders).error());
    Ends found(sources.size());
    for (std::size_t i = 0; i < sources.size() && !handover_.is_leaving(); ++i) {
        const auto partition = static_cast<std::size_t>(sources[i].partition);
        const auto& of_topic = (*leaders)[sources[i].topic];
        if (partition >= of_topic.size() || of_topic[partition] < 0) continue;  // Asking would only take time.
        if (auto one = admin.offsets({sources[i]})) found[i] = one->front();
    }
    const bool is_told = std::ranges::any_of(found, [](const auto& one) { return one.has_value(); });
    if (!is_told) return fail(std::move(all).error());
    return found;
}

/// Waits until the subscriber has drained and committed; not when the group has gone on without us.
void KafkaRebalance::revoke(rd_kafka_t* client, const rd_kafka_topic_partition_list_t* list) {
    const auto is_lost = [client] { return rd_kafka_assignment_lost(client) != 0; };
    const bool was_lost = is_lost();
    if (was_lost) ++epoch_;
    if (!handover_.is_leaving() && list->cnt > 0) {
        handover_.await_release(Revoked{sources_of(list), was_lost}, settings_.release_limit, is_lost);
    }
    if (!was_lost) ++epoch_;
}

}  // namespace productd
