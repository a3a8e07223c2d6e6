// What happens with time: lanes and the breaker become due, parked messages are tried again or given up, and how late
// the worker is. Calls the lanes.
#include <algorithm>

#include "app/worker/message_worker.hpp"

namespace productd {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds tick_max{1'000};
constexpr std::chrono::milliseconds tick_min{10};
/// A message older than this has a time that tells nothing of how long it waits here.
constexpr std::chrono::hours plausible_age_max{24 * 30};

std::int64_t milliseconds_of(Timestamp time) { return time.time_since_epoch().count(); }

std::chrono::milliseconds age(std::int64_t since_ms, Timestamp now) {
    if (since_ms == 0) return std::chrono::milliseconds{0};
    return std::max(std::chrono::milliseconds{milliseconds_of(now) - since_ms}, std::chrono::milliseconds{0});
}

/// Since when an item waits, 0 for none: since its arrival where this worker keeps up with the log; else since its
/// message's time, unless that is nobody's clock.
std::int64_t waits_since(const WorkItem* item, Timestamp now) {
    if (!item) return 0;
    const auto time = item->message.position.time;
    const bool keeps_up = item->partition->tracker.next_offset() >= item->partition->end;
    if (!keeps_up && time <= now && now - time < plausible_age_max) return milliseconds_of(time);
    const auto here_for = std::chrono::steady_clock::now() - item->arrival;
    return milliseconds_of(now - std::chrono::duration_cast<std::chrono::milliseconds>(here_for));
}

}  // namespace

std::chrono::milliseconds MessageWorker::lag() const {
    return age(oldest_active_ms_.load(std::memory_order_relaxed), ports_.clock.now());
}

std::chrono::milliseconds MessageWorker::oldest_unfinished_age() const {
    return age(oldest_unfinished_ms_.load(std::memory_order_relaxed), ports_.clock.now());
}

asio::awaitable<void> MessageWorker::keep_time() {
    const auto tick = std::clamp(settings_.not_found_wait / 10, tick_min, tick_max);
    auto last = std::chrono::steady_clock::now();
    while (!stopping_) {
        auto wake = SteadyTime::max();
        if (in_flight_.count() > 0) wake = std::chrono::steady_clock::now() + tick;
        // A lane that is due while no batch may begin waits for what ends that, which wakes this loop too.
        if (const auto due = lanes_.next_due(); due && may_begin_batch()) wake = std::min(wake, *due);
        if (breaker_seen_ == CircuitBreaker::State::open) wake = std::min(wake, breaker_.retry_at());
        co_await due_.wait_until(wake);

        const auto now = std::chrono::steady_clock::now();
        if (now - last >= tick) {
            count_parked_time(std::min(tick, std::chrono::duration_cast<std::chrono::milliseconds>(now - last)));
            last = now;
        }
        report();
        room_.notify();
        dispatch();
    }
}

bool MessageWorker::create_topic_is_read_up_to(Timestamp time) const {
    return std::ranges::all_of(partitions_, [&](const auto& entry) {
        const auto& partition = *entry.second;
        if (partition.source.topic != settings_.topics.create) return true;
        return partition.tracker.next_offset() >= partition.end || partition.tracker.read_up_to() > time;
    });
}

/// Whether its creates are read to where the log itself said, asked after `since`, that they end: what was seen of the
/// end with the last messages may be old, while no broker leads the partition.
bool MessageWorker::no_create_comes(const WorkItem& item, WorkItem::Time since) {
    if (!create_topic_is_read_up_to(item.message.position.time)) return false;
    if (creates_known_ >= since) return true;
    creates_wanted_.notify();
    return false;
}

asio::awaitable<void> MessageWorker::ask_where_creates_end() {
    for (;;) {
        co_await creates_wanted_.wait();
        if (stopping_) co_return;
        const auto asked = std::chrono::steady_clock::now();
        auto told = co_await within(asked + settings_.call_timeout, ports_.log.describe({settings_.topics.create}),
                                    &creates_asked_);
        if (!told) continue;  // It is wanted again at the next tick.
        for (const auto& topic : *told) {
            for (const auto& info : topic.partitions) {
                const auto owned = partitions_.find({topic.topic, info.partition});
                if (owned != partitions_.end()) owned->second->end = info.end;
            }
        }
        creates_known_ = asked;
    }
}

void MessageWorker::count_parked_time(std::chrono::milliseconds elapsed) {
    if (lanes_.parked_count() == 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (breaker_.state(now) != CircuitBreaker::State::closed) return;
    for (const auto& item : lanes_.parked()) {
        if (create_topic_is_read_up_to(item->message.position.time)) item->not_found_for += elapsed;
        if (item->not_found_for < settings_.not_found_wait) continue;
        if (!item->overdue) item->overdue = now;
        if (!no_create_comes(*item, *item->overdue) || lanes_.is_at_work(item->event.change.id)) continue;
        lanes_.drop_parked(item);
        tell(item, not_found(item->event.change.id.hex()));
        condemn(item, not_found(item->event.change.id.hex()), name(Errc::not_found));
    }
    for (const auto& [source, partition] : partitions_) relieve(*partition);
    // The product may have come by a way this worker does not see: another instance, another partition.
    for (const auto& item : lanes_.parked()) lanes_.unpark(item->event.change.id);
}

bool MessageWorker::is_crowded(const OwnedPartition& partition) const {
    return partition.parked > settings_.parked_max || partition.parked_bytes > settings_.parked_bytes_max;
}

/// Whether as much of it waits for dead letters to be acknowledged as may be parked.
bool MessageWorker::waits_for_letters(const OwnedPartition& partition) const {
    return partition.behind_letters > settings_.parked_max ||
           partition.behind_letters_bytes > settings_.parked_bytes_max;
}

/// Keeps a partition's parked messages within Worker.ParkedMax and ParkedBytesMax: held back while their creates may
/// still be in the log, and else the oldest go early.
void MessageWorker::relieve(OwnedPartition& partition) {
    auto items = is_crowded(partition) ? lanes_.parked() : std::vector<Item>{};
    std::erase_if(items, [&](const Item& item) { return item->partition.get() != &partition; });
    std::ranges::sort(items, {}, [](const Item& item) { return item->message.position.offset; });
    for (const auto& item : items) {
        if (!is_crowded(partition)) break;
        if (!no_create_comes(*item, item->arrival)) break;
        if (lanes_.is_at_work(item->event.change.id)) continue;  // Perhaps with its create.
        lanes_.drop_parked(item);
        ports_.observer.parked_too_many(partition.source);
        tell(item, not_found(item->event.change.id.hex()));
        condemn(item, not_found(item->event.change.id.hex()), name(Errc::not_found));
    }
    hold_or_resume(partition);
}

/// Reading on waits while too many messages are parked or wait for letters, or the next commit could not tell what is
/// finished.
void MessageWorker::hold_or_resume(OwnedPartition& partition) {
    const bool hold = is_crowded(partition) || waits_for_letters(partition) ||  //
                      !partition.tracker.has_room(cramped_fetch_max);
    if (hold == partition.held) return;
    partition.held = hold;
    if (hold) {
        subscription_->hold(partition.source);
    } else {
        subscription_->resume(partition.source);
    }
}

void MessageWorker::report() {
    const auto now = ports_.clock.now();
    const auto active = waits_since(in_flight_.oldest_active(), now);
    const auto aside = waits_since(in_flight_.oldest_aside(), now);
    oldest_active_ms_.store(active, std::memory_order_relaxed);
    const auto oldest = active == 0 || aside == 0 ? std::max(active, aside) : std::min(active, aside);
    oldest_unfinished_ms_.store(oldest, std::memory_order_relaxed);

    const auto state = breaker_.state(std::chrono::steady_clock::now());
    store_is_down_.store(state != CircuitBreaker::State::closed, std::memory_order_relaxed);
    if (state != breaker_seen_) ports_.observer.breaker_changed(state);
    breaker_seen_ = state;
    ports_.observer.gauges(
        {in_flight_.count(), in_flight_.bytes(), lanes_.parked_count(), dead_letters_.waiting(), state});
}

}  // namespace productd
