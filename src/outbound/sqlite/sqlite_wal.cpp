// When the WAL is emptied, and how long the writer waits for readers. Calls SQLite's checkpoint and looks at the file's
// size by its name: closing a descriptor of it would drop SQLite's locks.
#include "outbound/sqlite/sqlite_wal.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace productd {

namespace {

using namespace std::chrono_literals;

/// What a writer waits for short reads, without being missed.
constexpr auto brief = 50ms;

}  // namespace

SqliteWal::SqliteWal(const SqliteFile& file, std::chrono::milliseconds read_time_max)
    : path_(file.path.string() + "-wal"),
      bytes_max_(file.wal_bytes_max),
      small_(file.wal_bytes_small()),
      read_time_max_(read_time_max),
      next_attempt_(small_) {}

void SqliteWal::look() {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(path_, error);
    bytes_ = error ? 0 : static_cast<std::int64_t>(bytes);
}

void SqliteWal::attempt(SqliteDatabase& database, std::chrono::milliseconds wait) {
    database.checkpoint(wait);
    look();
    // After one in vain the next is worth its wait only when there is more to win.
    next_attempt_ = bytes_ <= small_ ? small_ : bytes_ + small_ / 2;
}

void SqliteWal::tend(SqliteDatabase& database) {
    look();
    if (bytes_ <= next_attempt_) return;
    attempt(database, bytes_ > bytes_max_ / 2 ? read_time_max_ : brief);
}

bool SqliteWal::empty(SqliteDatabase& database) {
    look();
    if (bytes_ > small_) attempt(database, brief);
    return bytes_ <= small_;
}

Result<> SqliteWal::check_room(SqliteDatabase& database, std::string_view setting) {
    if (bytes_ <= bytes_max_ || empty(database) || bytes_ <= bytes_max_) return {};
    return fail(unavailable(
        "The store takes no writes now: try again later.",
        fmt::format(
            "{} has {} bytes, because another program is in the middle of reading {}: end that program, or raise {}.",
            path_.filename().string(), bytes_, database.file_name(), setting)));
}

}  // namespace productd
