// The limits of the log, and the sentences it refuses with. Calls nothing that waits.
#include "outbound/sqlite/log/sqlite_log_room.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/letters/dead_letter_state.hpp"

namespace productd {

namespace {

/// A header counts for more than its text, as it takes more in a dead letter.
std::int64_t content_bytes(const Record& record) {
    constexpr std::size_t header_bytes = 32;
    std::size_t bytes = (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
    for (const auto& header : record.headers) bytes += header.name.size() + header.value.size() + header_bytes;
    return static_cast<std::int64_t>(bytes);
}

}  // namespace

void SqliteLogRoom::grew(const std::string& topic, std::int64_t bytes) {
    const std::scoped_lock lock(mutex_);
    const auto [found, is_new] = topics_.try_emplace(topic);
    found->second.bytes += bytes;
    if (!is_new) return;
    const auto kept = std::ranges::find(settings_.kept_topics, topic, &SqliteLogKeptTopic::topic);
    if (kept != settings_.kept_topics.end()) found->second.bytes_max = kept->bytes_max;
}

void SqliteLogRoom::set_used_bytes(std::int64_t bytes) {
    const std::scoped_lock lock(mutex_);
    used_bytes_ = bytes;
}

void SqliteLogRoom::set_wal_bytes(std::int64_t bytes) {
    const std::scoped_lock lock(mutex_);
    wal_bytes_ = bytes;
}

std::int64_t SqliteLogRoom::source_bytes() const {
    const std::scoped_lock lock(mutex_);
    return unkept_bytes() + wal_bytes_;
}

std::int64_t SqliteLogRoom::message_bytes() const {
    const std::scoped_lock lock(mutex_);
    return unkept_bytes();
}

std::int64_t SqliteLogRoom::wal_bytes() const {
    const std::scoped_lock lock(mutex_);
    return wal_bytes_;
}

bool SqliteLogRoom::is_kept(const std::string& topic) const {
    const std::scoped_lock lock(mutex_);
    const auto found = topics_.find(topic);
    return found != topics_.end() && found->second.bytes_max > 0;
}

Result<> SqliteLogRoom::admit(const Record& record) const {
    const std::scoped_lock lock(mutex_);
    const auto found = topics_.find(record.topic);
    const auto topic = found == topics_.end() ? Topic{} : found->second;
    const auto bytes_max = settings_.record_bytes_max * (topic.bytes_max > 0 ? 3 : 1);
    if (const auto bytes = content_bytes(record); bytes > bytes_max) {
        return fail(Error{Errc::invalid_argument,
                          fmt::format("The message has {} bytes; at most {} are allowed.", bytes, bytes_max),
                          {},
                          "see Log.MessageBytesMax"});
    }
    const bool is_purge = std::ranges::find(record.headers, purge_header, &Header::name) != record.headers.end();
    return check(record.topic, topic, is_purge ? topic.bytes_max / 4 : 0);
}

Result<> SqliteLogRoom::check() const {
    const std::scoped_lock lock(mutex_);
    for (const auto& [name, topic] : topics_) {
        if (auto room = check(name, topic, 0); !room) return room;
    }
    return {};
}

Result<> SqliteLogRoom::check(const std::string& name, const Topic& topic, std::int64_t extra) const {
    if (topic.bytes_max > 0) {
        if (topic.bytes < topic.bytes_max + extra) return {};
        return fail(unavailable(fmt::format("The topic {} is full.", name),
                                fmt::format("It is at its limit of {} bytes: deal with its messages and free them with "
                                            "`productd dlq purge`, or raise Log.DeadLetterReserve.",
                                            topic.bytes_max)));
    }
    if (unkept_bytes() + wal_bytes_ < settings_.log_bytes_max) return {};
    if (unkept_bytes() < settings_.log_bytes_max / 10 * 9) {
        return fail(unavailable("The event log is full: try again later.",
                                fmt::format("It is at its limit of {} bytes, {} of them in log.db-wal, because another "
                                            "program is in the middle of reading log.db: end that program, or raise "
                                            "Log.BytesMax.",
                                            settings_.log_bytes_max, wal_bytes_)));
    }
    return fail(unavailable("The event log is full: try again later.",
                            fmt::format("It is at its limit of {} bytes because what it holds is not worked off: raise "
                                        "Log.BytesMax, or let the worker catch up.",
                                        settings_.log_bytes_max)));
}

std::int64_t SqliteLogRoom::unkept_bytes() const {
    auto bytes = used_bytes_;
    for (const auto& [name, topic] : topics_) {
        if (topic.bytes_max > 0) bytes -= topic.bytes;
    }
    return bytes;
}

}  // namespace productd
