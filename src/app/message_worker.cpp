// The worker's loops: intake, dispatch and commit. What becomes of a batch is in message_worker_settle.cpp, what
// happens with time in message_worker_time.cpp. Calls the log, the lanes and the change applier.
#include "app/message_worker.hpp"

#include <algorithm>

namespace productd {

namespace {

constexpr std::size_t fetch_max = 1'000;
/// Of one product in one bulk call; what a hot product has more of waits for the next.
constexpr std::size_t lane_items_max = 200;
constexpr std::chrono::milliseconds fetch_retry{200};

std::size_t size_of(const Message& message) {
    std::size_t bytes = sizeof(WorkItem) + (message.key ? message.key->size() : 0);
    // The payload is held twice: as it came, for a dead letter, and decoded.
    if (message.value) bytes += 2 * message.value->size();
    for (const auto& header : message.headers) bytes += header.name.size() + header.value.size();
    return bytes;
}

}  // namespace

MessageWorker::MessageWorker(WorkerPorts ports, WorkerSettings settings, asio::any_io_executor executor)
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

// ---------------------------------------------------------------------------------------------- intake

bool MessageWorker::may_fetch() const {
    // What is parked has bounds of its own: were it counted here, it could keep out the creates it waits for.
    if (in_flight_ - lanes_.parked_count() >= settings_.in_flight_max) return false;
    if (in_flight_bytes_ - lanes_.parked_bytes() >= settings_.in_flight_bytes_max) return false;
    // While the store is down nothing is fetched: memory stays flat and the log keeps what comes. Only where nothing
    // is left to probe it with, something must be.
    switch (breaker_.state(std::chrono::steady_clock::now())) {
        case CircuitBreaker::State::closed: return true;
        case CircuitBreaker::State::open: return false;
        case CircuitBreaker::State::half_open: return batches_.running() == 0 && !lanes_.has_waiting();
    }
    std::unreachable();
}

asio::awaitable<void> MessageWorker::take_in() {
    while (!stopping_) {
        if (!may_fetch()) {
            co_await room_.wait();
            continue;
        }
        auto event = co_await subscription_->next(
            std::min(fetch_max, settings_.in_flight_max - (in_flight_ - lanes_.parked_count())));
        if (!event) {
            if (stopping_) break;
            ports_.observer.log_failed("fetch", event.error());
            co_await room_.wait_until(std::chrono::steady_clock::now() + fetch_retry);
        } else if (auto* records = std::get_if<Records>(&*event)) {
            receive(std::move(*records));
        } else if (auto* assigned = std::get_if<Assigned>(&*event)) {
            assign(*assigned);
        } else {
            co_await let_go(std::move(std::get<Revoked>(*event)));
        }
    }
}

void MessageWorker::assign(const Assigned& assigned) {
    for (const auto& partition : assigned.partitions) {
        auto owned =
            std::make_shared<OwnedPartition>(OwnedPartition{partition.source, OffsetTracker(partition.commit)});
        owned->end = partition.end;
        partitions_[partition.source] = std::move(owned);
    }
}

asio::awaitable<void> MessageWorker::let_go(Revoked revoked) {
    letting_go_ = true;
    co_await batches_.join();
    co_await commit_dirty();
    for (const auto& source : revoked.partitions) {
        const auto owned = partitions_.find(source);
        if (owned == partitions_.end()) continue;
        lanes_.forget(*owned->second);
        std::vector<Item> lost;
        for (const auto* items : {&active_, &aside_}) {
            for (const auto& [sequence, item] : *items) {
                if (item->partition == owned->second) lost.push_back(item);
            }
        }
        for (const auto& item : lost) uncount(item);
        partitions_.erase(owned);
    }
    letting_go_ = false;
    subscription_->released(revoked.partitions);
    dispatch();
}

ChangeKind MessageWorker::kind_of(const std::string& topic) const {
    return std::ranges::find(topics_, topic, &Topic::name)->kind;
}

void MessageWorker::receive(Records records) {
    const auto owned = partitions_.find(records.source);
    if (owned == partitions_.end()) return;
    const auto kind = kind_of(records.source.topic);
    ports_.observer.received(kind, records.messages.size());
    owned->second->end =
        std::max(records.end, records.messages.empty() ? 0 : records.messages.back().position.offset + 1);
    for (auto& message : records.messages) admit(owned->second, kind, std::move(message));
    report();
    dispatch();
}

void MessageWorker::admit(const std::shared_ptr<OwnedPartition>& partition, ChangeKind kind, Message message) {
    auto& tracker = partition->tracker;
    const auto now = ports_.clock.now();
    if (is_believable(message.position.time, now)) tracker.note_time(message.position.time);
    partition->dirty = true;
    if (tracker.begin(message.position) == OffsetTracker::Admission::finished_before) return committable_.notify();

    auto item = std::make_shared<WorkItem>();
    item->kind = kind;
    item->partition = partition;
    item->bytes = size_of(message);
    item->sequence = next_sequence_++;
    item->arrival = std::chrono::steady_clock::now();
    item->message = std::move(message);
    ++in_flight_;
    in_flight_bytes_ += item->bytes;
    active_.emplace(item->sequence, item);

    auto event = decode_event(kind, item->message, tracker.read_up_to(), now);
    if (!event) return condemn(item, std::move(event.error()), name(Errc::invalid_argument));
    item->event = std::move(*event);
    lanes_.add(std::move(item));
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
