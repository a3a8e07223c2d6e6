// What the embedded log may still hold: how large one message may be, and how much all of them. For all threads.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "app/ports/message_log.hpp"
#include "outbound/sqlite/log/sqlite_log_settings.hpp"

namespace productd {

/// Kept topics have limits of their own. All other topics share what the file uses beyond them.
class SqliteLogRoom {
public:
    /// `settings` outlives the room.
    explicit SqliteLogRoom(const SqliteLogSettings& settings) : settings_(settings) {}

    /// The messages of `topic` take `bytes` more, or less. The first call makes the topic known.
    void grew(const std::string& topic, std::int64_t bytes);
    /// Pages of the file in use, in bytes.
    void set_used_bytes(std::int64_t bytes);
    /// What the WAL takes beside the file.
    void set_wal_bytes(std::int64_t bytes);
    /// What file and WAL use for all topics but the kept ones.
    std::int64_t source_bytes() const;
    /// The same without the WAL, which does not shrink when messages are dropped.
    std::int64_t message_bytes() const;
    std::int64_t wal_bytes() const;
    bool is_kept(const std::string& topic) const;

    /// Fails with invalid_argument when `record` is too large, and with unavailable when its topic is at its limit. A
    /// purge of dead letters is let in somewhat beyond that, since it makes room.
    Result<> admit(const Record& record) const;
    /// Fails with a sentence while a kept topic or the others have no room.
    Result<> check() const;

private:
    struct Topic {
        std::int64_t bytes_max = 0;  // 0: not kept.
        std::int64_t bytes = 0;
    };

    /// `extra` goes beyond the limit of a kept topic.
    Result<> check(const std::string& name, const Topic& topic, std::int64_t extra) const;
    std::int64_t unkept_bytes() const;

    const SqliteLogSettings& settings_;
    mutable std::mutex mutex_;
    std::map<std::string, Topic, std::less<>> topics_;
    std::int64_t used_bytes_ = 0;
    std::int64_t wal_bytes_ = 0;
};

}  // namespace productd
