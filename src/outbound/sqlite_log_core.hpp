// The parts of the embedded log that its subscriptions share with it.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "outbound/sqlite_log_reader.hpp"
#include "outbound/sqlite_log_writer.hpp"

namespace productd {

struct SqliteLogCore {
    explicit SqliteLogCore(SqliteLogSettings given) : settings(std::move(given)), index(settings) {}

    const SqliteLogSettings settings;
    SqliteLogIndex index;
    SqliteLogGroups groups;
    std::unique_ptr<SqliteLogReader> reader;
    std::unique_ptr<SqliteLogWriter> writer;  // Uses all of the above; ends first.
    std::atomic<std::int64_t> epoch{0};
};

template <class T>
using LogAnswer = std::function<void(Result<T>)>;

/// Calls `start` with an answer to be given once from any thread, and resumes here with what it gives. When the caller
/// gives up first it resumes with cancelled, and what was started goes on.
template <class T, class Start>
Task<T> answered(Start start) {
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<T>)>(
        [](auto handler, auto&& begin) {
            auto delivery = std::make_shared<detail::Delivery<T, decltype(handler)>>(std::move(handler));
            delivery->connect();
            begin(LogAnswer<T>([delivery](Result<T> result) { delivery->deliver(std::move(result)); }));
        },
        asio::use_awaitable, std::move(start));
}

/// Runs `work` (SqliteLogFile& → Result<T>) on the writer's thread and resumes with what it returned.
template <class T, class Work>
Task<T> on_writer(SqliteLogCore& core, Work work) {
    auto start = [&core, work = std::move(work)](const LogAnswer<T>& answer) mutable {
        const bool taken =
            core.writer->run([answer, work = std::move(work)](SqliteLogFile& file) mutable { answer(work(file)); });
        if (!taken) answer(fail(unavailable("The log is closing.")));
    };
    auto result = co_await answered<T>(std::move(start));
    co_return result;
}

}  // namespace productd
