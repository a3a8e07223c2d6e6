// The event log and its consumer groups: a port. Every method may be called from any thread unless it
// says otherwise; a Task resumes on its caller's executor.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "app/ports/fetch_room.hpp"
#include "app/ports/headers.hpp"
#include "app/ports/store_mark.hpp"
#include "async/async.hpp"
#include "domain/position.hpp"
#include "domain/product.hpp"

namespace productd {

/// A message to publish. Key and value may be absent, and any bytes.
struct Record {
    std::string topic;
    std::optional<std::int32_t> partition;  ///< Nothing: by the key (murmur2, as Kafka's), or any without a key.
    std::optional<std::string> key;
    std::optional<std::string> value;
    Headers headers;
    Timestamp time{};
};

/// A message read.
struct Message {
    Position position;
    std::optional<std::string> key;
    std::optional<std::string> value;
    Headers headers;
};

/// What a message counts for where bytes are bounded: key, value and headers, and for each message as much again as
/// keeps many small ones from taking more than one large one of the same size.
std::size_t wire_bytes(const Message& message);
constexpr std::size_t wire_bytes_of_any = 256;  ///< What is counted beside key, value and headers.

/// The group's place in a partition: everything below `offset` is finished. `metadata` (ASCII, at most 4,096 bytes)
/// remembers what is finished above it.
struct Commit {
    std::int64_t offset = 0;
    std::string metadata;
};

/// Fails with invalid_argument for metadata that is too long or not ASCII.
Result<> check_metadata(const Commit& commit);

struct PartitionInfo {
    std::int32_t partition = 0;
    std::int64_t begin = 0;  ///< The first offset still there.
    std::int64_t end = 0;    ///< The offset the next message gets.
    bool operator==(const PartitionInfo&) const = default;
};

struct TopicInfo {
    std::string topic;
    std::vector<PartitionInfo> partitions;
    bool operator==(const TopicInfo&) const = default;
};

struct TopicSpec {
    std::string topic;
    std::int32_t partitions = 3;
};

/// Partitions this subscriber now owns, each with where the group stands. Epochs rise with each assignment.
struct Assigned {
    struct Partition {
        TopicPartition source;
        std::optional<Commit> commit;  ///< Nothing: the group never committed here; reading starts at the beginning.
        std::int64_t epoch = 0;
        std::int64_t begin = 0;    ///< The first offset that will be delivered.
        std::int64_t end = 0;      ///< The log's end when it was assigned.
        bool is_end_known = true;  ///< Else nobody could tell it, and `end` is no more than where the group stands.
    };
    std::vector<Partition> partitions;
};

/// Partitions to let go: drain, commit, then call Subscription::released().
struct Revoked {
    std::vector<TopicPartition> partitions;
    bool is_lost = false;  ///< Another member may have them already: nothing is committed any more.
};

/// Records of one partition, in order.
struct Records {
    TopicPartition source;
    std::vector<Message> messages;
    std::int64_t end = 0;  ///< The log's end when they were fetched: at `end` the reader has caught up.
    /// Below it nothing more comes, not even messages: a log has offsets without one. 0: unsaid.
    std::int64_t next = 0;
};

using SubscriptionEvent = std::variant<Records, Assigned, Revoked>;

/// One member of a consumer group. All methods are called from the executor it was made for, one next() at a time.
class Subscription {
public:
    virtual ~Subscription() = default;

    /// Waits for the next event: no more records at a time than `room` has room for. With none it does not wait and
    /// tells only of partitions, empty Records when there is nothing to tell. Fails with cancelled after close().
    virtual Task<SubscriptionEvent> next(FetchRoom room) = 0;
    virtual Task<> commit(TopicPartition source, Commit commit) = 0;
    /// Several, in one request where the log has that. One result each, in the order given.
    virtual Task<std::vector<Result<>>> commit_all(std::vector<std::pair<TopicPartition, Commit>> commits);
    /// Delivers nothing more of a partition until resume(); what was fetched stays.
    virtual void hold(const TopicPartition& source) = 0;
    virtual void resume(const TopicPartition& source) = 0;
    virtual void released(const std::vector<TopicPartition>& partitions) = 0;
    /// Ends next() with cancelled; nothing more is delivered, and commit() still works. The destructor leaves the
    /// group; what was not committed is delivered again.
    virtual void close() = 0;
};

class MessageLog {
public:
    virtual ~MessageLog() = default;

    /// Resumes once each record is durable, in the order given, with its position or why it was refused. Records of
    /// one call that fail one by one do not stop the others.
    virtual Task<std::vector<Result<Position>>> publish(std::vector<Record> records) = 0;
    virtual std::unique_ptr<Subscription> subscribe(std::string group, std::vector<std::string> topics,
                                                    asio::any_io_executor executor) = 0;
    /// At most `max` messages from `from` on, without a group; fewer at the end.
    virtual Task<std::vector<Message>> read(TopicPartition source, std::int64_t from, std::size_t max) = 0;
    /// Drops every message below `before`.
    virtual Task<> trim(TopicPartition source, std::int64_t before) = 0;
    /// Makes the topics that are missing; returns the names it made.
    virtual Task<std::vector<std::string>> create(std::vector<TopicSpec> topics) = 0;
    /// Those of the named topics that there are, and perhaps others; all of them where none is named.
    virtual Task<std::vector<TopicInfo>> describe(std::vector<std::string> topics) = 0;
    /// Where a group stands, for every partition it ever committed.
    virtual Task<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string group) = 0;
    /// Fails with one sentence while the log cannot take writes.
    virtual Task<> check() = 0;
    /// What the store's mark was when the log was opened, with the last commits; nothing where it was never told.
    virtual std::optional<StoreMark> store_behind_commits() const { return std::nullopt; }
    /// Remembers the store's mark now, and again with each commit that is written. `mark` is called on any thread.
    virtual Task<> rest_on(std::function<StoreMark()>) { co_return Result<>{}; }
    /// Writes what was taken, ends what runs in the background and blocks meanwhile; the subscriptions have ended.
    /// False when something still runs at the deadline: then nothing of it may be taken apart.
    virtual bool close(Deadline) { return true; }
};

}  // namespace productd
