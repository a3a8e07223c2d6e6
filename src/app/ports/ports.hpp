// Whom the use cases call: six ports, no technology. Every method may be called from any thread unless it says
// otherwise; a Task resumes on its caller's executor.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/ports/product_cache.hpp"
#include "async/async.hpp"
#include "domain/decide.hpp"
#include "domain/position.hpp"
#include "domain/product.hpp"

namespace productd {

// ---------------------------------------------------------------------------------------------- products

/// One compare-and-set: `next` is stored if the stored version still is `expected` (nothing: nothing is stored).
struct ProductWrite {
    std::optional<Version> expected;
    Stored next;  ///< A product or a tombstone, never Nothing.
};

/// What became of one write: stored; Errc::aborted when another version is stored; or why this item alone failed.
using WriteOutcome = Result<>;

struct SearchQuery {
    std::string text;                 ///< Data, never a pattern. Empty matches every product.
    std::int64_t page = 1;            ///< From 1.
    std::int64_t size = 10;           ///< 1 to 100.
    std::int64_t count_max = 10'000;  ///< Counting stops there.
};

struct SearchPage {
    std::vector<Product> products;  ///< Newest first (createdAt), then by id ascending.
    std::int64_t total_count = 0;   ///< At most count_max.
    bool total_count_capped = false;
};

/// Whether there is a page behind this one. Above the count's cap a full page says so.
inline bool has_more(const SearchQuery& query, const SearchPage& page) {
    const bool is_full = static_cast<std::int64_t>(page.products.size()) == query.size;
    return query.page * query.size < page.total_count || (page.total_count_capped && is_full);
}

class ProductStore {
public:
    virtual ~ProductStore() = default;

    /// What is stored under each id, in the order asked.
    virtual Task<std::vector<Stored>> find(std::vector<ProductId> ids) = 0;
    /// Writes in bulk, an outcome for each item in its order. The ids are distinct. The call as a whole fails only
    /// when nothing is known of any item (unavailable, deadline_exceeded).
    virtual Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes) = 0;
    virtual Task<SearchPage> search(SearchQuery query) = 0;
    /// Fails with one sentence while the store cannot serve.
    virtual Task<> check() = 0;
};

// ---------------------------------------------------------------------------------------------- log

struct Header {
    std::string name;
    std::string value;
    bool operator==(const Header&) const = default;
};

/// A message to publish. Key and value may be absent, and any bytes.
struct Record {
    std::string topic;
    std::optional<std::int32_t> partition;  ///< Nothing: by the key (murmur2, as Kafka's), or any without a key.
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<Header> headers;
    Timestamp time{};
};

/// A message read.
struct Message {
    Position position;
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<Header> headers;
};

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
};

struct TopicInfo {
    std::string topic;
    std::vector<PartitionInfo> partitions;
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
        std::int64_t begin = 0;  ///< The first offset that will be delivered.
        std::int64_t end = 0;    ///< The log's end when it was assigned.
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

    /// Waits for the next event. At most `messages_max` records at a time; with 0 it does not wait and tells only of
    /// partitions, empty Records when there is nothing to tell. Fails with cancelled after close().
    virtual Task<SubscriptionEvent> next(std::size_t messages_max) = 0;
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
    /// Writes what was taken, ends what runs in the background and blocks meanwhile; the subscriptions have ended.
    /// False when something still runs at the deadline: then nothing of it may be taken apart.
    virtual bool close(Deadline) { return true; }
};

// ---------------------------------------------------------------------------------------------- time and ids

class Clock {
public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
};

class Ids {
public:
    virtual ~Ids() = default;
    virtual ProductId next() = 0;       ///< Unique; ascending within a process.
    virtual std::string wait_id() = 0;  ///< Random, 32 hex digits.
};

}  // namespace productd
