// A new file beside the old one, and a rename. Calls the replay of the log, and SQLite through the store.
#include "runtime/rebuild_store.hpp"

#include <fmt/format.h>

#include "outbound/kafka/kafka_settle.hpp"
#include "outbound/memory/memory_product_cache.hpp"
#include "outbound/sqlite/store/sqlite_product_store.hpp"
#include "outbound/sqlite/store/sqlite_store_mark.hpp"
#include "outbound/sqlite/store/sqlite_store_schema.hpp"
#include "runtime/backup/file_bytes.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/data_files.hpp"
#include "runtime/engine.hpp"
#include "runtime/io_threads.hpp"
#include "runtime/service_settings.hpp"
#include "runtime/system_ports.hpp"

namespace productd {

namespace {

using Path = std::filesystem::path;

constexpr std::int64_t page_cache_bytes = 8 << 20;

Path with(const Path& path, const std::string& behind) { return path.string() + behind; }

void remove_database(const Path& path) {
    std::error_code ignored;
    for (const auto* part : {"", "-wal", "-shm"}) std::filesystem::remove(with(path, part), ignored);
}

Error cannot_be_made(const Path& path, const std::error_code& error) {
    return {Errc::failed_precondition,
            fmt::format("{} cannot be made: {}. The store is as it was.", path.string(), error.message())};
}

/// Empties the file's WAL into it. Fails with data_loss where it cannot be read from one end to the other.
Result<> settle(const Path& path) {
    auto database = SqliteDatabase::open(store_file(path, page_cache_bytes));
    if (!database) return fail(std::move(database).error());
    auto problems = database->number("SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'");
    if (!problems) return fail(std::move(problems).error());
    if (*problems != 0) return fail(Errc::data_loss, "The store is damaged.");
    database->checkpoint();
    return {};
}

/// Whether `unfinished` is now a copy of the store; false where there is no store that can be read.
Result<bool> copy_store(const Path& store, const Path& unfinished) {
    std::error_code error;
    if (!std::filesystem::exists(store, error)) return false;
    auto settled = settle(store);
    if (!settled && settled.error().code == Errc::data_loss) return false;
    if (!settled) return fail(std::move(settled).error());
    std::filesystem::copy_file(store, unfinished, error);
    if (error) return fail(cannot_be_made(unfinished, error));
    return true;
}

/// The file becomes another one: what it is given in the log's order no other file of its past was.
Result<> renew_mark(const Path& unfinished) {
    auto database = SqliteDatabase::open(store_file(unfinished, page_cache_bytes));
    if (!database) return fail(std::move(database).error());
    auto renewed = renew_store_mark(*database);
    if (!renewed) return fail(std::move(renewed).error());
    return {};
}

/// Before anything is made: that there is a log, and on Kafka nobody else who applies it.
Result<> check_log(const Config& config, MessageLog& log, const asio::any_io_executor& executor) {
    if (!log_is_kafka(config)) return {};
    if (auto there = wait_for(executor, prepare_topics(log, config)); !there) return there;
    return settle_commits(kafka_settings(config), group_id(config), std::nullopt);
}

/// Has what the log calls finished rest on the new file.
Result<> settle(const Config& config, MessageLog& log, StoreMark mark, const asio::any_io_executor& executor) {
    if (log_is_kafka(config)) return settle_commits(kafka_settings(config), group_id(config), mark);
    return wait_for(executor, log.rest_on([mark] { return mark; }));
}

Result<LogReplayCounts> replay(const Config& config, MessageLog& log, ProductStore& store, const LogReplay::Told& told,
                               const asio::any_io_executor& executor) {
    MemoryProductCache cache(config.cache);
    ChangeApplier applier(store, cache, config.catalog.product_bytes_max);
    const SystemClock clock;
    LogReplay replay(log, applier, clock, topic_names(config), told);
    return wait_for(executor, replay.run());
}

/// A store that could not be read goes aside; else its place is taken at once.
Result<> put_in_place(const Path& unfinished, const Path& store, RebuiltStore& rebuilt) {
    std::error_code error;
    if (!rebuilt.is_from_file && std::filesystem::exists(store, error)) {
        const auto now = std::chrono::system_clock::now().time_since_epoch() / std::chrono::milliseconds(1);
        rebuilt.put_aside = with(store, fmt::format(".damaged-{}", now));
        for (const auto* part : {"-wal", "-shm", ""}) {
            std::filesystem::rename(with(store, part), with(*rebuilt.put_aside, part), error);
        }
    }
    // Empty, and of the file that goes: the new one must not be read through them.
    for (const auto* part : {"-wal", "-shm"}) std::filesystem::remove(with(store, part), error);
    std::filesystem::rename(unfinished, store, error);
    if (error) return fail(cannot_be_made(store, error));
    sync_folder(store.parent_path());
    return {};
}

}  // namespace

Result<RebuiltStore> rebuild_store(const Config& config, const LogReplay::Told& told) {
    const auto store_path = embedded_store(config);
    if (!store_path) {
        return fail(Errc::failed_precondition,
                    "The products are on a server (store: mongodb): there is no file to make.");
    }
    const auto files = data_files(config);
    const auto log_path = embedded_log(config);
    const auto has_log = log_path ? is_data_there(*log_path) : true;
    if (!has_log) return fail(has_log.error());
    if (!*has_log) {
        return fail(Errc::not_found, fmt::format("There is no event log in {}; choose the folder with --data-dir.",
                                                 files.folder.string()));
    }
    auto directory = DataDirectory::open(files.folder);
    if (!directory) return fail(std::move(directory).error());
    auto log = open_message_log(config, OpenedBy::command);
    if (!log) return fail(std::move(log).error());
    IoThreads loop("rebuild", 1);
    if (auto fine = check_log(config, **log, loop.executor()); !fine) return fail(std::move(fine).error());

    const auto unfinished = with(*store_path, ".rebuild");
    remove_database(unfinished);  // Of one that was broken off.
    RebuiltStore rebuilt;
    auto copied = copy_store(*store_path, unfinished);
    if (!copied) return fail(std::move(copied).error());
    rebuilt.is_from_file = *copied;
    if (auto renewed = *copied ? renew_mark(unfinished) : Result<>{}; !renewed) return fail(std::move(renewed).error());
    auto settings = store_settings(config);
    settings.path = unfinished;
    auto store = SqliteProductStore::open(settings);
    if (!store) return fail(std::move(store).error());
    auto counts = replay(config, **log, **store, told, loop.executor());
    const auto mark = (*store)->mark().value_or(StoreMark{});
    store->reset();  // All of it in one file from here on.
    if (!counts) {
        remove_database(unfinished);
        return fail(std::move(counts).error());
    }
    rebuilt.counts = std::move(*counts);
    if (auto put = put_in_place(unfinished, *store_path, rebuilt); !put) return fail(std::move(put).error());
    // Last: whoever is killed before it finds the store strange once more, and makes it anew.
    if (auto settled = settle(config, **log, mark, loop.executor()); !settled) return fail(std::move(settled).error());
    return rebuilt;
}

}  // namespace productd
