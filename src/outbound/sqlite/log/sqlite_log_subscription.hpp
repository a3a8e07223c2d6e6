// One member of a consumer group of the embedded log.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "outbound/sqlite/log/sqlite_log_core.hpp"

namespace productd {

/// Owns all partitions of its topics, since a group has one member at a time; partitions added later are assigned as
/// they come. Reading starts at the commit, or at the first message there is when there is no commit or it is out of
/// range (it is then not told either). A damaged message fails next() with data_loss and stays the next one.
class SqliteLogSubscription final : public Subscription {
public:
    SqliteLogSubscription(std::shared_ptr<SqliteLogCore> core, std::string group, std::vector<std::string> topics,
                          asio::any_io_executor executor);
    /// next() must have ended.
    ~SqliteLogSubscription() override;

    /// Fails with not_found for a topic that is missing, with failed_precondition when the group has another member.
    /// Not to be cancelled by a deadline, which may lose what was fetched: close() ends it.
    Task<SubscriptionEvent> next(FetchRoom room) override;
    Task<> commit(TopicPartition source, Commit commit) override;
    void hold(const TopicPartition& source) override;
    void resume(const TopicPartition& source) override;
    void released(const std::vector<TopicPartition>&) override {}  // Nothing is ever revoked.
    void close() override;

private:
    struct Cursor {
        std::int32_t partition_id = 0;
        TopicPartition source;
        std::int64_t next = 0;
        bool held = false;
    };

    Task<> join();
    Result<Assigned> assign();
    /// The next partition in turn that has messages, if any; `seen` is what memory holds of it.
    Cursor* cursor_with_messages(const FetchRoom& room, SqliteLogIndex::View& seen);
    Task<std::vector<Message>> fetch(Cursor& cursor, SqliteLogIndex::View seen, FetchRoom room);
    Cursor* find(const TopicPartition& source);

    std::shared_ptr<SqliteLogCore> core_;
    std::string group_;
    std::vector<std::string> topics_;
    std::shared_ptr<Waker> waker_;
    bool member_ = false;
    bool joined_ = false;
    bool closed_ = false;
    std::size_t layout_ = 0;  // How many partitions the log had when we last looked.
    std::vector<Cursor> cursors_;
    std::size_t turn_ = 0;
};

}  // namespace productd
