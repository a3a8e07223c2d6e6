// Glue: hands what happened to the part that knows what it means, then lets each part go on.
#include "app/worker/core/worker_core.hpp"

#include <algorithm>

namespace productd {

WorkerCore::WorkerCore(WorkerSettings settings, PipelineObserver& observer, std::uint64_t seed)
    : settings_(std::move(settings)),
      observer_(observer),
      intake_({settings_.in_flight_max, settings_.in_flight_bytes_max}),
      lanes_(intake_, settings_.lane_max),
      breaker_(settings_.breaker, Pace::limit_factor * settings_.call_timeout, seed),
      pace_({settings_.batch_max, settings_.parallelism, settings_.call_timeout}),
      ends_(intake_, lanes_, effects_, observer),
      isolation_({intake_, lanes_, ends_, breaker_, pace_, observer}, settings_, seed + 1),
      parking_({intake_, lanes_, ends_, partitions_, effects_, observer}, settings_),
      gates_(partitions_, intake_, parking_, effects_),
      dispatcher_({lanes_, breaker_, pace_, isolation_, parking_}),
      commits_(settings_.commit_interval, effects_) {}

// ---------------------------------------------------------------------------------------------- the log

void WorkerCore::assigned(const Assigned& assigned, const Now& now) {
    observer_.rebalanced(Rebalance::assigned, assigned.partitions.size());
    for (const auto& partition : assigned.partitions) {
        forget(partition.source);  // It was lost without a word, if it is here.
        MetadataBounds bounds{.read_up_to_max = now.wall + time_ahead_max};
        if (partition.is_end_known) bounds.end = partition.end;
        partitions_[partition.source] = std::make_shared<OwnedPartition>(
            OwnedPartition{.source = partition.source,
                           .kind = settings_.topics.kind_of(partition.source.topic).value(),
                           .tracker = OffsetTracker(partition.commit, bounds),
                           .end = partition.end});
    }
    parking_.assigned();
    advance(now);
}

void WorkerCore::received(Records records, const Now& now) {
    const auto owned = partitions_.find(records.source);
    if (owned != partitions_.end() && !letting_go_) {
        auto& partition = *owned->second;
        observer_.received(partition.kind, records.messages.size());
        partition.end =
            std::max(records.end, records.messages.empty() ? 0 : records.messages.back().position.offset + 1);
        for (auto& message : records.messages) admit(owned->second, std::move(message), now);
        if (partition.tracker.skip_to(records.next)) partition.is_dirty = true;
    }
    advance(now);
}

void WorkerCore::admit(const std::shared_ptr<OwnedPartition>& partition, Message message, const Now& now) {
    auto& tracker = partition->tracker;
    using enum OffsetTracker::MessageTime;
    const auto time = is_believable(message.position.time, now.wall) ? believable : unbelievable;
    if (time == believable) tracker.note_time(message.position.time);
    partition->is_dirty = true;
    if (tracker.begin(message.position, time) == OffsetTracker::Admission::finished_before) return;

    auto [item, failure] = read_item(partition, std::move(message), now);
    intake_.add(item);
    if (!failure) return lanes_.add(item);
    // It holds up nothing, since its product is not known.
    const auto* code = name(failure->code);
    ends_.condemn_unread(item, std::move(*failure), code);
}

void WorkerCore::commit_ended(const Result<std::vector<Result<>>>& results, const Now& now) {
    if (const auto why = commits_.ended(results)) observer_.log_failed("commit", *why);
    advance(now);
}

void WorkerCore::creates_end(const Result<std::vector<TopicInfo>>& told, const Now& now) {
    parking_.creates_end(told);
    advance(now);
}

void WorkerCore::letter_acknowledged(const Item& item, const Now& now) {
    ends_.letter_acknowledged(item, now);
    advance(now);
}

// ---------------------------------------------------------------------------------------------- the store

StoreCall WorkerCore::end_call(CallId id) {
    ++step_;
    auto call = std::move(calls_.extract(id).mapped());
    dispatcher_.ended(call);
    return call;
}

void WorkerCore::call_ended(CallId id, Result<std::vector<ChangeOutcome>> result, const Now& now) {
    auto call = end_call(id);
    if (result) {
        observer_.batch(call.items.size(), now.steady - call.began);
        isolation_.answered(std::move(call), std::move(*result), step_, now);
    } else {
        isolation_.failed(std::move(call), result.error(), step_, now);
    }
    advance(now);
}

void WorkerCore::look_ended(CallId id, const Result<std::vector<Found>>& result, const Now& now) {
    const auto call = end_call(id);
    if (result) parking_.looked(call.looked_for, *result, now);
    isolation_.ended_without_changes(call, result ? Result<>{} : fail(result.error()), step_, now);
    advance(now);
}

void WorkerCore::probe_ended(CallId id, const Result<>& result, const Now& now) {
    const auto call = end_call(id);
    isolation_.ended_without_changes(call, result, step_, now);
    advance(now);
}

void WorkerCore::begin_calls(const Now& now) {
    while (auto call = dispatcher_.next(now)) begin(std::move(*call), now);
}

void WorkerCore::begin(StoreCall call, const Now& now) {
    call.id = ++step_;
    call.began = now.steady;
    dispatcher_.began(call);
    effects_.push_back(start_of(call));
    const auto id = call.id;
    calls_.emplace(id, std::move(call));
}

// ---------------------------------------------------------------------------------------------- time and turns

void WorkerCore::on_time(const Now& now) { advance(now); }

void WorkerCore::advance(const Now& now) {
    breaker_.on_time(now.steady);
    parking_.let_time_pass(breaker_.state(now.steady) == CircuitBreaker::State::closed, now);
    if (phase_ == Phase::working) {
        begin_calls(now);
        commits_.advance(partitions_, false, now.steady);
    } else {
        advance_drain(now);
    }
    gates_.hold_and_resume();
    report(now);
}

WorkerCore::Time WorkerCore::wake_at(const Now& now) const {
    auto wake = Time::max();
    const auto at = [&](std::optional<Time> time) { wake = std::min(wake, time.value_or(Time::max())); };
    if (phase_ == Phase::working) at(commits_.due());
    // What came due since the last step is still to be done, or nobody would ever do it: with nothing held or fetched
    // no other step may come. Half open it waits for the probe's end, not for a time.
    const bool is_probing =
        breaker_.state(now.steady) == CircuitBreaker::State::half_open && !dispatcher_.has_place(now);
    if (!is_probing && phase_ == Phase::working) at(breaker_.next_change());
    if (phase_ == Phase::working && dispatcher_.has_place(now)) at(lanes_.next_due());
    if (phase_ == Phase::draining && !dispatcher_.is_idle()) at(drain_until_);
    if (intake_.held().messages > 0) at(parking_.next_tick(now.steady));
    return wake;
}

FetchRoom WorkerCore::fetch_room(const Now& now) const {
    // While the store is down nothing is fetched: memory stays flat and the log keeps what comes.
    if (phase_ != Phase::working || breaker_.state(now.steady) != CircuitBreaker::State::closed) return {};
    return gates_.fetch_room();
}

void WorkerCore::report(const Now& now) {
    const auto state = breaker_.state(now.steady);
    if (std::exchange(breaker_seen_, state) != state) observer_.breaker_changed(state);
    const auto held = intake_.held();
    observer_.gauges({held.messages, held.bytes, intake_.parked().messages, ends_.letters_waiting(), state});
}

// ---------------------------------------------------------------------------------------------- letting go

void WorkerCore::revoked(Revoked revoked, const Now& now) {
    observer_.rebalanced(revoked.is_lost ? Rebalance::lost : Rebalance::revoked, revoked.partitions.size());
    letting_go_ = std::move(revoked);
    if (letting_go_->is_lost) {
        release();
    } else {
        drain(now);
    }
    advance(now);
}

void WorkerCore::stop(const Now& now, Time calls_end) {
    is_stopping_ = true;
    if (phase_ == Phase::working) drain(now);
    const bool is_cut = drain_until_ == Time::max();
    if (!is_cut) drain_until_ = std::min(drain_until_, calls_end);
    advance(now);
}

void WorkerCore::drain(const Now& now) {
    // One that goes on is not put off by another.
    if (phase_ != Phase::draining) drain_until_ = now.steady + settings_.drain_limit;
    phase_ = Phase::draining;
}

/// Waits for the running calls. What a store that hangs does with those that are cut off changes nothing that matters:
/// a write that comes late is refused by its version, or is what the next owner would have written.
void WorkerCore::advance_drain(const Now& now) {
    if (phase_ == Phase::draining) {
        if (!dispatcher_.is_idle()) {
            if (now.steady < drain_until_) return;
            drain_until_ = Time::max();
            for (auto& [id, call] : calls_) call.is_cut = true;
            effects_.emplace_back(CutCalls{});
            return;
        }
        if (commits_.is_under_way()) return;
        commits_.advance(partitions_, true, now.steady);
        phase_ = Phase::committing;
    }
    if (phase_ != Phase::committing || commits_.is_under_way()) return;
    if (letting_go_) release();
    if (is_stopping_) {
        phase_ = Phase::stopped;
    } else {
        phase_ = Phase::working;
        begin_calls(now);
    }
}

void WorkerCore::release() {
    for (const auto& source : letting_go_->partitions) forget(source);
    effects_.emplace_back(ReleasePartitions{std::move(letting_go_->partitions)});
    letting_go_.reset();
}

/// What ends late of its messages finishes nothing any more.
void WorkerCore::forget(const TopicPartition& source) {
    const auto owned = partitions_.find(source);
    if (owned == partitions_.end()) return;
    for (const auto& item : intake_.of(*owned->second)) {
        intake_.remove(item);
        lanes_.letter_ended(item);  // Else what waits for it here, of other partitions, would wait for ever.
    }
    lanes_.forget(*owned->second);
    // It may come back, and the log need not know that who has it then starts afresh.
    if (owned->second->is_held) effects_.emplace_back(ResumePartition{source});
    partitions_.erase(owned);
}

}  // namespace productd
