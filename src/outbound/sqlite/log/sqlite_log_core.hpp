// The parts of the embedded log that its subscriptions share with it.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "async/answered.hpp"
#include "outbound/sqlite/log/sqlite_log_reader.hpp"
#include "outbound/sqlite/log/sqlite_log_writer.hpp"

namespace productd {

struct SqliteLogCore {
    explicit SqliteLogCore(SqliteLogSettings given) : settings(std::move(given)), index(settings) {}

    const SqliteLogSettings settings;
    SqliteLogIndex index;
    SqliteLogGroups groups;
    std::optional<StoreMark> store_at_open;  ///< As the file had it.
    std::unique_ptr<SqliteLogReader> reader;
    std::unique_ptr<SqliteLogWriter> writer;  // Uses all of the above; ends first.
    std::atomic<std::int64_t> epoch{0};
};

/// What may be read at a time of what is asked for.
inline FetchRoom delivery(const FetchRoom& asked, const SqliteLogSettings& settings) {
    return {asked.messages, std::min(asked.bytes, static_cast<std::size_t>(settings.fetch_bytes_max))};
}

/// Runs `work` (SqliteLogFile& → Result<T>) on the writer's thread and resumes with what it returned.
template <class T, class Work>
Task<T> on_writer(SqliteLogCore& core, Work work) {
    auto start = [&core, work = std::move(work)](const Answer<T>& answer) mutable {
        const bool taken =
            core.writer->run([answer, work = std::move(work)](SqliteLogFile& file) mutable { answer(work(file)); });
        if (!taken) answer(fail(unavailable("The log is closing.")));
    };
    auto result = co_await answered<T>(std::move(start));
    co_return result;
}

}  // namespace productd
