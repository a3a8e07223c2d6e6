// The worker's rules without any I/O: what happens goes in, what is to be done comes out.
#pragma once

#include "app/worker/core/dispatcher.hpp"
#include "app/worker/core/partition_gates.hpp"

namespace productd {

/// Every method but the queries is one step: it notes what happened, and then decides what can be decided now. The
/// effects of all steps since the last take_effects() are to be done in their order. It knows no clock and no threads;
/// the same steps at the same times, from the same seed, have the same effects.
class WorkerCore {
public:
    using Time = WorkItem::Time;

    WorkerCore(WorkerSettings settings, PipelineObserver& observer, std::uint64_t seed);

    // Of the log.
    void assigned(const Assigned& assigned, const Now& now);
    /// Ends what these partitions have at work, within Worker.DrainLimit, commits, and has them released.
    void revoked(Revoked revoked, const Now& now);
    void received(Records records, const Now& now);
    void commit_ended(const Result<std::vector<Result<>>>& results, const Now& now);
    void creates_end(const Result<std::vector<TopicInfo>>& told, const Now& now);
    void letter_acknowledged(const Item& item, const Now& now);

    // Of the store: each call ends once.
    void call_ended(CallId id, Result<std::vector<ChangeOutcome>> result, const Now& now);
    void look_ended(CallId id, const Result<std::vector<Found>>& result, const Now& now);
    void probe_ended(CallId id, const Result<>& result, const Now& now);

    /// The time told by wake_at() has come, or any other.
    void on_time(const Now& now);
    /// Begins nothing more; what is being written ends, within Worker.DrainLimit, and is committed.
    /// `calls_end`: earlier than that limit where less time is left.
    void stop(const Now& now, Time calls_end = Time::max());

    Effects take_effects() { return std::exchange(effects_, {}); }
    /// How much may be fetched now; with nothing the log is asked for partitions only.
    FetchRoom fetch_room(const Now& now) const;
    /// When on_time() is to be called at the latest, whatever else happens.
    Time wake_at(const Now& now) const;
    bool has_stopped() const { return phase_ == Phase::stopped; }
    bool is_letting_go() const { return letting_go_.has_value(); }

    const Intake& intake() const { return intake_; }
    CircuitBreaker::State breaker(const Now& now) const { return breaker_.state(now.steady); }

private:
    enum class Phase { working, draining, committing, stopped };

    void admit(const std::shared_ptr<OwnedPartition>& partition, Message message, const Now& now);
    StoreCall end_call(CallId id);
    void advance(const Now& now);
    void begin_calls(const Now& now);
    void begin(StoreCall call, const Now& now);
    void drain(const Now& now);
    void advance_drain(const Now& now);
    void forget(const TopicPartition& source);
    void release();
    void report(const Now& now);

    WorkerSettings settings_;
    PipelineObserver& observer_;
    Effects effects_;
    OwnedPartitions partitions_;
    Intake intake_;
    ProductLanes lanes_;
    CircuitBreaker breaker_;
    Pace pace_;
    Ends ends_;
    Isolation isolation_;
    Parking parking_;
    PartitionGates gates_;
    Dispatcher dispatcher_;
    Commits commits_;
    std::map<CallId, StoreCall> calls_;
    std::uint64_t step_ = 0;
    Phase phase_ = Phase::working;
    bool is_stopping_ = false;
    std::optional<Revoked> letting_go_;
    Time drain_until_{};
    CircuitBreaker::State breaker_seen_ = CircuitBreaker::State::closed;
};

}  // namespace productd
