// A member of a group whose fetches and commits are spans, and the commits timed.
#pragma once

#include <deque>
#include <map>

#include "outbound/observed/observed_message_log.hpp"

namespace productd {

class ObservedSubscription : public Subscription {
public:
    /// `commits`, `tracer` and `messaging` outlive it.
    ObservedSubscription(std::unique_ptr<Subscription> subscription, const CallDurations& commits, Tracer& tracer,
                         const ObservedMessaging& messaging, std::string group)
        : subscription_(std::move(subscription)),
          commits_(commits),
          tracer_(tracer),
          messaging_(messaging),
          group_(std::move(group)) {}

    Task<SubscriptionEvent> next(FetchRoom room) override;
    Task<> commit(TopicPartition source, Commit commit) override;
    Task<std::vector<Result<>>> commit_all(std::vector<std::pair<TopicPartition, Commit>> commits) override;
    void hold(const TopicPartition& source) override { subscription_->hold(source); }
    void resume(const TopicPartition& source) override { subscription_->resume(source); }
    void released(const std::vector<TopicPartition>& partitions) override;
    void close() override { subscription_->close(); }

private:
    /// A message that was read for a trace, and is below no commit yet.
    struct Uncommitted {
        std::int64_t offset;
        SpanContext trace;
    };

    void show_fetch(const Records& records, Deadline began);
    Span begin_commit(const std::vector<std::pair<TopicPartition, Commit>>& commits);
    void describe(Span& span, std::string_view operation, std::string_view type, const TopicPartition& source) const;

    std::unique_ptr<Subscription> subscription_;
    const CallDurations& commits_;
    Tracer& tracer_;
    const ObservedMessaging& messaging_;
    std::string group_;
    std::map<TopicPartition, std::deque<Uncommitted>> uncommitted_;
};

}  // namespace productd
