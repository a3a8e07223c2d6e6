// The worker's shell: three loops (the log's events, time, dead letters) and a task for each call under way.
#include "app/worker/message_worker.hpp"

#include <algorithm>

#include "tracing/span_names.hpp"

namespace productd {

namespace {

constexpr std::chrono::milliseconds fetch_retry{200};
/// 0 also for the latest time there is.
std::chrono::milliseconds age(WorkItem::Time since) {
    const auto waited = std::chrono::steady_clock::now() - since;
    return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(waited), std::chrono::milliseconds{0});
}

/// Since when an item waits: since its arrival where this worker keeps up with the log; else its message waited before.
WorkItem::Time waits_since(const WorkItem* item) {
    if (!item) return WorkItem::Time::max();
    const bool keeps_up = item->partition->tracker.next_offset() >= item->partition->end;
    return keeps_up ? item->arrival : item->arrival - item->age_at_arrival;
}

}  // namespace

MessageWorker::MessageWorker(WorkerPorts ports, const WorkerSettings& settings, const asio::any_io_executor& executor)
    : ports_(ports),
      settings_(settings),
      executor_(executor),
      core_(settings, ports.observer, std::random_device{}()),
      probe_(ports.store, ports.clock, std::random_device{}()),
      letters_(ports.log, ports.observer, ports.clock, settings, executor,
               [this](const Item& item) {
                   core_.letter_acknowledged(item, now());
                   perform_all();
               }),
      loops_(executor),
      calls_(executor),
      room_(executor),
      moved_(executor),
      released_(executor) {}

asio::awaitable<void> MessageWorker::run() {
    subscription_ = ports_.log.subscribe(settings_.group, settings_.topics.sources(), executor_);
    loops_.spawn(take_in());
    loops_.spawn(keep_time());
    loops_.spawn(letters_.run());
    co_await loops_.join();
    co_await calls_.join();
    subscription_.reset();
}

void MessageWorker::stop(Deadline calls_end) {
    is_stopping_ = true;
    if (subscription_) subscription_->close();
    letters_.stop();
    asked_.cut();
    room_.notify();
    core_.stop(now(), calls_end);
    perform_all();
}

asio::awaitable<void> MessageWorker::keep_time() {
    while (!core_.has_stopped()) {
        waking_at_ = core_.wake_at(now());
        co_await moved_.wait_until(waking_at_);
        core_.on_time(now());
        waking_at_ = {};  // What follows is looked at before the next wait.
        perform_all();
    }
}

asio::awaitable<void> MessageWorker::take_in() {
    while (!is_stopping_) {
        // Also what fetches nothing lets go of its partitions, or the whole group would wait for it.
        const auto room = core_.fetch_room(now());
        auto event = co_await subscription_->next(room);
        if (!event) {
            if (is_stopping_) break;
            ports_.observer.log_failed("fetch", event.error());
            co_await wait_for_room();
        } else if (auto* records = std::get_if<Records>(&*event)) {
            if (room.messages > 0) {
                core_.received(std::move(*records), now());
            } else {
                co_await wait_for_room();
            }
        } else if (auto* assigned = std::get_if<Assigned>(&*event)) {
            note_assigned(*assigned);
            core_.assigned(*assigned, now());
        } else {
            auto& revoked = std::get<Revoked>(*event);
            note_revoked(revoked);
            core_.revoked(std::move(revoked), now());
            perform_all();
            while (core_.is_letting_go()) co_await released_.wait();
        }
        perform_all();
    }
}

asio::awaitable<void> MessageWorker::wait_for_room() {
    is_waiting_for_room_ = true;
    co_await room_.wait_until(std::chrono::steady_clock::now() + fetch_retry);
    is_waiting_for_room_ = false;
}

// ---------------------------------------------------------------------------------------------- effects

void MessageWorker::perform_all() {
    if (std::exchange(is_performing_, true)) return;  // Whoever performs already goes on with what was added.
    for (auto effects = core_.take_effects(); !effects.empty(); effects = core_.take_effects()) {
        for (auto& effect : effects) std::visit([this](auto& one) { perform(std::move(one)); }, effect);
    }
    is_performing_ = false;
    const auto done_at = now();
    note_ages(done_at);
    if (is_waiting_for_room_ && core_.fetch_room(done_at).messages > 0) room_.notify();
    if (core_.wake_at(done_at) < waking_at_ || core_.has_stopped()) moved_.notify();
}

void MessageWorker::perform(StartCall started) { calls_.spawn(call(std::move(started))); }
void MessageWorker::perform(StartLook started) { calls_.spawn(look(std::move(started))); }
void MessageWorker::perform(StartProbe started) { calls_.spawn(probe(started)); }
void MessageWorker::perform(CutCalls) { cutoff_.cut(); }
void MessageWorker::perform(WriteLetter letter) {
    // What is not recorded itself is left out: its letter goes on from whoever sent the message.
    const bool is_recorded = ports_.tracer.is_on() && letter.item->trace.is_sampled;
    const auto trace = is_recorded ? letter.item->trace : letter.item->event.trace.context;
    letters_.add({std::move(letter.item), std::move(letter.error), std::move(letter.code), trace});
}
void MessageWorker::perform(WriteCommits commits) { calls_.spawn(commit(std::move(commits))); }
void MessageWorker::perform(AskWhereCreatesEnd) { calls_.spawn(ask_where_creates_end()); }
void MessageWorker::perform(const TellOutcome& told) {
    ports_.outcomes.tell(told.wait_id, told.position, told.outcome);
}
void MessageWorker::perform(const HoldPartition& held) { subscription_->hold(held.source); }
void MessageWorker::perform(const ResumePartition& resumed) { subscription_->resume(resumed.source); }
void MessageWorker::perform(const ReleasePartitions& released) {
    subscription_->released(released.partitions);
    released_.notify();
}

asio::awaitable<void> MessageWorker::call(StartCall started) {
    const auto deadline = std::chrono::steady_clock::now() + started.limit;
    auto span = ports_.tracer.start_known(SpanKind::internal, "apply", started.parent, started.trace);
    span.set(span_name::messaging_batch_message_count, static_cast<std::int64_t>(started.changes.size()));
    const CallContext context(deadline, span.context());
    auto applied = ports_.applier.apply(std::move(started.changes), context, started.creates);
    auto outcomes = co_await within(deadline, std::move(applied), &cutoff_);
    if (!outcomes) span.fail(name(outcomes.error().code), outcomes.error().detail);
    span.end();
    core_.call_ended(started.id, std::move(outcomes), now());
    perform_all();
}

asio::awaitable<void> MessageWorker::look(StartLook started) {
    const auto deadline = std::chrono::steady_clock::now() + started.limit;
    auto find = ports_.store.find(std::move(started.ids), deadline);
    auto found = co_await within(deadline, std::move(find), &cutoff_);
    core_.look_ended(started.id, found, now());
    perform_all();
}

asio::awaitable<void> MessageWorker::probe(StartProbe started) {
    const auto deadline = std::chrono::steady_clock::now() + started.limit;
    auto written = co_await within(deadline, probe_.write(deadline), &cutoff_);
    core_.probe_ended(started.id, written, now());
    perform_all();
}

asio::awaitable<void> MessageWorker::commit(WriteCommits commits) {
    auto committed = co_await subscription_->commit_all(std::move(commits.commits));
    core_.commit_ended(committed, now());
    perform_all();
}

asio::awaitable<void> MessageWorker::ask_where_creates_end() {
    auto told = co_await within(std::chrono::steady_clock::now() + settings_.call_timeout,
                                ports_.log.describe({settings_.topics.create}), &asked_);
    core_.creates_end(told, now());
    perform_all();
}

// ---------------------------------------------------------------------------------------------- what others see

std::chrono::milliseconds MessageWorker::lag() const { return age(oldest_active_.load(std::memory_order_relaxed)); }

std::chrono::milliseconds MessageWorker::oldest_unfinished_age() const {
    return age(oldest_unfinished_.load(std::memory_order_relaxed));
}

std::optional<std::size_t> MessageWorker::assigned_partitions() const {
    const auto count = assigned_count_.load(std::memory_order_relaxed);
    if (count == unassigned) return std::nullopt;
    return static_cast<std::size_t>(count);
}

/// None at all is an answer too, where there are more members than partitions.
void MessageWorker::note_assigned(const Assigned& assigned) {
    for (const auto& partition : assigned.partitions) assigned_.insert(partition.source);
    assigned_count_.store(static_cast<std::int64_t>(assigned_.size()), std::memory_order_relaxed);
}

void MessageWorker::note_revoked(const Revoked& revoked) {
    for (const auto& source : revoked.partitions) assigned_.erase(source);
    const auto left = static_cast<std::int64_t>(assigned_.size());
    assigned_count_.store(left == 0 ? unassigned : left, std::memory_order_relaxed);
}

void MessageWorker::note_ages(const Now& now) {
    const auto active = waits_since(core_.intake().oldest_active());
    const auto aside = waits_since(core_.intake().oldest_aside());
    oldest_active_.store(active, std::memory_order_relaxed);
    oldest_unfinished_.store(std::min(active, aside), std::memory_order_relaxed);
    store_is_down_.store(core_.breaker(now) != CircuitBreaker::State::closed, std::memory_order_relaxed);
}

}  // namespace productd
