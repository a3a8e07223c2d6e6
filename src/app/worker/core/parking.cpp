// A look a second at most, for all that is parked in turns.
#include "app/worker/core/parking.hpp"

#include <algorithm>

namespace productd {

namespace {

constexpr std::chrono::milliseconds tick_max{1'000};
constexpr std::chrono::milliseconds tick_min{10};
constexpr std::chrono::milliseconds look_interval{1'000};
/// How long creates may stay unread before the log is asked whether they are there still.
constexpr std::chrono::seconds unread_max{10};

/// Since the log told where it ends.
bool was_made_anew(const OwnedPartition& partition) { return partition.told_life != partition.tracker.life(); }

bool may_be_tried(const Stored& stored, const WorkItem& item) {
    return !std::holds_alternative<NotYet>(decide(stored, item.event.change));
}

}  // namespace

Parking::Parking(Parts parts, const WorkerSettings& settings)
    : parts_(parts), settings_(settings), tick_(std::clamp(settings.not_found_wait / 10, tick_min, tick_max)) {}

/// Whether no create older than that comes any more, as far as this worker can see.
bool Parking::is_read_up_to(Timestamp time) const {
    return std::ranges::all_of(parts_.partitions, [&](const auto& entry) {
        const auto& partition = *entry.second;
        if (partition.kind != ChangeKind::create) return true;
        return partition.tracker.next_offset() >= partition.end || partition.tracker.read_up_to() > time;
    });
}

void Parking::ask_where_creates_end(Time now) {
    if (std::exchange(asking_, true)) return;
    asked_ = now;
    parts_.effects.emplace_back(AskWhereCreatesEnd{});
}

/// A topic that was made anew and is empty tells nothing by itself.
void Parking::ask_whether_unread_creates_remain(Time now) {
    if (!std::exchange(are_creates_unread_, false)) return unread_since_.reset();
    if (!unread_since_) unread_since_ = now;
    if (now - *unread_since_ < unread_max) return;
    unread_since_ = now;
    ask_where_creates_end(now);
}

void Parking::creates_end(const Result<std::vector<TopicInfo>>& told) {
    asking_ = false;
    if (!told) return;  // It is wanted again at the next time.
    for (const auto& topic : *told) {
        for (const auto& info : topic.partitions) {
            const auto owned = parts_.partitions.find({topic.topic, info.partition});
            if (owned == parts_.partitions.end()) continue;
            owned->second->end = owned->second->told_end = info.end;
            owned->second->told_life = owned->second->tracker.life();
        }
    }
    known_ = asked_;
}

bool Parking::is_crowded(const OwnedPartition& partition) const {
    return partition.parked.messages > settings_.parked_max || partition.parked.bytes > settings_.parked_bytes_max;
}

void Parking::count_time(Lane& lane, std::chrono::milliseconds elapsed, const Now& now) {
    for (auto& queue : lane.queues) {
        if (!queue.is_parked) continue;
        for (const auto& item : queue.items) {
            const bool is_read = item->overdue ? is_read_to_the_told_end() : is_read_up_to(item->message.position.time);
            are_creates_unread_ = are_creates_unread_ || !is_read;
            if (item->overdue || !is_read) continue;
            item->not_found_for += elapsed;
            if (item->not_found_for >= settings_.not_found_wait) item->overdue = now.steady;
        }
        const bool asks = std::ranges::any_of(queue.items, [&](const Item& item) {
            return item->overdue > known_ || (item->overdue && is_any_made_anew());
        });
        if (asks) ask_where_creates_end(now.steady);
    }
}

void Parking::let_time_pass(bool counts, const Now& now) {
    if (!ticked_) ticked_ = now.steady;
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now.steady - *ticked_);
    if (since < tick_) return;
    ticked_ = now.steady;
    if (!counts) return;
    for (const auto& id : parts_.lanes.parked()) count_time(parts_.lanes.at(id), tick_, now);
    ask_whether_unread_creates_remain(now.steady);
    hurry_the_oldest(now);
}

Parking::Time Parking::next_tick(Time now) const { return ticked_.value_or(now) + tick_; }

/// Where too much is parked the oldest are overdue at once; but only the log can say that their creates do not come.
void Parking::hurry_the_oldest(const Now& now) {
    const bool is_full = parts_.intake.is_parked_share_full();
    std::map<const OwnedPartition*, std::vector<Item>> parked;
    for (const auto& id : parts_.lanes.parked()) {
        const auto& lane = parts_.lanes.at(id);
        for (const auto& queue : lane.queues) {
            if (!queue.is_parked) continue;
            const auto* partition = queue.items.front()->partition.get();
            if (!is_full && lane.crowded.empty() && !is_crowded(*partition)) continue;
            auto& items = parked[partition];
            items.insert(items.end(), queue.items.begin(), queue.items.end());
        }
    }
    for (auto& [partition, items] : parked) {
        const auto too_many = partition->parked.messages - std::min(partition->parked.messages, settings_.parked_max);
        std::ranges::sort(items, {}, &WorkItem::sequence);
        items.resize(std::min(too_many > 0 ? too_many : (items.size() + 1) / 2, items.size()));
        for (const auto& item : items) {
            if (item->overdue || !is_read_up_to(item->message.position.time)) continue;
            item->overdue = now.steady;
            parts_.observer.parked_too_many(partition->source);
            ask_where_creates_end(now.steady);
        }
    }
}

std::vector<ProductId> Parking::next_look(std::size_t max, const Now& now) {
    const auto& parked = parts_.lanes.parked();
    const auto interval = std::min(look_interval, settings_.not_found_wait / 10);
    if (parked.empty() || now.steady - looked_at_ < interval) return {};
    std::vector<ProductId> ids;
    auto next = parked.upper_bound(looked_up_to_);
    while (ids.size() < std::min(max, parked.size())) {
        if (next == parked.end()) next = parked.begin();
        ids.push_back(*next++);
    }
    ripe_.clear();
    for (const auto& id : ids) {
        for (const auto& queue : parts_.lanes.at(id).queues) {
            if (!queue.is_parked) continue;
            for (const auto& item : queue.items) {
                if (is_ripe(*item)) ripe_.insert(item);
            }
        }
    }
    looked_up_to_ = ids.back();
    looked_at_ = now.steady;
    return ids;
}

bool Parking::is_ripe(const WorkItem& item) const {
    return item.overdue && known_ >= *item.overdue && is_read_to_the_told_end();
}

bool Parking::is_any_made_anew() const {
    return std::ranges::any_of(parts_.partitions, [](const auto& entry) {
        return entry.second->kind == ChangeKind::create && was_made_anew(*entry.second);
    });
}

/// Times say nothing here: the clocks of those who publish are apart, and its create may be behind a later one.
bool Parking::is_read_to_the_told_end() const {
    return std::ranges::all_of(parts_.partitions, [](const auto& entry) {
        const auto& partition = *entry.second;
        return partition.kind != ChangeKind::create ||
               (!was_made_anew(partition) && partition.tracker.next_offset() >= partition.told_end);
    });
}

void Parking::looked(const std::vector<ProductId>& ids, const std::vector<Found>& found, const Now& now) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
        auto* lane = parts_.lanes.find(ids[i]);
        if (lane == nullptr) continue;
        for (const auto kind : {ChangeKind::create, ChangeKind::update, ChangeKind::remove}) {
            if (!settle_parked(*lane, kind, found[i], now)) break;
        }
    }
}

/// From the first on, as many as can be given up; false when the queue is to be tried.
bool Parking::settle_parked(Lane& lane, ChangeKind kind, const Found& found, const Now& now) {
    const auto& queue = lane.queue(kind);
    while (queue.is_parked) {
        // What cannot be read is condemned by a call of its own.
        if (!found || may_be_tried(*found, *queue.items.front())) {
            parts_.lanes.unpark(lane);
            return false;
        }
        queue.items.front()->note_look(now.wall);
        if (!ripe_.contains(queue.items.front()) || lane.has_create()) return true;
        const auto item = parts_.lanes.take_parked(lane, kind);
        parts_.ends.reject(item, not_found(lane.id.hex()));
    }
    return true;
}

}  // namespace productd
