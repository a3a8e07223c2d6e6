// The table of the header, row by row: what is known of each message is settled first, then each product is judged.
#include "app/worker/core/isolation.hpp"

#include <algorithm>

namespace productd {

namespace {

using Kind = StoreCall::Kind;
using namespace std::chrono_literals;

/// What would hold up others ends sooner.
constexpr int early_attempts = 5;
constexpr auto early_after = 10s;
constexpr auto early_after_outage = 2min;    ///< Longer than an election of the store's servers.
constexpr std::size_t cramped_commit = 250;  ///< Messages that a commit must be able to tell of, or others wait.
constexpr auto race_wait = 10ms;

}  // namespace

void Isolation::answered(StoreCall call, std::vector<ChangeOutcome> outcomes, std::uint64_t step, const Now& now) {
    step_ = step;
    auto trials = settlement_.trials_of(call);
    partial_.note_tried(trials.size(), now.steady);
    std::size_t next = 0;
    bool has_written = false;
    for (auto& trial : trials) {
        for (std::size_t i = 0; i < trial.changes; ++i, ++next)
            settlement_.settle(call.items[next], outcomes[next], trial, now);
        has_written = has_written || trial.has_written;
        // Any two of them do: every product then has another's success.
        if (trial.has_written) successes_.note({trial.lane->id, call.id, step});
    }
    if (has_written) parts_.breaker.on_success();
    const auto has_failed = [](const Trial& trial) { return trial.failure && !trial.is_for_good; };
    if (trials.size() > 1 && call.kind != Kind::partial && std::ranges::all_of(trials, has_failed)) {
        fail_whole(trials, call, Error{*trials.front().failure}, now);
    } else {
        if (call.kind == Kind::trusted) parts_.pace.on_answer(now.steady - call.began);
        for (auto& trial : trials) judge(trial, call, trials.size() == 1, now);
    }
    end_trials(trials);
    settle_proofs(call, !has_written && std::ranges::all_of(trials, has_failed), now);
}

void Isolation::end_trials(std::vector<Trial>& trials) {
    for (auto& trial : trials) {
        auto& lane = *trial.lane;
        // What waited for its product is tried at once, but only now that all of the call is back in its place.
        if (trial.is_standing) parts_.lanes.unpark(lane);
        parts_.lanes.release(lane);
    }
}

void Isolation::put_back(Trial& trial, WorkItem::Time due) {
    trial.lane->due = due;
    parts_.lanes.give_back(*trial.lane, std::move(trial.left));
}

void Isolation::judge(Trial& trial, const StoreCall& call, bool is_alone, const Now& now) {
    auto& lane = *trial.lane;
    if (!trial.failure) {
        parts_.lanes.trust(lane, Trust::trusted);
        lane.limit = Lane::no_limit;
        lane.time_limit = {};
        lane.failures = 0;
        if (trial.left.size() < trial.changes) lane.ended_for.reset();
        return put_back(trial, trial.has_raced ? now.steady + race_wait : WorkItem::Time{});
    }
    partial_.note_failure(trial.failure->code);
    if (trial.is_for_good) {
        if (trial.left.size() > 1) {
            parts_.lanes.trust(lane, std::max(lane.trust, Trust::suspect));
            lane.limit = trial.left.size() / 2;
            return put_back(trial, {});
        }
        return parts_.ends.reject(trial.left.front(), std::move(*trial.failure));
    }
    parts_.observer.retried(*trial.failure, trial.left);
    lane.failure = trial.failure;
    if (trial.left.size() == 1) return failed_alone(trial, call, now);
    ++lane.failures;
    if (is_alone) {
        parts_.lanes.trust(lane, std::max(lane.trust, Trust::suspect));
        lane.limit = trial.left.size() / 2;
    } else {
        parts_.lanes.trust(lane, Trust::culprit);
    }
    put_back(trial, now.steady + backoff_.wait(lane.failures));
}

void Isolation::failed(StoreCall call, const Error& error, std::uint64_t step, const Now& now) {
    step_ = step;
    auto trials = settlement_.trials_of(call);
    std::size_t next = 0;
    for (auto& trial : trials) {
        trial.failure = error;
        for (std::size_t i = 0; i < trial.changes; ++i) trial.left.push_back(call.items[next++]);
    }
    if (call.is_cut) {
        for (auto& trial : trials) put_back(trial, {});
        return end_trials(trials);
    }
    parts_.observer.retried(error, call.items);
    partial_.note_tried(trials.size(), now.steady);
    fail_whole(trials, call, error, now);
    end_trials(trials);
    settle_proofs(call, true, now);
}

void Isolation::fail_whole(std::vector<Trial>& trials, const StoreCall& call, const Error& error, const Now& now) {
    const bool is_timeout = error.code == Errc::deadline_exceeded;
    if (is_timeout && call.kind == Kind::trusted) parts_.pace.on_timeout();
    feed(call, trials.size() == 1 && call.items.size() == 1 ? trials.front().lane : nullptr, error, now);
    const std::size_t limit = std::max<std::size_t>(call.items.size() / (is_timeout ? 16 : 2), 1);
    for (auto& trial : trials) {
        auto& lane = *trial.lane;
        lane.failure = error;
        if (is_timeout) lane.time_limit = parts_.pace.longer(call.limit);
        if (call.items.size() == 1) {
            failed_alone(trial, call, now);
            continue;
        }
        parts_.lanes.trust(lane, std::max(lane.trust, Trust::suspect));
        lane.limit = limit;
        put_back(trial, now.steady + backoff_.wait(1));
    }
}

/// What a call that failed says of the store: nothing where it was a known culprit's, or the store fails in part.
void Isolation::feed(const StoreCall& call, const Lane* alone, const Error& error, const Now& now) {
    if (call.kind == Kind::partial) return;
    if (alone != nullptr && alone->trust == Trust::culprit && is_proven(*alone)) return;
    if (error.code == Errc::deadline_exceeded) {
        parts_.breaker.on_timeout(call.began, now.steady);
    } else {
        parts_.breaker.on_failure(now.steady);
    }
}

// ---------------------------------------------------------------------------------------------- one change alone

void Isolation::failed_alone(Trial& trial, const StoreCall& call, const Now& now) {
    auto& lane = *trial.lane;
    const auto item = trial.left.front();
    const bool is_own = is_proven(lane);
    lane.failed_at = step_;
    ++lane.failures;
    parts_.lanes.trust(lane, is_own ? Trust::culprit : std::max(lane.trust, Trust::suspect));
    if (call.kind != Kind::partial && !is_own) lane.limit = 1;
    if (is_own && item->is_held() && !fails_in_part(now)) {
        if (!item->first_failure) {
            item->first_failure = now.wall;
            item->failed_first = now.steady;
        }
        ++item->attempts;
        if (is_exhausted(lane, *item, now)) {
            lane.accused = item;
            awaiting_proof_.insert(lane.id);
        }
    }
    put_back(trial, now.steady + backoff_.wait(lane.failures));
}

bool Isolation::holds_up_others(const Lane& lane, const WorkItem& item) const {
    return !lane.crowded.empty() || parts_.intake.is_failing_share_full() ||
           !item.partition->tracker.has_room(cramped_commit);
}

bool Isolation::is_exhausted(const Lane& lane, const WorkItem& item, const Now& now) const {
    const auto code = lane.failure->code;
    const auto fails_for = now.steady - item.failed_first;
    if (!is_of_store(code) && lane.ended_for == code) return true;
    if (item.attempts >= settings_.item_attempts_max && fails_for >= settings_.item_retry_limit) return true;
    const auto early = is_of_store(code) ? WorkItem::Time::duration{early_after_outage} : early_after;
    return item.attempts >= early_attempts && fails_for >= early && holds_up_others(lane, item);
}

void Isolation::condemn_accused(Lane& lane) {
    const auto item = std::exchange(lane.accused, nullptr);
    std::erase(lane.queue(item->kind).items, item);
    lane.ended_for = lane.failure->code;
    lane.failures = 0;
    parts_.ends.condemn(item, *lane.failure, "retry_exhausted");
    parts_.lanes.reschedule(lane, {});
}

/// After each call: the accused of others are condemned once one that began after their failure has written, and tried
/// again where that failed too.
void Isolation::settle_proofs(const StoreCall& call, bool has_failed, const Now& now) {
    for (auto next = awaiting_proof_.begin(); next != awaiting_proof_.end();) {
        auto* lane = parts_.lanes.find(*next);
        if (lane != nullptr && lane->accused && !fails_in_part(now)) {
            const bool is_other = call.items.empty() || call.items.front()->event.change.id != lane->id;
            if (successes_.other_than(lane->id).began > lane->failed_at) {
                condemn_accused(*lane);
            } else if (has_failed && is_other && call.id > lane->failed_at) {
                lane->accused.reset();
                parts_.lanes.reschedule(*lane, now.steady + backoff_.wait(lane->failures));
            }
        }
        next = lane != nullptr && lane->accused ? std::next(next) : awaiting_proof_.erase(next);
    }
}

bool Isolation::wants_proof(const Now& now) {
    for (const auto& id : awaiting_proof_) {
        const auto* lane = parts_.lanes.find(id);
        if (lane != nullptr && lane->accused && successes_.other_than(id).began <= lane->failed_at) return true;
    }
    const auto* culprit = parts_.lanes.peek(Trust::culprit, now.steady);
    if (culprit != nullptr && !is_proven(*culprit)) return true;
    // What failed alone where there is nobody else would be a suspect for ever.
    const auto* suspect = parts_.lanes.peek(Trust::suspect, now.steady);
    return suspect != nullptr && suspect->failed_at > 0 && !is_proven(*suspect);
}

void Isolation::ended_without_changes(const StoreCall& call, const Result<>& result, std::uint64_t step,
                                      const Now& now) {
    step_ = step;
    if (call.is_cut) return;
    if (!result) {
        parts_.observer.retried(result.error(), {});  // A look or a probe, which has none.
        feed(call, nullptr, result.error(), now);
    } else if (call.kind == Kind::probe) {
        parts_.breaker.on_success();
        successes_.note({ProductId{}, call.id, step});
    }
    settle_proofs(call, !result, now);
}

bool Isolation::fails_in_part(const Now& now) {
    return partial_.lasts(parts_.lanes.culprits(), successes_.latest().ended, step_, now.steady);
}

}  // namespace productd
