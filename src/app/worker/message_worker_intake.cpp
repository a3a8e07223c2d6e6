// How messages and partitions come to the worker, and how partitions leave it. Calls the log and the lanes.
#include <algorithm>

#include "app/worker/message_worker.hpp"

namespace productd {

namespace {

constexpr std::size_t fetch_max = 1'000;
/// While the store is down: enough to find another product to probe it with.
constexpr std::size_t probe_fetch_max = 10;
constexpr std::size_t probe_products_min = 2;
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
    // What is parked, or waits for a letter, has bounds of its own: were it counted here, it could keep out the creates
    // it waits for, and everybody else.
    const auto bytes_held = lanes_.parked_bytes() + lanes_.behind_letters_bytes();
    if (going_on() >= settings_.in_flight_max) return false;
    if (in_flight_.bytes() - bytes_held >= settings_.in_flight_bytes_max) return false;
    // While the store is down nothing is fetched: memory stays flat and the log keeps what comes. Only where a single
    // product is left to probe it with, another must be found: that one may be all that fails.
    switch (breaker_.state(std::chrono::steady_clock::now())) {
        case CircuitBreaker::State::closed: return true;
        case CircuitBreaker::State::open: return false;
        case CircuitBreaker::State::half_open: return lanes_.waiting() + batches_.running() < probe_products_min;
    }
    std::unreachable();
}

asio::awaitable<void> MessageWorker::take_in() {
    while (!stopping_) {
        // Also what fetches nothing lets go of its partitions, or the whole group would wait for it.
        const bool fetches = may_fetch();
        auto event = co_await subscription_->next(fetches ? fetch_size() : 0);
        if (!event) {
            if (stopping_) break;
            ports_.observer.log_failed("fetch", event.error());
            co_await room_.wait_until(std::chrono::steady_clock::now() + fetch_retry);
        } else if (auto* records = std::get_if<Records>(&*event)) {
            if (fetches) {
                receive(std::move(*records));
            } else {
                co_await room_.wait_until(std::chrono::steady_clock::now() + fetch_retry);
            }
        } else if (auto* assigned = std::get_if<Assigned>(&*event)) {
            assign(*assigned);
        } else {
            co_await let_go(std::move(std::get<Revoked>(*event)));
        }
    }
}

/// Messages read and not finished that wait neither for their product nor for a letter.
std::size_t MessageWorker::going_on() const {
    return in_flight_.count() - lanes_.parked_count() - lanes_.behind_letters_count();
}

std::size_t MessageWorker::fetch_size() const {
    const bool is_closed = breaker_.state(std::chrono::steady_clock::now()) == CircuitBreaker::State::closed;
    const auto room = settings_.in_flight_max - going_on();
    // Where a commit has little room left, small steps let the partition go on.
    const bool is_cramped = std::ranges::any_of(
        partitions_, [](const auto& entry) { return !entry.second->tracker.has_room(2 * fetch_max); });
    return std::min({is_closed ? fetch_max : probe_fetch_max, is_cramped ? cramped_fetch_max : fetch_max, room});
}

void MessageWorker::assign(const Assigned& assigned) {
    ports_.observer.rebalanced(Rebalance::assigned, assigned.partitions.size());
    const auto read_up_to_max = ports_.clock.now() + time_ahead_max;
    for (const auto& partition : assigned.partitions) {
        forget(partition.source);  // It was lost without a word, if it is here.
        MetadataBounds bounds{.read_up_to_max = read_up_to_max};
        if (partition.is_end_known) bounds.end = partition.end;
        OffsetTracker tracker(partition.commit, bounds);
        auto owned = std::make_shared<OwnedPartition>(OwnedPartition{partition.source, std::move(tracker)});
        owned->end = partition.end;
        partitions_[partition.source] = std::move(owned);
    }
}

/// Waits for the running calls. What a store that hangs does with those that are cut off changes nothing that matters:
/// a write that comes late is refused by its version, or is what the next owner would have written.
asio::awaitable<void> MessageWorker::drain() {
    const bool is_done = co_await batches_.join_until(std::chrono::steady_clock::now() + settings_.drain_limit);
    if (!is_done) cutoff_.cut();
    co_await batches_.join();
}

/// What ends late of its messages finishes nothing any more.
void MessageWorker::forget(const TopicPartition& source) {
    const auto owned = partitions_.find(source);
    if (owned == partitions_.end()) return;
    lanes_.forget(*owned->second);
    for (const auto& item : in_flight_.of(*owned->second)) {
        lanes_.letter_ended(item);  // Else what waits for it here, of other partitions, would wait for ever.
        in_flight_.remove(item);
    }
    partitions_.erase(owned);
}

asio::awaitable<void> MessageWorker::let_go(Revoked revoked) {
    letting_go_ = true;
    ports_.observer.rebalanced(revoked.is_lost ? Rebalance::lost : Rebalance::revoked, revoked.partitions.size());
    if (!revoked.is_lost) {
        co_await drain();
        co_await commit_dirty();
    }
    for (const auto& source : revoked.partitions) forget(source);
    letting_go_ = false;
    subscription_->released(revoked.partitions);
    dispatch();
}

void MessageWorker::receive(Records records) {
    const auto owned = partitions_.find(records.source);
    if (owned == partitions_.end()) return;
    const auto kind = settings_.topics.kind_of(records.source.topic).value();
    ports_.observer.received(kind, records.messages.size());
    owned->second->end =
        std::max(records.end, records.messages.empty() ? 0 : records.messages.back().position.offset + 1);
    for (auto& message : records.messages) admit(owned->second, kind, std::move(message));
    if (owned->second->tracker.skip_to(records.next)) {
        owned->second->dirty = true;
        committable_.notify();
    }
    hold_or_resume(*owned->second);
    report();
    dispatch();
}

void MessageWorker::admit(const std::shared_ptr<OwnedPartition>& partition, ChangeKind kind, Message message) {
    auto& tracker = partition->tracker;
    const auto now = ports_.clock.now();
    using enum OffsetTracker::MessageTime;
    const auto time = is_believable(message.position.time, now) ? believable : unbelievable;
    if (time == believable) tracker.note_time(message.position.time);
    partition->dirty = true;
    const auto admission = tracker.begin(message.position, time);
    if (admission == OffsetTracker::Admission::finished_before) return committable_.notify();

    auto item = std::make_shared<WorkItem>();
    item->kind = kind;
    item->partition = partition;
    item->life = tracker.life();
    item->bytes = size_of(message);
    item->arrival = std::chrono::steady_clock::now();
    item->message = std::move(message);
    in_flight_.add(item);

    auto event = decode_event(kind, item->message, tracker.read_up_to(), now);
    if (!event) {
        // It holds up nothing, since its product is not known.
        return dead_letters_.add({item, std::move(event.error()), name(Errc::invalid_argument)});
    }
    item->event = std::move(*event);
    lanes_.add(item);
    if (lanes_.is_held_up(item->event.change.id)) in_flight_.set_aside(item);
}

}  // namespace productd
