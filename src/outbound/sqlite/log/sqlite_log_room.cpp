// How much room the log has left, and what it says when there is none: the part of SqliteLogIndex that limits it.
#include <fmt/format.h>

#include "outbound/sqlite/log/sqlite_log_index.hpp"

namespace productd {

void SqliteLogIndex::set_used_bytes(std::int64_t bytes) {
    const std::scoped_lock lock(mutex_);
    used_bytes_ = bytes;
}

std::int64_t SqliteLogIndex::source_bytes() const {
    const std::scoped_lock lock(mutex_);
    return unkept_bytes();
}

bool SqliteLogIndex::is_kept(const std::string& topic) const {
    const std::scoped_lock lock(mutex_);
    const auto found = topics_.find(topic);
    return found != topics_.end() && found->second.kept_bytes_max > 0;
}

Result<> SqliteLogIndex::room() const {
    const std::scoped_lock lock(mutex_);
    for (const auto& [name, topic] : topics_) {
        if (auto room = room_for(name, topic, 0); !room) return room;
    }
    return {};
}

Result<> SqliteLogIndex::room_for(const std::string& name, const Topic& topic, std::int64_t extra) const {
    if (topic.kept_bytes_max > 0) {
        if (bytes_of(topic) < topic.kept_bytes_max + extra) return {};
        return fail(
            unavailable(fmt::format("The topic {} is at its limit of {} bytes: deal with its messages and free "
                                    "them with `productd dlq purge`, or raise Log.DeadLetterReserve.",
                                    name, topic.kept_bytes_max)));
    }
    if (unkept_bytes() < settings_.log_bytes_max) return {};
    return fail(
        unavailable(fmt::format("The log is at its limit of {} bytes because what it holds is not worked off: "
                                "raise Log.BytesMax, or let the worker catch up.",
                                settings_.log_bytes_max)));
}

std::int64_t SqliteLogIndex::bytes_of(const Topic& topic) const {
    std::int64_t bytes = 0;
    for (const auto id : topic.partitions) bytes += partition(id).bytes;
    return bytes;
}

std::int64_t SqliteLogIndex::unkept_bytes() const {
    auto bytes = used_bytes_;
    for (const auto& [name, topic] : topics_) {
        if (topic.kept_bytes_max > 0) bytes -= bytes_of(topic);
    }
    return bytes;
}

}  // namespace productd
