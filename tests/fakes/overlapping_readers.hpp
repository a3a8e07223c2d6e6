// Readers of a SQLite file of which there is always one in the middle of its transaction: each begins before the last
// one ends. For tests.
#pragma once

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <latch>
#include <stdexcept>
#include <thread>

namespace productd {

class OverlappingReaders {
public:
    explicit OverlappingReaders(const std::filesystem::path& path) {
        for (auto& connection : connections_) {
            if (sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
                throw std::runtime_error(sqlite3_errmsg(connection));
            }
            sqlite3_busy_timeout(connection, 10'000);
        }
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
        reading_.wait();
    }
    ~OverlappingReaders() {
        thread_ = {};
        for (auto* connection : connections_) sqlite3_close(connection);
    }
    OverlappingReaders(const OverlappingReaders&) = delete;
    OverlappingReaders& operator=(const OverlappingReaders&) = delete;

    /// Transactions that were begun.
    int count() const { return count_; }

private:
    void run(const std::stop_token& stop) {
        begin(0);
        reading_.count_down();
        std::size_t open = 0;
        while (!stop.stop_requested()) {
            begin(1 - open);
            sqlite3_exec(connections_[open], "COMMIT", nullptr, nullptr, nullptr);
            open = 1 - open;
        }
        sqlite3_exec(connections_[open], "COMMIT", nullptr, nullptr, nullptr);
    }
    void begin(std::size_t which) {
        sqlite3_exec(connections_[which], "BEGIN; SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr);
        ++count_;
    }

    std::array<sqlite3*, 2> connections_{};
    std::atomic<int> count_{0};
    std::latch reading_{1};
    std::jthread thread_;
};

/// A reader in the middle of its transaction until it is gone.
class StuckReader {
public:
    explicit StuckReader(const std::filesystem::path& path) {
        if (sqlite3_open_v2(path.c_str(), &connection_, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK ||
            sqlite3_exec(connection_, "BEGIN; SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr) !=
                SQLITE_OK) {
            throw std::runtime_error(sqlite3_errmsg(connection_));
        }
    }
    ~StuckReader() { sqlite3_close(connection_); }
    StuckReader(const StuckReader&) = delete;
    StuckReader& operator=(const StuckReader&) = delete;

private:
    sqlite3* connection_ = nullptr;
};

}  // namespace productd
