// Places and turns.
#include "app/worker/core/dispatcher.hpp"

#include <algorithm>

namespace productd {

namespace {

constexpr std::size_t no_limit = Lane::no_limit;
/// A look reads by id only: also a store that is slow to write answers so many.
constexpr std::size_t look_ids_min = 100;

}  // namespace

void Dispatcher::began(const StoreCall& call) {
    ++running_;
    ++running_of_[static_cast<std::size_t>(call.kind)];
    last_ = call.kind;
}

void Dispatcher::ended(const StoreCall& call) {
    --running_;
    --running_of_[static_cast<std::size_t>(call.kind)];
}

bool Dispatcher::has_place(const Now& now) const {
    switch (parts_.breaker.state(now.steady)) {
        case CircuitBreaker::State::closed: return running_ < parts_.pace.places();
        case CircuitBreaker::State::open: return false;
        case CircuitBreaker::State::half_open: return running_ == 0;
    }
    std::unreachable();
}

std::optional<StoreCall> Dispatcher::next(const Now& now) {
    if (!has_place(now)) return std::nullopt;
    if (parts_.breaker.state(now.steady) == CircuitBreaker::State::half_open) return next_probe(now);
    const bool is_their_turn = parts_.pace.places() > 1 || last_ != Kind::trusted;
    if (running(Kind::trusted) == 0 && is_their_turn) {
        if (auto call = call_of(Kind::trusted, now)) return call;
    }
    if (running_ - running(Kind::trusted) < std::max<std::size_t>(parts_.pace.places() - 1, 1)) {
        if (auto call = next_of_turn(now)) return call;
    }
    return call_of(Kind::trusted, now);
}

std::optional<StoreCall> Dispatcher::next_of_turn(const Now& now) {
    // Others prove as well as the worker's own record does; without them it comes first, so that what follows counts.
    const bool are_others_at_work = running(Kind::trusted) + running(Kind::probe) > 0;
    const bool wants_proof = !are_others_at_work && parts_.isolation.wants_proof(now);
    if (wants_proof && last_ != Kind::probe) return call_of(Kind::probe, now);
    const auto failing = parts_.isolation.fails_in_part(now) ? Kind::partial : Kind::culprit;
    const std::array kinds_in_turn{Kind::look, Kind::suspects, failing};
    for (std::size_t i = 0; i < kinds_in_turn.size(); ++i) {
        const auto kind = kinds_in_turn[(turn_ + i) % kinds_in_turn.size()];
        const bool is_one_at_a_time = kind != Kind::suspects && kind != Kind::partial;
        if (is_one_at_a_time && running(kind) > 0) continue;
        auto call = call_of(kind, now);
        if (!call) continue;
        turn_ = (turn_ + i + 1) % kinds_in_turn.size();
        return call;
    }
    // Nobody else's turn comes, perhaps never: who waits for proof is not tried before.
    return wants_proof ? call_of(Kind::probe, now) : std::nullopt;
}

std::optional<StoreCall> Dispatcher::next_probe(const Now& now) {
    if (std::exchange(probes_failing_, !probes_failing_)) {
        const auto first = turn_++ % 2 == 0 ? Trust::suspect : Trust::culprit;
        const auto second = first == Trust::suspect ? Trust::culprit : Trust::suspect;
        for (const auto trust : {first, second}) {
            const auto kind = trust == Trust::suspect ? Kind::suspects : Kind::culprit;
            if (auto call = with_items(kind, parts_.lanes.take(trust, 1, 1, now.steady))) return call;
        }
        probes_failing_ = true;
    }
    if (auto call = with_items(Kind::trusted, parts_.lanes.take(Trust::trusted, 1, 1, now.steady))) return call;
    return call_of(Kind::probe, now);
}

std::optional<StoreCall> Dispatcher::with_items(Kind kind, std::vector<Item> items) const {
    if (items.empty()) return std::nullopt;
    StoreCall call{.kind = kind, .items = std::move(items), .limit = parts_.pace.limit()};
    for (const auto& item : call.items) {
        call.limit = std::max(call.limit, parts_.lanes.at(item->event.change.id).time_limit);
    }
    return call;
}

std::optional<StoreCall> Dispatcher::call_of(Kind kind, const Now& now) {
    const auto size = parts_.pace.size();
    auto& lanes = parts_.lanes;
    switch (kind) {
        case Kind::trusted: return with_items(kind, lanes.take(Trust::trusted, size, no_limit, now.steady));
        case Kind::suspects: return with_items(kind, lanes.take(Trust::suspect, size, no_limit, now.steady));
        case Kind::partial: return with_items(kind, lanes.take(Trust::culprit, size, no_limit, now.steady));
        case Kind::culprit: return with_items(kind, lanes.take(Trust::culprit, 1, 1, now.steady));
        case Kind::probe: return StoreCall{.kind = kind, .limit = parts_.pace.limit()};
        case Kind::look: {
            auto ids = parts_.parking.next_look(std::max(size, look_ids_min), now);
            if (ids.empty()) return std::nullopt;
            return StoreCall{.kind = kind, .looked_for = std::move(ids), .limit = parts_.pace.limit()};
        }
    }
    std::unreachable();
}

}  // namespace productd
