// A queue for each partition, and a bound on what is on its way to each leader. Calls nobody.
#include "outbound/kafka/kafka_accumulator.hpp"

#include <algorithm>

namespace productd {

namespace {

constexpr std::size_t batches_by_leader_max = 2;  // librdkafka has five requests on their way at most.
constexpr std::size_t batch_records_max = 10'000;
constexpr std::size_t batch_bytes_max = 1 << 20;  // What a broker that hangs may keep of the buffer, for a partition.
constexpr std::size_t record_overhead = 256;      // What is kept beside the bytes.

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
    lane.waiting.push_back(std::make_unique<Pending>(std::move(record), std::move(answer), now));
    return true;
}

bool KafkaAccumulator::may_go(const Lane& lane, Clock::time_point now) const {
    if (lane.waiting.empty()) return false;
    if (is_closed_) return true;
    // Where librdkafka gives up one of two batches it numbers what is left anew, and brokers that have it take it
    // again.
    if (lane.unreported > 0) return false;
    if (now - lane.waiting.front()->since >= overdue_after) return true;
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
    if (lane.unreported == 0) {
        lane.led_by = lane.leader;
        ++on_their_way_[lane.led_by];
        lane.on_its_way.clear();
        lane.oldest = lane.waiting.front()->since;
    }
    Batch batch;
    std::size_t bytes = 0;
    while (!lane.waiting.empty() && batch.size() < batch_records_max) {
        bytes += size_of(lane.waiting.front()->record);
        if (bytes > batch_bytes_max && !batch.empty()) break;
        auto& pending = batch.emplace_back(std::move(lane.waiting.front()));
        lane.waiting.pop_front();
        pending->place = lane.on_its_way.size();
        lane.on_its_way.push_back(pending.get());
    }
    lane.unreported += batch.size();
    return batch;
}

bool KafkaAccumulator::reported(const Pending& pending) {
    bytes_ -= size_of(pending.record);
    auto& lane = lanes_[place_of(pending.record)];
    lane.on_its_way[pending.place] = nullptr;
    if (--lane.unreported > 0) return false;
    --on_their_way_[lane.led_by];
    return true;
}

KafkaAccumulator::Batch KafkaAccumulator::expired(Clock::time_point oldest) {
    Batch batch;
    for (auto& [place, lane] : lanes_) {
        while (!lane.waiting.empty() && lane.waiting.front()->since <= oldest) {
            bytes_ -= size_of(lane.waiting.front()->record);
            batch.push_back(std::move(lane.waiting.front()));
            lane.waiting.pop_front();
        }
    }
    return batch;
}

std::vector<KafkaAccumulator::Pending*> KafkaAccumulator::unanswered(Clock::time_point oldest) {
    std::vector<Pending*> found;
    for (const auto& [place, lane] : lanes_) {
        if (lane.unreported == 0 || lane.oldest > oldest) continue;
        std::ranges::copy_if(lane.on_its_way, std::back_inserter(found), [&](const Pending* pending) {
            return pending != nullptr && pending->answer && pending->since <= oldest;
        });
    }
    return found;
}

}  // namespace productd
