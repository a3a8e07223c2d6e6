// Topics and ends in memory. Calls murmur2 for the partition of a key, and the room.
#include "outbound/sqlite/log/sqlite_log_index.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/murmur2.hpp"

namespace productd {

namespace {

Error unknown_topic(const std::string& topic) {
    return {Errc::not_found,
            fmt::format("There is no topic {}: make it with `productd topics create {}`.", topic, topic)};
}

Error unknown_partition(const TopicPartition& source, std::size_t partitions) {
    return invalid(fmt::format("The topic {} has the partitions 0 to {}, not {}.", source.topic, partitions - 1,
                               source.partition));
}

}  // namespace

SqliteLogIndex::SqliteLogIndex(const SqliteLogSettings& settings) : room_(settings), tail_(settings.tail_bytes_max) {}

void SqliteLogIndex::add(const std::vector<SqliteLogPartition>& partitions) {
    const std::scoped_lock lock(mutex_);
    for (const auto& added : partitions) {
        partitions_.push_back(added);
        topics_[added.source.topic].partitions.push_back(added.id);
        room_.grew(added.source.topic, added.bytes);
    }
    wake_all();
}

std::size_t SqliteLogIndex::size() const {
    const std::scoped_lock lock(mutex_);
    return partitions_.size();
}

std::vector<SqliteLogPartition> SqliteLogIndex::partitions() const {
    const std::scoped_lock lock(mutex_);
    return {partitions_.begin(), partitions_.end()};
}

std::vector<TopicInfo> SqliteLogIndex::describe() const {
    const std::scoped_lock lock(mutex_);
    std::vector<TopicInfo> infos;
    for (const auto& [name, topic] : topics_) {
        auto& info = infos.emplace_back(TopicInfo{name, {}});
        for (const auto id : topic.partitions) {
            const auto& found = partition(id);
            info.partitions.push_back({found.source.partition, found.begin, found.end});
        }
    }
    return infos;
}

Result<SqliteLogPartition> SqliteLogIndex::find(const TopicPartition& source) const {
    const std::scoped_lock lock(mutex_);
    const auto topic = topics_.find(source.topic);
    if (topic == topics_.end()) return fail(unknown_topic(source.topic));
    const auto& ids = topic->second.partitions;
    if (source.partition < 0 || static_cast<std::size_t>(source.partition) >= ids.size()) {
        return fail(unknown_partition(source, ids.size()));
    }
    return partition(ids[static_cast<std::size_t>(source.partition)]);
}

Result<std::vector<SqliteLogPartition>> SqliteLogIndex::partitions_of(const std::vector<std::string>& topics) const {
    const std::scoped_lock lock(mutex_);
    std::vector<SqliteLogPartition> found;
    for (const auto& name : topics) {
        const auto topic = topics_.find(name);
        if (topic == topics_.end()) return fail(unknown_topic(name));
        for (const auto id : topic->second.partitions) found.push_back(partition(id));
    }
    return found;
}

const TopicPartition& SqliteLogIndex::source_of(std::int32_t partition_id) const {
    const std::scoped_lock lock(mutex_);
    return partition(partition_id).source;
}

std::int64_t SqliteLogIndex::end_of(std::int32_t partition_id) const {
    const std::scoped_lock lock(mutex_);
    return partition(partition_id).end;
}

std::vector<Result<std::int32_t>> SqliteLogIndex::place(const std::vector<Record>& records) {
    const std::scoped_lock lock(mutex_);
    std::vector<Result<std::int32_t>> places;
    places.reserve(records.size());
    for (const auto& record : records) places.push_back(place(record));
    return places;
}

Result<std::int32_t> SqliteLogIndex::place(const Record& record) {
    const auto found = topics_.find(record.topic);
    if (found == topics_.end()) return fail(unknown_topic(record.topic));
    auto& topic = found->second;
    const auto count = static_cast<std::int32_t>(topic.partitions.size());
    if (record.partition && (*record.partition < 0 || *record.partition >= count)) {
        return fail(unknown_partition({record.topic, *record.partition}, topic.partitions.size()));
    }
    if (auto admitted = room_.admit(record); !admitted) return fail(std::move(admitted).error());
    std::int32_t number = 0;
    if (record.partition) {
        number = *record.partition;
    } else if (record.key) {
        number = partition_of(*record.key, count);
    } else {
        number = static_cast<std::int32_t>(topic.keyless++ % static_cast<std::uint32_t>(count));
    }
    return topic.partitions[static_cast<std::size_t>(number)];
}

void SqliteLogIndex::appended(const std::vector<SqliteLogAppended>& messages) {
    const std::scoped_lock lock(mutex_);
    struct Grown {
        const std::string& name;
        const Topic& topic;
        std::int64_t bytes;
    };
    std::vector<Grown> grown;  // An entry for each run of messages of one topic.
    for (const auto& [id, bytes, message] : messages) {
        auto& written = partition(id);
        written.end = message->position.offset + 1;
        written.bytes += bytes;
        const auto& name = written.source.topic;
        if (grown.empty() || grown.back().name != name) grown.push_back({name, topics_.find(name)->second, 0});
        grown.back().bytes += bytes;
        if (grown.back().topic.followers.empty()) {
            tail_.forget(id);
        } else {
            tail_.keep(id, message);
        }
    }
    for (const auto& [name, topic, bytes] : grown) {
        room_.grew(name, bytes);
        for (const auto& follower : topic.followers) follower->wake();
    }
}

void SqliteLogIndex::dropped(std::int32_t partition_id, std::int64_t begin, std::int64_t bytes) {
    const std::scoped_lock lock(mutex_);
    auto& trimmed = partition(partition_id);
    trimmed.begin = std::max(trimmed.begin, begin);
    const auto freed = std::min(bytes, trimmed.bytes);
    trimmed.bytes -= freed;
    room_.grew(trimmed.source.topic, -freed);
}

SqliteLogIndex::View SqliteLogIndex::view(std::int32_t partition_id, std::int64_t from, const FetchRoom& room) const {
    const std::scoped_lock lock(mutex_);
    const auto& seen = partition(partition_id);
    View view{seen.begin, seen.end, {}};
    if (from >= seen.begin && from < seen.end) view.messages = tail_.read(partition_id, from, room);
    return view;
}

void SqliteLogIndex::follow(const std::vector<std::string>& topics, const std::shared_ptr<Waker>& waker) {
    const std::scoped_lock lock(mutex_);
    for (const auto& name : topics) {
        if (const auto topic = topics_.find(name); topic != topics_.end()) topic->second.followers.push_back(waker);
    }
}

void SqliteLogIndex::unfollow(const std::shared_ptr<Waker>& waker) {
    const std::scoped_lock lock(mutex_);
    for (auto& [name, topic] : topics_) {
        if (std::erase(topic.followers, waker) == 0 || !topic.followers.empty()) continue;
        for (const auto id : topic.partitions) tail_.forget(id);
    }
}

void SqliteLogIndex::wake_all() const {
    for (const auto& [name, topic] : topics_) {
        for (const auto& follower : topic.followers) follower->wake();
    }
}

void SqliteLogIndex::close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    wake_all();
}

bool SqliteLogIndex::closed() const {
    const std::scoped_lock lock(mutex_);
    return closed_;
}

}  // namespace productd
