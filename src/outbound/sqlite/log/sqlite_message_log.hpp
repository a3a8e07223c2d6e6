// The embedded event log: topics, partitions and consumer groups in one SQLite file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/ports/message_log.hpp"
#include "outbound/sqlite/log/sqlite_log_settings.hpp"

namespace productd {

struct SqliteLogCore;

/// Durable: publish() answers once the messages are synced to disk. One thread writes and syncs for all who wait; one
/// thread reads what memory no longer has. An I/O error or a full disk fails the calls it meets, takes nothing half,
/// and is over once there is room.
class SqliteMessageLog final : public MessageLog {
public:
    /// Creates the file when it is missing. Fails with data_loss for a damaged file, with failed_precondition for a
    /// foreign, newer or unwritable one, and leaves it as it was. Takes milliseconds, however much is in it.
    static Result<std::unique_ptr<SqliteMessageLog>> open(SqliteLogSettings settings);
    ~SqliteMessageLog() override;

    /// As the port says. The call fails as a whole with resource_exhausted when the queue is full, and with unavailable
    /// when its transaction failed: then none of it is stored, or, after a crash of the disk, that is unknown.
    Task<std::vector<Result<Position>>> publish(std::vector<Record> records) override;
    /// The subscription must end before the log; what is wrong with the request is told by its first next().
    std::unique_ptr<Subscription> subscribe(std::string group, std::vector<std::string> topics,
                                            asio::any_io_executor executor) override;
    /// out_of_range below the first message or beyond the end. A read returns about `fetch_bytes_max` at most.
    Task<std::vector<Message>> read(TopicPartition source, std::int64_t from, std::size_t max) override;
    /// Also what no group has committed. out_of_range beyond the end. In steps, so that writers do not wait for it.
    Task<> trim(TopicPartition source, std::int64_t before) override;
    /// A topic that has fewer partitions than asked gets the missing ones, and its name is returned too.
    Task<std::vector<std::string>> create(std::vector<TopicSpec> topics) override;
    Task<std::vector<TopicInfo>> describe(std::vector<std::string>) override;
    Task<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string group) override;
    std::optional<StoreMark> store_behind_commits() const override;
    Task<> rest_on(std::function<StoreMark()> mark) override;
    /// After a failed write it tries one, so it tells the truth also when nobody publishes.
    Task<> check() override;

    /// Ends subscriptions, writes what is queued and committed, empties the WAL, joins the threads. Blocks meanwhile.
    /// Later calls fail with unavailable. Idempotent; the destructor calls it.
    bool close(Deadline deadline) override;

    SqliteLogCounts counts() const;

private:
    explicit SqliteMessageLog(std::shared_ptr<SqliteLogCore> core) : core_(std::move(core)) {}

    std::shared_ptr<SqliteLogCore> core_;
};

}  // namespace productd
