// Which store a commit of Kafka rests on: a mark behind the worker's metadata.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "app/ports/message_log.hpp"
#include "outbound/kafka/kafka_client.hpp"

namespace productd {

/// A commit, and the mark of the store that it rests on; nothing where nobody told of one.
struct MarkedCommit {
    Commit commit;
    std::optional<StoreMark> store;
};

/// The commit as Kafka keeps it, with the mark behind the worker's metadata: `@`, incarnation and changes in 16 hex
/// digits each, and the first 8 of the SHA-256 of the offset, `;` and those. Without the mark where that has no room in
/// Kafka's 4,096 bytes.
Commit with_mark(MarkedCommit marked);

/// What with_mark() made, and what a service made that knew no marks. A mark that is damaged, or another commit's, is
/// left in the metadata.
MarkedCommit marked_commit(Commit commit);

/// What a list of the client tells of a partition.
Commit commit_in(const rd_kafka_topic_partition_t& told);
/// Adds a commit to a list, which frees what it is given.
void add_commit(rd_kafka_topic_partition_list_t* list, const TopicPartition& source, const Commit& commit);

/// What a commit rests on that is written now. Any thread.
class KafkaCommitMark {
public:
    void rest_on(std::function<StoreMark()> now);
    /// `before`: what the partition's last commit rests on. It stays where the store now does not have it: it is the
    /// evidence of what is lost. Over a store that keeps its own history (nobody called rest_on()) it becomes a mark
    /// that no file has, since a file that was used before lacks what is finished from now on.
    std::optional<StoreMark> behind(const std::optional<StoreMark>& before) const;

private:
    mutable std::mutex mutex_;
    std::function<StoreMark()> now_;
};

}  // namespace productd
