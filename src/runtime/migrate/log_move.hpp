// Unread messages and dead letters of the embedded log, published to another log: each once, a key's in their order.
#pragma once

#include "codec/sha256.hpp"
#include "runtime/migrate/log_plan.hpp"

namespace productd {

struct MessageCounts {
    std::string topic;           ///< Here.
    std::uint64_t finished = 0;  ///< Read and left: their effect is in the products, or in a dead letter.
    std::uint64_t moved = 0;     ///< With a dry run: would be.
    std::uint64_t there = 0;     ///< Since an earlier run.
};

class LogMove {
public:
    using Told = std::function<void(const MessageCounts&)>;

    /// All outlive it. The topics there have been made.
    LogMove(LogPlan& plan, MessageLog& to, bool dry_run, Told told)
        : plan_(plan), to_(to), dry_run_(dry_run), told_(std::move(told)) {}

    /// Publishes what is not there. Fails where a log does: brokers may still get what was on its way, so let them come
    /// to rest before it is run again.
    Task<std::vector<MessageCounts>> run();
    /// Reads both once more: the SHA-256 over all that were to be moved. Fails with data_loss where one is missing, is
    /// there twice, says something else, or stands before one that was before it.
    Task<std::string> verify();

private:
    using Records = std::vector<LogPlan::Wanted>;

    Task<MovedMessages> found_there(std::string topic);
    Task<MessageCounts> move(LogPlan::Topic topic);
    Task<> publish(Records records);
    Task<> verify_topic(LogPlan::Topic topic, Sha256& sum);

    LogPlan& plan_;
    MessageLog& to_;
    bool dry_run_;
    Told told_;
};

}  // namespace productd
