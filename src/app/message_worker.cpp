// The worker's frame: run and stop, dispatch and commit. Intake, what becomes of a batch, and what happens with time
// are in message_worker_{intake,settle,time}.cpp. Calls the log, the lanes and the change applier.
#include "app/message_worker.hpp"

#include <algorithm>

namespace productd {

namespace {

/// Of one product in one bulk call; what a hot product has more of waits for the next.
constexpr std::size_t lane_items_max = 200;

}  // namespace

MessageWorker::MessageWorker(WorkerPorts ports, WorkerSettings settings, const asio::any_io_executor& executor)
    : ports_(ports),
      settings_(std::move(settings)),
      executor_(executor),
      topics_{
          Topic{settings_.topics.create, ChangeKind::create},
          Topic{settings_.topics.update, ChangeKind::update},
          Topic{settings_.topics.remove, ChangeKind::remove},
      },
      breaker_(settings_.breaker, std::random_device{}()),
      backoff_(settings_.breaker.backoff, std::random_device{}()),
      dead_letters_(ports.log, ports.observer, ports.clock,
                    {settings_.topics.dead_letters, settings_.group, settings_.breaker.backoff}, executor,
                    [this](const Item& item) { finish(item, Ending::dead_lettered); }),
      loops_(executor),
      batches_(executor),
      room_(executor),
      committable_(executor),
      stopped_(executor),
      due_(executor),
      batch_limit_(settings_.batch_max) {}

asio::awaitable<void> MessageWorker::run() {
    std::vector<std::string> names;
    names.reserve(topics_.size());
    for (const auto& topic : topics_) names.push_back(topic.name);
    subscription_ = ports_.log.subscribe(settings_.group, std::move(names), executor_);
    loops_.spawn(take_in());
    loops_.spawn(keep_time());
    loops_.spawn(commit_now_and_then());
    loops_.spawn(dead_letters_.run());
    co_await loops_.join();
    co_await batches_.join();
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
        const auto now = std::chrono::steady_clock::now();
        // A probe is of one change: it finds out whether the store is back, and hurts nobody if not.
        const auto limit = breaker_.state(now) == CircuitBreaker::State::closed ? batch_limit_ : 1;
        auto batch = lanes_.take(limit, lane_items_max, now);
        if (batch.empty()) return;
        batches_.spawn(apply(std::move(batch)));
    }
}

asio::awaitable<void> MessageWorker::apply(std::vector<Item> batch) {
    std::vector<Change> changes;
    changes.reserve(batch.size());
    std::vector<ProductId> ids;
    ids.reserve(batch.size());
    for (const auto& item : batch) {
        changes.push_back(item->event.change);
        ids.push_back(item->event.change.id);
    }
    const auto began = std::chrono::steady_clock::now();
    auto outcomes = co_await ports_.applier.apply(std::move(changes));
    const auto ended = std::chrono::steady_clock::now();
    if (outcomes) {
        ports_.observer.batch(batch.size(), ended - began);
        ++successes_;
        breaker_.on_success();
        batch_limit_ = std::min(settings_.batch_max, batch_limit_ * 2);
        settle(batch, *outcomes);
    } else {
        breaker_.on_failure(ended);
        batch_limit_ = std::max<std::size_t>(1, batch.size() / 2);
        put_back(std::move(batch), outcomes.error());
    }
    for (const auto& id : ids) lanes_.release(id);
    report();
    room_.notify();
    due_.notify();
    // The group still counts this batch: the next one starts when it is gone.
    asio::post(executor_, [this] { dispatch(); });
}

// ---------------------------------------------------------------------------------------------- commit

asio::awaitable<void> MessageWorker::commit_now_and_then() {
    while (!stopping_) {
        co_await committable_.wait();
        if (!stopping_) co_await stopped_.wait_until(std::chrono::steady_clock::now() + settings_.commit_interval);
        co_await commit_dirty();
    }
}

asio::awaitable<void> MessageWorker::commit_dirty() {
    std::vector<std::shared_ptr<OwnedPartition>> dirty;
    for (const auto& [source, partition] : partitions_) {
        if (partition->dirty) dirty.push_back(partition);
    }
    for (const auto& partition : dirty) {
        partition->dirty = false;
        auto committed = co_await subscription_->commit(partition->source, partition->tracker.commit());
        if (committed) continue;
        // Losing a commit costs repetition only; the next one carries all of it.
        partition->dirty = true;
        committable_.notify();
        ports_.observer.log_failed("commit", committed.error());
    }
}

}  // namespace productd
