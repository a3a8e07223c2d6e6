// Faults of publishing, fetching and committing. Calls the real log, or a subscription that moves about in it.
#include "chaos/node/faulty_log.hpp"

#include "app/ports/message_log.hpp"
#include "chaos/node/moving_subscription.hpp"

namespace productd::chaos {

namespace {

/// Kill points, refused commits, and the record of both.
class FaultySubscription final : public Subscription {
public:
    FaultySubscription(std::unique_ptr<Subscription> inner, MessageLog& log, Faults& faults, History& history)
        : inner_(std::move(inner)), log_(log), faults_(faults), history_(history) {}

    Task<SubscriptionEvent> next(FetchRoom room) override {
        // The worker asks again once it has taken in what it got: that is when this is a moment of its own.
        if (std::exchange(has_fetched_, false)) faults_.kill.pass("after-fetch");
        auto event = co_await inner_->next(room);
        if (!event) co_return event;
        has_fetched_ = std::holds_alternative<Records>(*event);
        if (const auto* assigned = std::get_if<Assigned>(&*event)) {
            for (const auto& partition : assigned->partitions) {
                co_await note("assigned", partition.source, partition.commit.value_or(Commit{partition.begin, ""}));
            }
        }
        co_return event;
    }

    Task<> commit(TopicPartition source, Commit commit) override {
        faults_.kill.pass("before-commit");
        const bool refused = faults_.commit_fail_every > 0 && ++commits_ % faults_.commit_fail_every == 0;
        if (refused) co_return fail(unavailable("The chaos log fails this commit."));
        co_await note("commit", source, commit);
        auto committed = co_await inner_->commit(std::move(source), std::move(commit));
        if (committed) faults_.kill.pass("after-commit");
        co_return committed;
    }

    void hold(const TopicPartition& source) override { inner_->hold(source); }
    void resume(const TopicPartition& source) override { inner_->resume(source); }
    void released(const std::vector<TopicPartition>& partitions) override { inner_->released(partitions); }
    void close() override { inner_->close(); }

private:
    asio::awaitable<void> note(std::string_view kind, TopicPartition source, Commit commit) {
        if (!history_.is_kept()) co_return;
        auto topics = co_await log_.describe({});
        if (!topics) co_return;
        if (auto* moving = dynamic_cast<MovingSubscription*>(inner_.get())) {
            commit.offset = moving->physical(source, commit.offset);
        }
        history_.note(kind, source, commit, *topics, faults_.dead_letters);
    }

    std::unique_ptr<Subscription> inner_;
    MessageLog& log_;
    Faults& faults_;
    History& history_;
    std::uint64_t commits_ = 0;
    bool has_fetched_ = false;
};

std::vector<Record> without(std::vector<Record> records, const std::vector<std::optional<Error>>& refused) {
    std::vector<Record> left;
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (!refused[i]) left.push_back(std::move(records[i]));
    }
    return left;
}

}  // namespace

Task<std::vector<Result<Position>>> FaultyLog::publish(std::vector<Record> records) {
    const bool is_letter = !records.empty() && records.front().topic == faults_.dead_letters;
    if (!is_letter) co_return co_await log_.publish(std::move(records));
    if (faults_.letters_down.is_on()) co_return fail(unavailable("The chaos log refuses dead letters."));
    faults_.kill.pass("before-letter");
    std::vector<std::optional<Error>> refused(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (faults_.letter_bytes_max > 0 && records[i].value.value_or("").size() > faults_.letter_bytes_max) {
            ++faults_.letters_refused;
            refused[i] = Error{Errc::invalid_argument, "The chaos log takes no letter of this size."};
        }
    }
    auto published = co_await log_.publish(without(std::move(records), refused));
    if (!published) co_return published;
    faults_.kill.pass("after-letter");
    std::vector<Result<Position>> results;
    results.reserve(refused.size());
    auto next = published->begin();
    for (auto& error : refused) {
        results.push_back(error ? fail(std::move(*error)) : std::move(*next++));
    }
    co_return results;
}

Task<std::vector<TopicInfo>> FaultyLog::describe(std::vector<std::string> topics) {
    auto told = co_await log_.describe(std::move(topics));
    if (!told || moving_ == nullptr) co_return told;
    for (auto& topic : *told) {
        for (auto& partition : topic.partitions) {
            partition.end -= moving_->physical({topic.topic, partition.partition}, 0);
        }
    }
    co_return told;
}

std::unique_ptr<Subscription> FaultyLog::subscribe(std::string group, std::vector<std::string> topics,
                                                   asio::any_io_executor executor) {
    auto inner = log_.subscribe(std::move(group), std::move(topics), executor);
    if (faults_.rebalance_every > 0 || !faults_.lives.empty()) {
        auto moving = std::make_unique<MovingSubscription>(std::move(inner), log_, faults_, executor);
        moving_ = moving.get();
        inner = std::move(moving);
    }
    return std::make_unique<FaultySubscription>(std::move(inner), log_, faults_, history_);
}

}  // namespace productd::chaos
