// What a call's end says of the products that were in it: which are trusted, suspects or culprits, and whose fault a
// failure is.
#pragma once

#include <set>

#include "app/worker/core/circuit_breaker.hpp"
#include "app/worker/core/pace.hpp"
#include "app/worker/core/partial_outage.hpp"
#include "app/worker/core/settlement.hpp"
#include "app/worker/core/successes.hpp"
#include "app/worker/core/worker_settings.hpp"

namespace productd {

/// | a call ended | several products | one product, several changes | one change |
/// |---|---|---|---|
/// | some items failed for a while | those are culprits | halved | a culprit if others succeed, else a suspect |
/// | some were refused for good | condemned where it was one change, else halved | halved | condemned |
/// | all items of several products failed | as failed as a whole | | |
/// | failed as a whole | all suspects, half as many | halved | as in the first row |
/// | ran out of time | a sixteenth, and longer | the same | as in the first row |
///
/// Nothing is condemned the moment it fails: who has had its attempts waits until a call of another product that began
/// later has ended. So others succeeded on either side of every failure that counts. While many products fail at once
/// it is the store that fails in part, and nobody's attempts count.
class Isolation {
public:
    struct Parts {
        Intake& intake;
        ProductLanes& lanes;
        Ends& ends;
        CircuitBreaker& breaker;
        Pace& pace;
        PipelineObserver& observer;
    };

    Isolation(Parts parts, const WorkerSettings& settings, std::uint64_t seed)
        : parts_(parts),
          settlement_(parts.intake, parts.lanes, parts.ends),
          settings_(settings),
          backoff_(settings.breaker.backoff, seed),
          partial_(settings.item_retry_limit) {}

    /// A call of changes was answered, an outcome a change; `step` is of its end.
    void answered(StoreCall call, std::vector<ChangeOutcome> outcomes, std::uint64_t step, const Now& now);
    /// A call of changes failed as a whole.
    void failed(StoreCall call, const Error& error, std::uint64_t step, const Now& now);
    /// A call without changes of products has ended: a look, or the worker's own record. Only a write proves anything.
    void ended_without_changes(const StoreCall& call, const Result<>& result, std::uint64_t step, const Now& now);

    /// The store fails in part: many products fail while others do not.
    bool fails_in_part(const Now& now);
    /// Whether a product can be judged only once another one is written.
    bool wants_proof(const Now& now);

private:
    void judge(Trial& trial, const StoreCall& call, bool is_alone, const Now& now);
    void fail_whole(std::vector<Trial>& trials, const StoreCall& call, const Error& error, const Now& now);
    void failed_alone(Trial& trial, const StoreCall& call, const Now& now);
    void feed(const StoreCall& call, const Lane* alone, const Error& error, const Now& now);
    bool is_proven(const Lane& lane) const { return successes_.other_than(lane.id).ended > lane.failed_at; }
    bool is_exhausted(const Lane& lane, const WorkItem& item, const Now& now) const;
    bool holds_up_others(const Lane& lane, const WorkItem& item) const;
    void put_back(Trial& trial, WorkItem::Time due);
    void end_trials(std::vector<Trial>& trials);
    void settle_proofs(const StoreCall& call, bool has_failed, const Now& now);
    void condemn_accused(Lane& lane);

    Parts parts_;
    Settlement settlement_;
    const WorkerSettings& settings_;
    Backoff backoff_;
    Successes successes_;
    PartialOutage partial_;
    std::set<ProductId> awaiting_proof_;
    std::uint64_t step_ = 0;
};

}  // namespace productd
