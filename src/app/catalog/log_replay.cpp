// Merges the partitions by time and applies batches. Calls the log, the decoders and the applier.
#include "app/catalog/log_replay.hpp"

#include <algorithm>

#include "app/events/event.hpp"
#include "domain/disposition.hpp"

namespace productd {

namespace {

constexpr std::size_t messages_at_once = 500;  ///< Of one partition; the log gives some MiB at most.
constexpr std::size_t batch_max = 1'000;
constexpr std::size_t waiting_max = 100'000;  ///< Changes; of what is more nobody knows whether its product comes.

}  // namespace

Task<LogReplayCounts> LogReplay::run() {
    if (auto opened = co_await open(); !opened) co_return fail(std::move(opened).error());
    for (;;) {
        for (auto& cursor : cursors_) {
            if (auto fetched = co_await fetch(cursor); !fetched) co_return fail(std::move(fetched).error());
        }
        auto* cursor = earliest();
        if (cursor == nullptr) break;
        take(*cursor);
        if (batch_.size() < batch_max) continue;
        if (auto done = co_await apply(std::exchange(batch_, {})); !done) co_return fail(std::move(done).error());
        told_(counts_);
    }
    if (auto done = co_await apply(std::exchange(batch_, {})); !done) co_return fail(std::move(done).error());
    if (auto done = co_await apply_waiting(); !done) co_return fail(std::move(done).error());
    told_(counts_);
    co_return counts_;
}

Task<> LogReplay::open() {
    auto topics = co_await log_.describe(topics_.sources());
    if (!topics) co_return fail(std::move(topics).error());
    for (const auto& topic : *topics) {
        const auto kind = topics_.kind_of(topic.topic);
        if (!kind) continue;
        for (const auto& partition : topic.partitions) {
            Cursor cursor{.source = {topic.topic, partition.partition},
                          .kind = *kind,
                          .next = partition.begin,
                          .end = partition.end,
                          .messages = {}};
            if (partition.begin > 0) counts_.cut.emplace_back(cursor.source, partition.begin);
            counts_.total += static_cast<std::uint64_t>(partition.end - partition.begin);
            cursors_.push_back(std::move(cursor));
        }
    }
    co_return Result<>{};
}

Task<> LogReplay::fetch(Cursor& cursor) {
    if (!cursor.messages.empty() || cursor.next >= cursor.end) co_return Result<>{};
    auto messages = co_await log_.read(cursor.source, cursor.next, messages_at_once);
    if (!messages) co_return fail(std::move(messages).error());
    cursor.next = messages->empty() ? cursor.end : messages->back().position.offset + 1;
    for (auto& message : *messages) cursor.messages.push_back(std::move(message));
    co_return Result<>{};
}

/// Null when all is read. Of two of one time a create goes first.
LogReplay::Cursor* LogReplay::earliest() {
    Cursor* found = nullptr;
    const auto rank = [](const Cursor& cursor) {
        return std::pair(cursor.messages.front().position.time, cursor.kind);
    };
    for (auto& cursor : cursors_) {
        if (!cursor.messages.empty() && (found == nullptr || rank(cursor) < rank(*found))) found = &cursor;
    }
    return found;
}

void LogReplay::take(Cursor& cursor) {
    const auto message = std::move(cursor.messages.front());
    cursor.messages.pop_front();
    ++counts_.read;
    const auto now = clock_.now();
    if (is_believable(message.position.time, now)) {
        cursor.read_up_to = std::max(cursor.read_up_to, message.position.time);
    }
    auto event = decode_event(cursor.kind, message, cursor.read_up_to, now);
    if (!event) {
        ++counts_.condemned;
        return;
    }
    batch_.push_back(std::make_shared<const Change>(std::move(event->change)));
}

/// What waits for a product goes behind its create, and before its later changes.
std::vector<SharedChange> LogReplay::with_waiting(std::vector<SharedChange> changes) {
    if (waiting_.empty()) return changes;
    std::vector<SharedChange> all;
    for (auto& change : changes) {
        auto waiting = waiting_.extract(change->id);
        const bool is_create = change->kind == ChangeKind::create;
        if (is_create) all.push_back(change);
        if (waiting) {
            waiting_count_ -= waiting.mapped().size();
            std::ranges::move(waiting.mapped(), std::back_inserter(all));
        }
        if (!is_create) all.push_back(std::move(change));
    }
    return all;
}

Task<> LogReplay::apply(std::vector<SharedChange> changes) {
    auto open = with_waiting(std::move(changes));
    while (!open.empty()) {
        auto given = open;
        auto outcomes = co_await applier_.apply(std::move(given), Deadline::max(), Creates::looked_for);
        if (!outcomes) co_return fail(std::move(outcomes).error());
        auto again = count(std::move(open), *outcomes);
        if (!again) co_return fail(std::move(again).error());
        open = std::move(*again);
    }
    co_return Result<>{};
}

Result<std::vector<SharedChange>> LogReplay::count(std::vector<SharedChange> changes,
                                                   const std::vector<ChangeOutcome>& outcomes) {
    std::vector<SharedChange> again;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto& outcome = outcomes[i];
        if (std::holds_alternative<Applied>(outcome)) {
            ++counts_.applied;
        } else if (std::holds_alternative<Unchanged>(outcome)) {
            ++counts_.known;
        } else if (std::holds_alternative<Refused>(outcome)) {
            ++counts_.refused;
        } else if (std::holds_alternative<Rejected>(outcome)) {
            ++counts_.condemned;
        } else if (std::holds_alternative<NotTried>(outcome)) {
            again.push_back(std::move(changes[i]));  // The rejected one before it is counted: it makes way.
        } else if (std::holds_alternative<NotApplied>(outcome)) {
            if (waiting_count_ == waiting_max) {
                ++counts_.without_product;
                continue;
            }
            ++waiting_count_;
            waiting_[changes[i]->id].push_back(std::move(changes[i]));
        } else if (const auto* error = std::get_if<Error>(&outcome)) {
            if (disposition(error->code) != Disposition::dead_letter) return fail(*error);
            ++counts_.condemned;
        } else {
            return fail(Errc::aborted, "Another process writes to the store.");
        }
    }
    return again;
}

/// Once more what was read before its product's create in one batch; what waits then waits in vain.
Task<> LogReplay::apply_waiting() {
    std::vector<SharedChange> changes;
    for (auto& [id, waiting] : std::exchange(waiting_, {})) std::ranges::move(waiting, std::back_inserter(changes));
    waiting_count_ = 0;
    for (std::size_t i = 0; i < changes.size();) {
        // All of one product in one call, in order: they lie side by side.
        auto last = std::min(i + batch_max, changes.size());
        while (last < changes.size() && changes[last]->id == changes[last - 1]->id) ++last;
        const auto at = [&](std::size_t place) { return changes.begin() + static_cast<std::ptrdiff_t>(place); };
        auto done = co_await apply(std::vector<SharedChange>(at(i), at(last)));
        if (!done) co_return done;
        i = last;
    }
    counts_.without_product += waiting_count_;
    co_return Result<>{};
}

}  // namespace productd
