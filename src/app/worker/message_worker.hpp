// Applies the events of the log: does what the core decides, and tells it how that ended.
#pragma once

#include <atomic>
#include <optional>
#include <set>

#include "app/ports/outcomes.hpp"
#include "app/worker/core/worker_core.hpp"
#include "app/worker/letter_writer.hpp"
#include "app/worker/store_probe.hpp"
#include "tracing/tracer.hpp"

namespace productd {

/// Whom the worker calls. All outlive it.
struct WorkerPorts {
    MessageLog& log;
    ProductStore& store;
    ChangeApplier& applier;
    Outcomes& outcomes;
    PipelineObserver& observer;
    Clock& clock;
    Tracer& tracer;
};

/// Everything but PipelineState's methods runs on, and is called from, the executor given (one thread at a time).
class MessageWorker : public PipelineState {
public:
    MessageWorker(WorkerPorts ports, const WorkerSettings& settings, const asio::any_io_executor& executor);

    /// Works until stop(), then finishes what is being written, for Worker.DrainLimit at most, commits and resumes.
    asio::awaitable<void> run();
    /// Ends intake; what was read and is not being written is left to the next start. What is being written is cut off
    /// at `calls_end` if Worker.DrainLimit is not over before.
    void stop(Deadline calls_end = Deadline::max());

    std::chrono::milliseconds lag() const override;
    bool store_is_down() const override { return store_is_down_.load(std::memory_order_relaxed); }
    /// Age of the oldest unfinished message, those set aside included; 0 when there is none.
    std::chrono::milliseconds oldest_unfinished_age() const;
    /// How many partitions the group has given to this worker; nothing while it waits to be given any.
    std::optional<std::size_t> assigned_partitions() const;

private:
    static constexpr std::int64_t unassigned = -1;

    // What is to be done: one function an effect.
    void perform(StartCall started);
    void perform(StartLook started);
    void perform(StartProbe started);
    void perform(CutCalls);
    void perform(WriteLetter letter);
    void perform(WriteCommits commits);
    void perform(AskWhereCreatesEnd);
    void perform(const TellOutcome& told);
    void perform(const HoldPartition& held);
    void perform(const ResumePartition& resumed);
    void perform(const ReleasePartitions& released);

    asio::awaitable<void> call(StartCall started);
    asio::awaitable<void> look(StartLook started);
    asio::awaitable<void> probe(StartProbe started);
    asio::awaitable<void> commit(WriteCommits commits);
    asio::awaitable<void> ask_where_creates_end();
    asio::awaitable<void> take_in();
    asio::awaitable<void> wait_for_room();
    asio::awaitable<void> keep_time();

    Now now() const { return {std::chrono::steady_clock::now(), ports_.clock.now()}; }
    void note_assigned(const Assigned& assigned);
    void note_revoked(const Revoked& revoked);
    void perform_all();
    void note_ages(const Now& now);

    WorkerPorts ports_;
    WorkerSettings settings_;
    asio::any_io_executor executor_;
    WorkerCore core_;
    StoreProbe probe_;
    LetterWriter letters_;
    std::unique_ptr<Subscription> subscription_;
    TaskGroup loops_;
    TaskGroup calls_;
    Cutoff cutoff_;  ///< Of the running calls, once the drain limit is over.
    Cutoff asked_;   ///< Of the question where the creates end.
    Signal room_;    ///< Something may be fetched again.
    bool is_waiting_for_room_ = false;
    Signal moved_;  ///< The core wants to be woken earlier, or has stopped.
    WorkerCore::Time waking_at_{};
    Signal released_;  ///< Partitions are let go.
    std::set<TopicPartition> assigned_;
    bool is_stopping_ = false;
    bool is_performing_ = false;
    std::atomic<bool> store_is_down_{false};
    /// Since when the oldest waits; the latest time there is for none. A step of the wall's clock is no lag.
    std::atomic<WorkerCore::Time> oldest_active_{WorkerCore::Time::max()};
    std::atomic<WorkerCore::Time> oldest_unfinished_{WorkerCore::Time::max()};
    std::atomic<std::int64_t> assigned_count_{unassigned};
};

}  // namespace productd
