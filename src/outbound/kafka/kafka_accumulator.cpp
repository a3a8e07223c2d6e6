// A queue for each partition, and a bound on what is on its way to each leader. Calls nobody.
#include "outbound/kafka/kafka_accumulator.hpp"

#include <algorithm>

namespace productd {

namespace {

constexpr std::size_t batches_by_leader_max = 2;  // librdkafka has five requests on their way at most.
constexpr std::size_t batch_records_max = 10'000;
constexpr std::size_t record_overhead = 256;  // What is kept beside the bytes.

std::size_t size_of(const Record& record) {
    auto bytes = record_overhead + record.topic.size();
    if (record.key) bytes += record.key->size();
    if (record.value) bytes += record.value->size();
    return bytes + record.headers.bytes();
}

TopicPartition place_of(const Record& record) { return {record.topic, record.partition.value_or(0)}; }

}  // namespace

bool KafkaAccumulator::add(Record record, std::function<void(Result<Position>)> answer, std::int32_t leader,
                           Clock::time_point now) {
    const auto size = size_of(record);
    if (bytes_ + size > bytes_max_) return false;
    bytes_ += size;
    auto& lane = lanes_[place_of(record)];
    lane.leader = leader;
    lane.waiting.push_back({std::make_unique<Pending>(std::move(record), std::move(answer)), now});
    return true;
}

bool KafkaAccumulator::may_go(const Lane& lane, Clock::time_point now) const {
    if (lane.waiting.empty()) return false;
    if (is_closed_ || now - lane.waiting.front().since >= overdue_after) return true;
    if (lane.on_its_way > 0) return false;
    const auto others = on_their_way_.find(lane.leader);
    return others == on_their_way_.end() || others->second < batches_by_leader_max;
}

KafkaAccumulator::Batch KafkaAccumulator::take(Clock::time_point now) {
    auto next = lanes_.upper_bound(last_);
    for (std::size_t seen = 0; seen < lanes_.size(); ++seen, ++next) {
        if (next == lanes_.end()) next = lanes_.begin();
        if (!may_go(next->second, now)) continue;
        last_ = next->first;
        return take_from(next->second);
    }
    return {};
}

KafkaAccumulator::Batch KafkaAccumulator::take_from(Lane& lane) {
    if (lane.on_its_way == 0) {
        lane.led_by = lane.leader;
        ++on_their_way_[lane.led_by];
    }
    Batch batch;
    const auto count = std::min(lane.waiting.size(), batch_records_max);
    batch.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        batch.push_back(std::move(lane.waiting.front().pending));
        lane.waiting.pop_front();
    }
    lane.on_its_way += count;
    return batch;
}

bool KafkaAccumulator::reported(const Pending& pending) {
    bytes_ -= size_of(pending.record);
    auto& lane = lanes_[place_of(pending.record)];
    if (--lane.on_its_way > 0) return false;
    --on_their_way_[lane.led_by];
    return true;
}

}  // namespace productd
