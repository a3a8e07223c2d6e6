// A log that fails as the faults say, in front of a real one.
#pragma once

#include "app/ports/message_log.hpp"
#include "chaos/node/history.hpp"

namespace productd::chaos {

class MovingSubscription;

class FaultyLog final : public MessageLog {
public:
    FaultyLog(MessageLog& log, Faults& faults, History& history) : log_(log), faults_(faults), history_(history) {}

    Task<std::vector<Result<Position>>> publish(std::vector<Record> records) override;
    std::unique_ptr<Subscription> subscribe(std::string group, std::vector<std::string> topics,
                                            asio::any_io_executor executor) override;
    Task<std::vector<Message>> read(TopicPartition source, std::int64_t from, std::size_t max) override {
        return log_.read(std::move(source), from, max);
    }
    Task<> trim(TopicPartition source, std::int64_t before) override { return log_.trim(std::move(source), before); }
    Task<std::vector<std::string>> create(std::vector<TopicSpec> topics) override {
        return log_.create(std::move(topics));
    }
    /// Where the partitions seem to end: what was made anew began at 0 again.
    Task<std::vector<TopicInfo>> describe(std::vector<std::string> topics) override;
    Task<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string group) override {
        return log_.commits(std::move(group));
    }
    Task<> check() override { return log_.check(); }

private:
    MessageLog& log_;
    MovingSubscription* moving_ = nullptr;  ///< The worker's, which lives as long as it asks.
    Faults& faults_;
    History& history_;
};

}  // namespace productd::chaos
