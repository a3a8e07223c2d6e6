// Takes batches from the partitions' queues by turns, and hands on what the member tells. Calls KafkaMember and
// librdkafka.
#include "outbound/kafka/kafka_subscription.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "outbound/kafka/kafka_message.hpp"

namespace productd {

namespace {

constexpr std::chrono::seconds leaving_takes{2};      // At most, where brokers answer.
constexpr std::chrono::seconds last_commit_takes{1};  // Where the one before got no answer.

}  // namespace

KafkaSubscription::KafkaSubscription(Result<std::shared_ptr<KafkaMember>> member, std::shared_ptr<Waker> waker,
                                     std::chrono::milliseconds commit_timeout, BlockingPool& commits,
                                     std::shared_ptr<const KafkaCommitMark> mark)
    : member_(std::move(member)),
      waker_(std::move(waker)),
      commit_timeout_(commit_timeout),
      commits_(commits),
      mark_(std::move(mark)) {}

KafkaSubscription::~KafkaSubscription() {
    waker_->end();
    cursors_.clear();
    if (!member_) return;
    while ((*member_)->take()) continue;  // Queues that were never taken.
    (*member_)->leave();
    if (is_answered_) (*member_)->left_by(std::chrono::steady_clock::now() + leaving_takes);
}

Task<SubscriptionEvent> KafkaSubscription::next(FetchRoom room) {
    if (!member_) co_return fail(member_.error());
    for (;;) {
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (closed_ || cancelled.cancelled() != asio::cancellation_type::none) {
            co_return fail(Errc::cancelled, "The subscription is closed.");
        }
        if (auto event = (*member_)->take()) co_return event_of(std::move(*event));
        if (room.messages == 0) co_return SubscriptionEvent(Records{});
        auto found = records(room);
        if (!found) co_return fail(std::move(found).error());
        if (*found) co_return SubscriptionEvent(std::move(**found));
        co_await waker_->wait();
    }
}

Result<SubscriptionEvent> KafkaSubscription::event_of(KafkaMember::Event event) {
    if (auto* error = std::get_if<Error>(&event)) return fail(std::move(*error));
    if (auto* revoked = std::get_if<Revoked>(&event)) {
        for (const auto& source : revoked->partitions) {
            if (auto* cursor = find(source)) cursor->is_revoked = true;
        }
        return std::move(*revoked);
    }
    Assigned assigned;
    for (auto& source : std::get<std::vector<KafkaMember::Source>>(event)) {
        std::erase_if(cursors_, [&](const Cursor& cursor) { return cursor.source == source.place.source; });
        cursors_.push_back({.source = source.place.source,
                            .messages = std::move(source.messages),
                            .left = std::nullopt,
                            .epoch = source.place.epoch,
                            .next = source.place.begin,
                            .store = source.store});
        assigned.partitions.push_back(std::move(source.place));
    }
    return assigned;
}

Result<std::optional<Records>> KafkaSubscription::records(const FetchRoom& room) {
    for (std::size_t i = 0; i < cursors_.size(); ++i) {
        const auto place = (turn_ + i) % cursors_.size();
        auto found = take(cursors_[place], room);
        if (found && !*found) continue;
        turn_ = (place + 1) % cursors_.size();
        return found;
    }
    return std::nullopt;
}

/// Nothing only where its queue is empty: it wakes again when something is put into an empty queue. One message at a
/// time, for a queue does not tell how large what it gives next is, and takes nothing back.
Result<std::optional<Records>> KafkaSubscription::take(Cursor& cursor, const FetchRoom& room) {
    if (cursor.is_held || cursor.is_revoked) return std::nullopt;
    Records found{.source = cursor.source, .messages = {}};
    std::optional<Error> error;
    Fetch fetch(room);
    if (auto left = std::exchange(cursor.left, std::nullopt)) {
        fetch.takes(wire_bytes(*left));
        found.messages.push_back(std::move(*left));
    }
    while (!fetch.is_full()) {
        const KafkaMessage taken(rd_kafka_consume_queue(cursor.messages.get(), 0));
        if (!taken) break;
        if (taken->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            // The topic was made anew: what was told of the end of the old one is not of this one.
            if (taken->offset < found.next) found.next = 0;
            auto message = message_of(*taken);
            if (!fetch.takes(wire_bytes(message))) {
                cursor.left = std::move(message);
                break;
            }
            found.messages.push_back(std::move(message));
        } else if (taken->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            // Behind a transaction's marks and what it gave up, of which nothing else tells.
            found.next = taken->offset;
        } else {
            error = kafka_error(taken->err, rd_kafka_message_errstr(taken.get()));
        }
    }
    if (!found.messages.empty() || found.next > cursor.next) {
        const auto behind = found.messages.empty() ? 0 : found.messages.back().position.offset + 1;
        cursor.next = std::max(behind, found.next);
        found.end = std::max((*member_)->end_of(cursor.source).value_or(cursor.next), cursor.next);
        return found;
    }
    if (error) return fail(std::move(*error));
    return std::nullopt;
}

Task<> KafkaSubscription::commit(TopicPartition source, Commit commit) {
    std::vector<std::pair<TopicPartition, Commit>> one;
    one.emplace_back(std::move(source), std::move(commit));
    auto committed = co_await commit_all(std::move(one));
    if (!committed) co_return fail(std::move(committed).error());
    co_return committed->front();
}

Task<std::vector<Result<>>> KafkaSubscription::commit_all(std::vector<std::pair<TopicPartition, Commit>> commits) {
    std::int64_t epoch = 0;
    for (auto& [source, commit] : commits) {
        auto* cursor = find(source);
        if (cursor == nullptr) {
            co_return fail(Errc::failed_precondition,
                           fmt::format("The partition {} of {} is not assigned.", source.partition, source.topic));
        }
        if (auto fine = check_metadata(commit); !fine) co_return fail(std::move(fine).error());
        epoch = cursor->epoch;  // All are assigned at once, and taken back at once.
        // Read here it stands behind all that the commit calls finished: that was durable before anybody said so.
        cursor->store = mark_->behind(cursor->store);
        commit = with_mark({std::move(commit), cursor->store});
    }
    auto call = [member = *member_, commits = std::move(commits), epoch] { return member->commit(commits, epoch); };
    // Who stops has other things to do in its time than to wait for brokers that are away.
    const auto timeout = closed_ && !is_answered_ ? last_commit_takes : commit_timeout_;
    auto done = co_await within(std::chrono::steady_clock::now() + timeout, offload(commits_, std::move(call)));
    is_answered_ = done || done.error().code != Errc::deadline_exceeded;
    co_return done;
}

KafkaSubscription::Cursor* KafkaSubscription::find(const TopicPartition& source) {
    const auto found = std::ranges::find(cursors_, source, &Cursor::source);
    return found == cursors_.end() ? nullptr : &*found;
}

void KafkaSubscription::hold(const TopicPartition& source) {
    if (auto* cursor = find(source)) cursor->is_held = true;
}

void KafkaSubscription::resume(const TopicPartition& source) {
    if (auto* cursor = find(source)) cursor->is_held = false;
    waker_->wake();
}

void KafkaSubscription::released(const std::vector<TopicPartition>& partitions) {
    std::erase_if(cursors_, [&](const Cursor& cursor) {
        return cursor.is_revoked && std::ranges::find(partitions, cursor.source) != partitions.end();
    });
    if (member_) (*member_)->released();
}

void KafkaSubscription::close() {
    closed_ = true;
    waker_->wake();
}

}  // namespace productd
