// Applies the events of the log: fetch → decode → decide and write in bulk → retry, park or dead-letter → commit.
#pragma once

#include <atomic>
#include <unordered_map>

#include "app/catalog/change_applier.hpp"
#include "app/events/topics.hpp"
#include "app/ports/outcomes.hpp"
#include "app/worker/in_flight.hpp"
#include "app/worker/letter_writer.hpp"
#include "app/worker/pipeline_observer.hpp"
#include "app/worker/product_lanes.hpp"
#include "app/worker/worker_settings.hpp"

namespace productd {

/// Whom the worker calls. All outlive it.
struct WorkerPorts {
    MessageLog& log;
    ChangeApplier& applier;
    Outcomes& outcomes;
    PipelineObserver& observer;
    Clock& clock;
};

/// Everything but PipelineState's methods runs on, and is called from, the executor given (one thread at a time).
class MessageWorker : public PipelineState {
public:
    MessageWorker(WorkerPorts ports, WorkerSettings settings, const asio::any_io_executor& executor);

    /// Works until stop(), then finishes what is being written, for Worker.DrainLimit at most, commits and resumes.
    asio::awaitable<void> run();
    /// Ends intake; what was read and is not being written is left to the next start.
    void stop();

    std::chrono::milliseconds lag() const override;
    bool store_is_down() const override { return store_is_down_.load(std::memory_order_relaxed); }
    /// Age of the oldest unfinished message, those set aside included; 0 when there is none.
    std::chrono::milliseconds oldest_unfinished_age() const;

private:
    using Item = ProductLanes::Item;
    /// Messages fetched at a time while some partition's commit can tell of few more.
    static constexpr std::size_t cramped_fetch_max = 250;

    // Intake.
    asio::awaitable<void> take_in();
    void assign(const Assigned& assigned);
    asio::awaitable<void> let_go(Revoked revoked);
    asio::awaitable<void> drain();
    void forget(const TopicPartition& source);
    void receive(Records records);
    void admit(const std::shared_ptr<OwnedPartition>& partition, ChangeKind kind, Message message);
    bool may_fetch() const;
    std::size_t going_on() const;
    std::size_t fetch_size() const;

    // Work.
    void dispatch();
    std::vector<Item> next_batch();
    std::vector<Item> next_probe(WorkItem::Time now);
    asio::awaitable<void> apply(std::vector<Item> batch);
    void settle(const std::vector<Item>& batch, std::vector<ChangeOutcome>& outcomes);
    void settle_one(const Item& item, ChangeOutcome& outcome, std::vector<Item>& failed);
    void settle_failure(const Item& item, Error error, std::vector<Item>& failed);
    void put_back(std::vector<Item> batch, const Error& error);
    bool is_known_culprit(const std::vector<Item>& batch) const;
    void retry_alone(std::vector<Item> failed);
    bool is_exhausted(WorkItem& item);

    // Ends.
    void finish(const Item& item, Ending ending);
    void tell(const Item& item, const Outcome& outcome);
    void condemn(const Item& item, Error error, std::string code);
    void letter_acknowledged(const Item& item);
    void reject(const Item& item, Error error);
    void park(const Item& item);

    // Time.
    asio::awaitable<void> keep_time();
    void count_parked_time(std::chrono::milliseconds elapsed);
    bool create_topic_is_read_up_to(Timestamp time) const;
    bool no_create_comes(const WorkItem& item, WorkItem::Time since);
    asio::awaitable<void> ask_where_creates_end();
    bool is_crowded(const OwnedPartition& partition) const;
    bool waits_for_letters(const OwnedPartition& partition) const;
    void relieve(OwnedPartition& partition);
    void hold_or_resume(OwnedPartition& partition);
    bool may_begin_batch() const;

    asio::awaitable<void> commit_now_and_then();
    asio::awaitable<void> commit_dirty();
    void set_aside_behind(const ProductId& id);
    void report();

    WorkerPorts ports_;
    WorkerSettings settings_;
    asio::any_io_executor executor_;
    std::unique_ptr<Subscription> subscription_;
    std::unordered_map<TopicPartition, std::shared_ptr<OwnedPartition>> partitions_;
    ProductLanes lanes_;
    CircuitBreaker breaker_;
    Backoff backoff_;
    LetterWriter dead_letters_;
    TaskGroup loops_;
    TaskGroup batches_;
    Cutoff cutoff_;  ///< Cuts off the running calls, once the drain limit is over.
    Signal room_;    ///< Something finished, or the breaker moved: intake may go on.
    Signal committable_;
    Signal committed_;  ///< A commit has ended.
    Signal stopped_;
    Signal due_;  ///< A lane or the breaker waits for an earlier time than before.
    Signal creates_wanted_;
    Cutoff creates_asked_;            ///< Cuts off the question where they end.
    WorkItem::Time creates_known_{};  ///< When it was asked that was answered last.
    InFlight in_flight_;
    std::uint64_t successes_ = 0;      ///< Calls of the store that succeeded.
    std::size_t suspect_batches_ = 0;  ///< Running.
    ProductLanes::Pick last_probe_ = ProductLanes::Pick::fresh;
    bool committing_ = false;
    bool stopping_ = false;
    bool letting_go_ = false;  ///< No batch begins while partitions are let go.
    CircuitBreaker::State breaker_seen_ = CircuitBreaker::State::closed;
    std::atomic<bool> store_is_down_{false};
    std::atomic<std::int64_t> oldest_active_ms_{0};  ///< Since the epoch; 0 for none.
    std::atomic<std::int64_t> oldest_unfinished_ms_{0};
};

}  // namespace productd
