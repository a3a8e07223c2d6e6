// Revokes and assigns, reads, and shifts offsets. Calls the log.
#include "chaos/node/moving_subscription.hpp"
#include "app/ports/message_log.hpp"

#include <algorithm>

namespace productd::chaos {

namespace {

constexpr std::chrono::milliseconds look_for_moves{5};

Error closed() { return {Errc::cancelled, "The subscription is closed."}; }

}  // namespace

Task<SubscriptionEvent> MovingSubscription::next(FetchRoom room) {
    if (!has_begun_) co_return co_await begin();
    while (!is_closed_) {
        if (!released_.empty()) {
            Assigned again;
            for (const auto& source : std::exchange(released_, {})) {
                again.partitions.push_back(assigned(source, places_[source]));
            }
            co_return SubscriptionEvent(std::move(again));
        }
        if (faults_.rebalance_every > 0 && delivered_ >= faults_.rebalance_every) {
            co_return SubscriptionEvent(revoke());
        }
        if (room.messages == 0) co_return SubscriptionEvent(Records{});
        auto looked = co_await look_for_ends();
        if (!looked) co_return fail(std::move(looked.error()));
        for (std::size_t i = 0; i < places_.size(); ++i) {
            const auto& [source, place] = *std::next(places_.begin(), static_cast<long>((turn_ + i) % places_.size()));
            if (!place.is_owned || place.is_held || place.next >= place.end) continue;
            turn_ = (turn_ + i + 1) % places_.size();
            auto records = co_await read(source, room);
            if (!records) co_return fail(std::move(records.error()));
            co_return SubscriptionEvent(std::move(*records));
        }
        co_await wake_.wait_until(Deadline::clock::now() + look_for_moves);
    }
    co_return fail(closed());
}

Task<SubscriptionEvent> MovingSubscription::begin() {
    auto event = co_await group_->next({1});
    if (!event) co_return event;
    Assigned first;
    for (auto& partition : std::get<Assigned>(*event).partitions) {
        auto& place = places_[partition.source];
        if (const auto life = faults_.lives.find(partition.source); life != faults_.lives.end()) {
            place.anew = life->second;
        }
        place.commit = partition.commit;
        first.partitions.push_back(assigned(partition.source, place));
    }
    has_begun_ = true;
    co_return SubscriptionEvent(std::move(first));
}

Assigned::Partition MovingSubscription::assigned(const TopicPartition& source, Place& place) {
    place.is_owned = true;
    place.is_held = false;
    place.next = place.commit ? place.commit->offset : 0;
    place.current = place.life_of(place.next);
    auto shown = place.commit;
    if (shown) shown->offset -= place.current;
    const auto begin = place.next - place.current;
    return {source, std::move(shown), place.epoch, begin, std::max(place.end - place.current, begin)};
}

Revoked MovingSubscription::revoke() {
    delivered_ = 0;
    ++faults_.rebalances;
    Revoked revoked;
    for (auto& [source, place] : places_) {
        if (!faults_.chance(0.6)) continue;
        place.is_owned = false;
        ++place.epoch;
        revoked.partitions.push_back(source);
    }
    return revoked;
}

Task<> MovingSubscription::look_for_ends() {
    auto topics = co_await log_.describe({});
    if (!topics) co_return fail(std::move(topics.error()));
    for (const auto& topic : *topics) {
        for (const auto& partition : topic.partitions) {
            const auto place = places_.find({topic.topic, partition.partition});
            if (place != places_.end()) place->second.end = partition.end;
        }
    }
    co_return Result<>{};
}

Task<Records> MovingSubscription::read(TopicPartition source, FetchRoom room) {
    auto& place = places_[source];
    const auto life = place.life_of(place.next);
    const auto end = life == 0 && place.anew > 0 ? std::min(place.end, place.anew) : place.end;
    const auto count = std::min(room.messages, static_cast<std::size_t>(end - place.next));
    auto messages = co_await log_.read(source, place.next, count);
    if (!messages) co_return fail(std::move(messages.error()));
    Fetch fetch(room);
    const auto beyond =
        std::ranges::find_if_not(*messages, [&](const Message& one) { return fetch.takes(wire_bytes(one)); });
    messages->erase(beyond, messages->end());
    place.next = messages->back().position.offset + 1;
    place.current = life;
    // What was delivered before does not count: its return would bring the next rebalance, without end.
    const auto first = messages->front().position.offset;
    const auto fresh = place.next - std::max(place.seen, first);
    if (fresh > 0) delivered_ += static_cast<std::uint64_t>(fresh);
    place.seen = std::max(place.seen, place.next);
    for (auto& message : *messages) message.position.offset -= life;
    co_return Records{source, std::move(*messages), end - life};
}

std::int64_t MovingSubscription::physical(const TopicPartition& source, std::int64_t shown) const {
    const auto place = places_.find(source);
    return place == places_.end() ? shown : place->second.current + shown;
}

Task<> MovingSubscription::commit(TopicPartition source, Commit commit) {
    auto& place = places_[source];
    commit.offset += place.current;
    place.commit = commit;
    co_return co_await group_->commit(std::move(source), std::move(commit));
}

void MovingSubscription::resume(const TopicPartition& source) {
    places_[source].is_held = false;
    wake_.notify();
}

void MovingSubscription::released(const std::vector<TopicPartition>& partitions) {
    released_.insert(released_.end(), partitions.begin(), partitions.end());
    wake_.notify();
}

void MovingSubscription::close() {
    is_closed_ = true;
    group_->close();
    wake_.notify();
}

}  // namespace productd::chaos
