// Looks at the headers of what is read, and remembers some of those that are sampled until they are committed.
#include "outbound/observed/observed_subscription.hpp"

#include "app/events/event.hpp"

namespace productd {

namespace {

/// So many of a partition are remembered, and referred to by one span: a commit may end tens of thousands.
constexpr std::size_t referred_max = 128;
constexpr std::chrono::hours plausible_age_max{24};

/// When a message that was sent at `time` was there; now, where that is nobody's clock.
Deadline since(Timestamp time) {
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const bool is_plausible = time <= now && time > now - plausible_age_max;
    return std::chrono::steady_clock::now() - (is_plausible ? now - time : std::chrono::milliseconds{0});
}

}  // namespace

void ObservedSubscription::describe(Span& span, std::string_view operation, std::string_view type,
                                    const TopicPartition& source) const {
    span.rename(std::string(operation) + ' ' + source.topic);
    span.set(span_name::messaging_system_name, messaging_.system);
    span.set(span_name::messaging_operation_name, operation);
    span.set(span_name::messaging_operation_type, type);
    span.set(span_name::messaging_destination_name, source.topic);
    span.set(span_name::messaging_destination_partition_id, std::to_string(source.partition));
    span.set(span_name::messaging_consumer_group_name, group_);
    messaging_.server.show_on(span);
}

Task<SubscriptionEvent> ObservedSubscription::next(FetchRoom room) {
    const auto began = std::chrono::steady_clock::now();
    auto event = co_await subscription_->next(room);
    if (!event) co_return event;
    if (const auto* records = std::get_if<Records>(&*event)) show_fetch(*records, began);
    co_return event;
}

/// Its wait counts from when the message was there, not from when nothing was.
void ObservedSubscription::show_fetch(const Records& records, Deadline began) {
    Span span;
    for (const auto& message : records.messages) {
        const auto trace = trace_of(message);
        if (!trace.is_sampled) continue;
        if (!span.is_recorded()) {
            span = tracer_.start(SpanKind::client, "poll", trace);
            describe(span, "poll", "receive", records.source);
            span.set(span_name::messaging_batch_message_count, static_cast<std::int64_t>(records.messages.size()));
            span.began(std::max(began, since(message.position.time)));
        } else {
            span.link(trace);
        }
        auto& remembered = uncommitted_[records.source];
        if (remembered.size() == referred_max) break;
        remembered.push_back({message.position.offset, trace});
    }
}

Span ObservedSubscription::begin_commit(const std::vector<std::pair<TopicPartition, Commit>>& commits) {
    Span span;
    std::size_t links = 0;
    for (const auto& [source, commit] : commits) {
        const auto it = uncommitted_.find(source);
        if (it == uncommitted_.end()) continue;
        auto& remembered = it->second;
        for (; !remembered.empty() && remembered.front().offset < commit.offset; remembered.pop_front()) {
            const auto& trace = remembered.front().trace;
            if (span.is_recorded()) {
                if (links++ < referred_max) span.link(trace);
                continue;
            }
            span = tracer_.start(SpanKind::client, "commit", trace);
            describe(span, "commit", "settle", source);
            span.set(span_name::kafka_offset, commit.offset);
        }
    }
    return span;
}

Task<> ObservedSubscription::commit(TopicPartition source, Commit commit) {
    std::vector<std::pair<TopicPartition, Commit>> one{{source, commit}};
    ObservedCall call(commits_, begin_commit(one));
    auto committed = co_await subscription_->commit(std::move(source), std::move(commit));
    if (!committed) call.fail(committed.error());
    co_return committed;
}

Task<std::vector<Result<>>> ObservedSubscription::commit_all(std::vector<std::pair<TopicPartition, Commit>> commits) {
    ObservedCall call(commits_, begin_commit(commits));
    auto committed = co_await subscription_->commit_all(std::move(commits));
    call.ended(committed);
    co_return committed;
}

void ObservedSubscription::released(const std::vector<TopicPartition>& partitions) {
    for (const auto& source : partitions) uncommitted_.erase(source);
    subscription_->released(partitions);
}

}  // namespace productd
