// Delivers messages to a group: from memory what was just written, else through the reader. Calls index, groups,
// reader.
#include "outbound/sqlite/log/sqlite_log_subscription.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace productd {

namespace {

Error closed() { return {Errc::cancelled, "The subscription is closed."}; }

}  // namespace

SqliteLogSubscription::SqliteLogSubscription(std::shared_ptr<SqliteLogCore> core, std::string group,
                                             std::vector<std::string> topics, asio::any_io_executor executor)
    : core_(std::move(core)),
      group_(std::move(group)),
      topics_(std::move(topics)),
      waker_(std::make_shared<Waker>(std::move(executor))),
      member_(core_->groups.join(group_)) {}

SqliteLogSubscription::~SqliteLogSubscription() {
    core_->index.unfollow(waker_);
    if (member_) core_->groups.leave(group_);
}

Task<SubscriptionEvent> SqliteLogSubscription::next(FetchRoom room) {
    room = delivery(room, core_->settings);
    if (!joined_) {
        auto joined = co_await join();
        if (!joined) co_return fail(std::move(joined).error());
    }
    for (;;) {
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (closed_ || core_->index.closed() || cancelled.cancelled() != asio::cancellation_type::none) {
            co_return fail(closed());
        }
        if (core_->index.size() != layout_) {
            auto assigned = assign();
            if (!assigned) co_return fail(std::move(assigned).error());
            if (!assigned->partitions.empty()) co_return SubscriptionEvent(std::move(*assigned));
        }
        if (room.messages == 0) co_return SubscriptionEvent(Records{});
        SqliteLogIndex::View seen;
        auto* cursor = cursor_with_messages(room, seen);
        if (cursor == nullptr) {
            co_await waker_->wait();
            continue;
        }
        const auto end = seen.end;
        auto messages = co_await fetch(*cursor, std::move(seen), room);
        if (!messages) co_return fail(std::move(messages).error());
        if (closed_ || messages->empty()) continue;
        cursor->next = messages->back().position.offset + 1;
        co_return SubscriptionEvent(Records{cursor->source, std::move(*messages), end});
    }
}

// That the group reads these topics is on disk before the first message is delivered, so that retention keeps what the
// group has not committed also before it subscribes again.
Task<> SqliteLogSubscription::join() {
    if (!member_) {
        co_return fail(Errc::failed_precondition, fmt::format("The group {} has a member already.", group_));
    }
    if (auto known = core_->index.partitions_of(topics_); !known) co_return fail(std::move(known).error());
    std::vector<std::string> fresh;
    for (const auto& topic : topics_) {
        if (!core_->groups.reads(group_, topic)) fresh.push_back(topic);
    }
    if (!fresh.empty()) {
        auto work = [group = group_, fresh](SqliteLogFile& file) { return file.add_readers(group, fresh); };
        auto added = co_await on_writer<void>(*core_, std::move(work));
        if (!added) co_return added;
        for (const auto& topic : fresh) core_->groups.add_reader(group_, topic);
    }
    core_->index.follow(topics_, waker_);
    joined_ = true;
    co_return Result<>();
}

Result<Assigned> SqliteLogSubscription::assign() {
    const auto layout = core_->index.size();
    auto partitions = core_->index.partitions_of(topics_);
    if (!partitions) return fail(std::move(partitions).error());
    Assigned assigned;
    const auto epoch = core_->epoch.fetch_add(1) + 1;
    for (auto& partition : *partitions) {
        if (find(partition.source) != nullptr) continue;
        auto commit = core_->groups.committed(group_, partition.id);
        if (commit && (commit->offset < partition.begin || commit->offset > partition.end)) commit.reset();
        cursors_.push_back({partition.id, partition.source, commit ? commit->offset : partition.begin});
        assigned.partitions.push_back(
            {std::move(partition.source), std::move(commit), epoch, cursors_.back().next, partition.end});
    }
    layout_ = layout;
    return assigned;
}

SqliteLogSubscription::Cursor* SqliteLogSubscription::cursor_with_messages(const FetchRoom& room,
                                                                           SqliteLogIndex::View& seen) {
    for (std::size_t i = 0; i < cursors_.size(); ++i) {
        auto& cursor = cursors_[(turn_ + i) % cursors_.size()];
        if (cursor.held) continue;
        seen = core_->index.view(cursor.partition_id, cursor.next, room);
        cursor.next = std::max(cursor.next, seen.begin);
        if (cursor.next >= seen.end) continue;
        turn_ = (turn_ + i + 1) % cursors_.size();
        return &cursor;
    }
    return nullptr;
}

Task<std::vector<Message>> SqliteLogSubscription::fetch(Cursor& cursor, SqliteLogIndex::View seen, FetchRoom room) {
    if (seen.messages.empty()) {
        auto read = co_await core_->reader->read(cursor.partition_id, cursor.source, cursor.next, seen.end, room);
        // They may have been trimmed meanwhile; else they are missing, and going on would lose them silently.
        if (read && read->empty() && core_->index.view(cursor.partition_id, 0, {}).begin <= cursor.next) {
            co_return fail(Error{Errc::data_loss,
                                 "Messages of the event log are missing.",
                                 {},
                                 "They are not in log.db: put back a backup of the data folder."});
        }
        co_return read;
    }
    std::vector<Message> messages;
    messages.reserve(seen.messages.size());
    for (const auto& message : seen.messages) messages.push_back(*message);
    co_return messages;
}

Task<> SqliteLogSubscription::commit(TopicPartition source, Commit commit) {
    const auto* cursor = find(source);
    if (cursor == nullptr) {
        co_return fail(Errc::failed_precondition,
                       fmt::format("The partition {} of {} is not assigned.", source.partition, source.topic));
    }
    if (core_->index.closed()) co_return fail(unavailable("The log is closed."));
    if (auto fine = check_metadata(commit); !fine) co_return fine;
    const auto end = core_->index.end_of(cursor->partition_id);
    if (commit.offset < 0 || commit.offset > end) {
        co_return fail(Errc::out_of_range, fmt::format("The offset {} is not in 0 to {}.", commit.offset, end));
    }
    if (core_->groups.commit({group_, cursor->partition_id, std::move(commit)})) core_->writer->commit_waits();
    co_return Result<>();
}

SqliteLogSubscription::Cursor* SqliteLogSubscription::find(const TopicPartition& source) {
    const auto found = std::ranges::find(cursors_, source, &Cursor::source);
    return found == cursors_.end() ? nullptr : &*found;
}

void SqliteLogSubscription::hold(const TopicPartition& source) {
    if (auto* cursor = find(source)) cursor->held = true;
}

void SqliteLogSubscription::resume(const TopicPartition& source) {
    if (auto* cursor = find(source)) cursor->held = false;
    waker_->wake();
}

void SqliteLogSubscription::close() {
    closed_ = true;
    waker_->wake();
}

}  // namespace productd
