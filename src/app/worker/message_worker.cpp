// The worker's frame: run and stop, dispatch and commit. Intake, what becomes of a batch, and what happens with time
// are in message_worker_{intake,settle,time}.cpp. Calls the log, the lanes and the change applier.
#include "app/worker/message_worker.hpp"

#include <algorithm>

namespace productd {

namespace {

/// How many changes of one product go into one bulk call; what a hot product has more of waits for the next.
constexpr std::size_t lane_items_max = 200;

}  // namespace

MessageWorker::MessageWorker(WorkerPorts ports, WorkerSettings settings, const asio::any_io_executor& executor)
    : ports_(ports),
      settings_(std::move(settings)),
      executor_(executor),
      breaker_(settings_.breaker, std::random_device{}()),
      backoff_(settings_.breaker.backoff, std::random_device{}()),
      dead_letters_(ports.log, ports.observer, ports.clock,
                    {settings_.topics.dead_letters, settings_.group, settings_.breaker.backoff}, executor,
                    [this](const Item& item) { letter_acknowledged(item); }),
      loops_(executor),
      batches_(executor),
      room_(executor),
      committable_(executor),
      committed_(executor),
      stopped_(executor),
      due_(executor),
      creates_wanted_(executor) {}

asio::awaitable<void> MessageWorker::run() {
    subscription_ = ports_.log.subscribe(settings_.group, settings_.topics.sources(), executor_);
    loops_.spawn(take_in());
    loops_.spawn(keep_time());
    loops_.spawn(ask_where_creates_end());
    loops_.spawn(commit_now_and_then());
    loops_.spawn(dead_letters_.run());
    co_await loops_.join();
    co_await drain();
    co_await commit_dirty();
    subscription_.reset();
}

void MessageWorker::stop() {
    stopping_ = true;
    if (subscription_) subscription_->close();
    dead_letters_.stop();
    room_.notify();
    due_.notify();
    committable_.notify();
    stopped_.notify();
    creates_wanted_.notify();
    creates_asked_.cut();
}

// ---------------------------------------------------------------------------------------------- work

bool MessageWorker::may_begin_batch() const {
    if (stopping_ || letting_go_ || batches_.running() >= settings_.parallelism) return false;
    switch (breaker_.state(std::chrono::steady_clock::now())) {
        case CircuitBreaker::State::closed: return true;
        case CircuitBreaker::State::open: return false;
        // One probe at a time.
        case CircuitBreaker::State::half_open: return batches_.running() == 0;
    }
    std::unreachable();
}

void MessageWorker::dispatch() {
    while (may_begin_batch()) {
        auto batch = next_batch();
        if (batch.empty()) return;
        batches_.spawn(apply(std::move(batch)));
    }
}

/// Suspects first, but never in all of the places: what keeps failing, or hangs, must not keep out the others.
std::vector<MessageWorker::Item> MessageWorker::next_batch() {
    using enum ProductLanes::Pick;
    const auto now = std::chrono::steady_clock::now();
    if (breaker_.state(now) != CircuitBreaker::State::closed) return next_probe(now);
    std::vector<Item> batch;
    if (suspect_batches_ < std::max<std::size_t>(settings_.parallelism - 1, 1)) {
        batch = lanes_.take(suspects, settings_.batch_max, lane_items_max, now);
    }
    if (batch.empty()) batch = lanes_.take(fresh, settings_.batch_max, lane_items_max, now);
    return batch;
}

/// A probe is of one change: it finds out whether the store is back, and hurts nobody if not. Products take turns, or
/// one that fails alone would keep the breaker open for all.
std::vector<MessageWorker::Item> MessageWorker::next_probe(WorkItem::Time now) {
    using enum ProductLanes::Pick;
    const auto other = last_probe_ == suspects ? fresh : suspects;
    for (const auto pick : {other, last_probe_}) {
        auto probe = lanes_.take(pick, 1, 1, now);
        if (probe.empty()) continue;
        last_probe_ = pick;
        return probe;
    }
    return {};
}

asio::awaitable<void> MessageWorker::apply(std::vector<Item> batch) {
    std::vector<SharedChange> changes;
    changes.reserve(batch.size());
    std::vector<ProductId> ids;
    ids.reserve(batch.size());
    for (const auto& item : batch) {
        changes.emplace_back(item, &item->event.change);
        ids.push_back(item->event.change.id);
    }
    const std::size_t suspects = batch.front()->is_suspect() ? 1 : 0;
    suspect_batches_ += suspects;
    const auto began = std::chrono::steady_clock::now();
    auto call = ports_.applier.apply(std::move(changes));
    auto outcomes = co_await within(began + settings_.call_timeout, std::move(call), &cutoff_);
    const auto ended = std::chrono::steady_clock::now();
    suspect_batches_ -= suspects;
    if (outcomes) {
        ports_.observer.batch(batch.size(), ended - began);
        ++successes_;
        breaker_.on_success();
        settle(batch, *outcomes);
    } else {
        if (!is_known_culprit(batch)) breaker_.on_failure(ended);
        put_back(std::move(batch), outcomes.error());
    }
    for (const auto& id : ids) lanes_.release(id);
    for (const auto& [source, partition] : partitions_) {
        if (partition->held || is_crowded(*partition) || waits_for_letters(*partition)) relieve(*partition);
    }
    room_.notify();
    due_.notify();  // The next batch starts once the group no longer counts this one.
}

// ---------------------------------------------------------------------------------------------- commit

asio::awaitable<void> MessageWorker::commit_now_and_then() {
    while (!stopping_) {
        co_await committable_.wait();
        if (!stopping_) co_await stopped_.wait_until(std::chrono::steady_clock::now() + settings_.commit_interval);
        if (!stopping_) co_await commit_dirty();  // Else run() does, once all has ended.
    }
}

asio::awaitable<void> MessageWorker::commit_dirty() {
    while (committing_) co_await committed_.wait();  // Whoever lets go of partitions waits for what is on its way.
    std::vector<std::shared_ptr<OwnedPartition>> told;
    std::vector<std::pair<TopicPartition, Commit>> commits;
    for (const auto& [source, partition] : partitions_) {
        if (!partition->dirty) continue;
        partition->dirty = false;
        told.push_back(partition);
        commits.emplace_back(source, partition->tracker.commit());
    }
    if (commits.empty()) co_return;
    committing_ = true;
    auto committed = co_await subscription_->commit_all(std::move(commits));
    committing_ = false;
    committed_.notify();
    std::optional<Error> why;
    for (std::size_t i = 0; i < told.size(); ++i) {
        const auto result = committed ? (*committed)[i] : fail(committed.error());
        if (result) continue;
        // Losing a commit costs repetition only; the next one carries all of it.
        told[i]->dirty = true;
        why = result.error();
    }
    if (!why) co_return;
    committable_.notify();
    ports_.observer.log_failed("commit", *why);
}

}  // namespace productd
