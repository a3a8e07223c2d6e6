// How messages and partitions come to the worker, and how partitions leave it. Calls the log and the lanes.
#include <algorithm>

#include "app/message_worker.hpp"

namespace productd {

namespace {

constexpr std::size_t fetch_max = 1'000;
constexpr std::chrono::milliseconds fetch_retry{200};

std::size_t size_of(const Message& message) {
    std::size_t bytes = sizeof(WorkItem) + (message.key ? message.key->size() : 0);
    // The payload is held twice: as it came, for a dead letter, and decoded.
    if (message.value) bytes += 2 * message.value->size();
    for (const auto& header : message.headers) bytes += header.name.size() + header.value.size();
    return bytes;
}

}  // namespace

bool MessageWorker::may_fetch() const {
    // What is parked has bounds of its own: were it counted here, it could keep out the creates it waits for.
    if (in_flight_ - lanes_.parked_count() >= settings_.in_flight_max) return false;
    if (in_flight_bytes_ - lanes_.parked_bytes() >= settings_.in_flight_bytes_max) return false;
    // While the store is down nothing is fetched: memory stays flat and the log keeps what comes. Only where nothing
    // is left to probe it with, something must be.
    switch (breaker_.state(std::chrono::steady_clock::now())) {
        case CircuitBreaker::State::closed: return true;
        case CircuitBreaker::State::open: return false;
        case CircuitBreaker::State::half_open: return batches_.running() == 0 && !lanes_.has_waiting();
    }
    std::unreachable();
}

asio::awaitable<void> MessageWorker::take_in() {
    while (!stopping_) {
        if (!may_fetch()) {
            co_await room_.wait();
            continue;
        }
        auto event = co_await subscription_->next(
            std::min(fetch_max, settings_.in_flight_max - (in_flight_ - lanes_.parked_count())));
        if (!event) {
            if (stopping_) break;
            ports_.observer.log_failed("fetch", event.error());
            co_await room_.wait_until(std::chrono::steady_clock::now() + fetch_retry);
        } else if (auto* records = std::get_if<Records>(&*event)) {
            receive(std::move(*records));
        } else if (auto* assigned = std::get_if<Assigned>(&*event)) {
            assign(*assigned);
        } else {
            co_await let_go(std::move(std::get<Revoked>(*event)));
        }
    }
}

void MessageWorker::assign(const Assigned& assigned) {
    for (const auto& partition : assigned.partitions) {
        auto owned =
            std::make_shared<OwnedPartition>(OwnedPartition{partition.source, OffsetTracker(partition.commit)});
        owned->end = partition.end;
        partitions_[partition.source] = std::move(owned);
    }
}

asio::awaitable<void> MessageWorker::let_go(Revoked revoked) {
    letting_go_ = true;
    co_await batches_.join();
    co_await commit_dirty();
    for (const auto& source : revoked.partitions) {
        const auto owned = partitions_.find(source);
        if (owned == partitions_.end()) continue;
        lanes_.forget(*owned->second);
        std::vector<Item> lost;
        for (const auto* items : {&active_, &aside_}) {
            for (const auto& [sequence, item] : *items) {
                if (item->partition == owned->second) lost.push_back(item);
            }
        }
        for (const auto& item : lost) uncount(item);
        partitions_.erase(owned);
    }
    letting_go_ = false;
    subscription_->released(revoked.partitions);
    dispatch();
}

ChangeKind MessageWorker::kind_of(const std::string& topic) const {
    return std::ranges::find(topics_, topic, &Topic::name)->kind;
}

void MessageWorker::receive(Records records) {
    const auto owned = partitions_.find(records.source);
    if (owned == partitions_.end()) return;
    const auto kind = kind_of(records.source.topic);
    ports_.observer.received(kind, records.messages.size());
    owned->second->end =
        std::max(records.end, records.messages.empty() ? 0 : records.messages.back().position.offset + 1);
    for (auto& message : records.messages) admit(owned->second, kind, std::move(message));
    report();
    dispatch();
}

void MessageWorker::admit(const std::shared_ptr<OwnedPartition>& partition, ChangeKind kind, Message message) {
    auto& tracker = partition->tracker;
    const auto now = ports_.clock.now();
    if (is_believable(message.position.time, now)) tracker.note_time(message.position.time);
    partition->dirty = true;
    if (tracker.begin(message.position) == OffsetTracker::Admission::finished_before) return committable_.notify();

    auto item = std::make_shared<WorkItem>();
    item->kind = kind;
    item->partition = partition;
    item->bytes = size_of(message);
    item->sequence = next_sequence_++;
    item->arrival = std::chrono::steady_clock::now();
    item->message = std::move(message);
    ++in_flight_;
    in_flight_bytes_ += item->bytes;
    active_.emplace(item->sequence, item);

    auto event = decode_event(kind, item->message, tracker.read_up_to(), now);
    if (!event) return condemn(item, std::move(event.error()), name(Errc::invalid_argument));
    item->event = std::move(*event);
    lanes_.add(std::move(item));
}

}  // namespace productd
