// What goes where. Calls the moves, the scans and the engines.
#include "runtime/migrate/migrate_data.hpp"

#include <fmt/format.h>

#include "runtime/backup/backup_manifest.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/data_files.hpp"
#include "runtime/engine.hpp"
#include "runtime/io_threads.hpp"
#include "runtime/migrate/kept_there.hpp"
#include "runtime/service_settings.hpp"
#include "runtime/system_ports.hpp"

namespace productd {

namespace {

using Path = std::filesystem::path;

/// Each is nothing where it stays.
struct Source {
    std::optional<SqliteStoreScan> store;
    std::optional<SqliteLogScan> log;
};

bool is_same(const Path& one, const std::optional<Path>& other) {
    std::error_code none;
    return other && std::filesystem::equivalent(one, *other, none);
}

Error nothing_to_move(const Path& folder) {
    return {Errc::failed_precondition,
            fmt::format("There is nothing in {} that this configuration has somewhere else: choose `store: mongodb`, "
                        "`bus: kafka` or both. From folder to folder go `productd backup` and `restore`.",
                        folder.string())};
}

/// Whether it is as `productd backup` made it: it has to stay so, and nobody writes there.
bool is_untouched_backup(const DataFiles& files) {
    const auto has = [](const Path& path) {
        std::error_code error;
        return std::filesystem::exists(path, error);
    };
    return has(files.folder / BackupManifest::file_name) && !has(files.folder / "lock") &&
           !has(files.log.string() + "-wal") && !has(files.store.string() + "-wal");
}

Result<Source> open_source(const Config& config, const DataFiles& files, SqliteDatabase::Opener open) {
    Source source;
    if (embedded_log(config) && embedded_store(config)) return fail(nothing_to_move(files.folder));
    if (!log_is_kafka(config) && !is_same(files.folder, data_files(config).folder)) {
        return fail(
            Errc::failed_precondition,
            fmt::format("The event log stays a file (`bus: sqlite`), so it must be the one that {} has: give the "
                        "same folder with --from and --data-dir.",
                        files.folder.string()));
    }
    std::error_code error;
    if (std::filesystem::exists(files.store, error) && !is_same(files.store, embedded_store(config))) {
        auto store = SqliteStoreScan::open(files.store, open);
        if (!store) return fail(std::move(store).error());
        source.store.emplace(std::move(*store));
    }
    if (std::filesystem::exists(files.log, error) && log_is_kafka(config)) {
        auto log = SqliteLogScan::open(files.log, open);
        if (!log) return fail(std::move(log).error());
        source.log.emplace(std::move(*log));
    }
    if (source.store || source.log) return source;
    return fail(nothing_to_move(files.folder));
}

Error differing(const ProductCounts& counts) {
    return {
        Errc::data_loss,
        fmt::format("{} products are not the same there: something else is stored under their ids, and {} cannot be "
                    "read here. Nothing was written over. The first: {}.",
                    counts.differing, counts.unreadable, fmt::join(counts.examples, ", "))};
}

Result<> move_products(Source& source, ProductStore& store, bool dry_run, const MigrateTold& told,
                       const asio::any_io_executor& executor, MigratedData& migrated) {
    ProductMove move(*source.store, store, {migrated.fences, dry_run}, told.products);
    auto counts = wait_for(executor, move.run());
    if (!counts) return fail(std::move(counts).error());
    migrated.products = std::move(*counts);
    if (dry_run) return {};
    if (migrated.products->differing + migrated.products->unreadable > 0) return fail(differing(*migrated.products));
    auto sum = wait_for(executor, move.verify());
    if (!sum) return fail(std::move(sum).error());
    migrated.products_sum = std::move(*sum);
    return {};
}

/// Topics of others: nobody here knows what they mean to whom.
Result<std::vector<std::string>> others_topics(SqliteLogScan& log) {
    auto partitions = log.partitions();
    if (!partitions) return fail(std::move(partitions).error());
    std::vector<std::string> left;
    for (const auto& partition : *partitions) {
        const auto& topic = partition.source.topic;
        if (TopicNames().find(topic) != nullptr || partition.end == partition.begin) continue;
        if (left.empty() || left.back() != topic) left.push_back(topic);
    }
    return left;
}

Result<> move_messages(Source& source, MessageLog& log, LogPlan& plan, bool dry_run, const MigrateTold& told,
                       const asio::any_io_executor& executor, MigratedData& migrated) {
    auto left = others_topics(*source.log);
    if (!left) return fail(std::move(left).error());
    migrated.topics_left = std::move(*left);
    LogMove move(plan, log, dry_run, told.messages);
    auto counts = wait_for(executor, move.run());
    if (!counts) return fail(std::move(counts).error());
    migrated.messages = std::move(*counts);
    if (dry_run) return {};
    auto sum = wait_for(executor, move.verify());
    if (!sum) return fail(std::move(sum).error());
    migrated.messages_sum = std::move(*sum);
    return {};
}

/// Without the store beside the log nobody knows what was applied after the last commit, and the store that has it
/// holds this log's offsets against the other's messages.
Error needs_store(std::uint64_t unread, const Path& folder) {
    return {Errc::failed_precondition,
            fmt::format("{} messages in {} are unread, and their products are not in this folder: start the service as "
                        "it was until it has applied all of them (`productd topics describe`), and move then.",
                        unread, folder.string())};
}

/// A service that changes products while they are compared, and reads messages before all products are there.
Result<> check_nobody_reads(const Config& config, bool dry_run) {
    if (!log_is_kafka(config) || dry_run) return {};
    const auto group = group_id(config);
    const auto members = members_of_group(kafka_settings(config), group);
    if (!members) return fail(members.error());
    if (*members == 0) return {};
    return fail(Errc::failed_precondition,
                fmt::format("The consumer group {} has members ({}): stop the services there until all is moved. One "
                            "that was killed is a member for as long as Kafka.SessionTimeout.",
                            group, *members));
}

/// Whether the topics are there, and keep what is to be moved.
Result<> check_messages(const Config& config, MessageLog& log, LogPlan& plan, bool dry_run,
                        const asio::any_io_executor& executor) {
    auto ready = dry_run ? Result<>{} : wait_for(executor, prepare_topics(log, config));
    if (!ready) return ready;
    auto there = examine_kafka(kafka_settings(config));
    if (!there) return fail(std::move(there).error());
    return wait_for(executor, check_kept_there(plan, std::move(*there), SystemClock().now()));
}

}  // namespace

Result<MigratedData> migrate_data(const Config& config, const Path& from, bool dry_run, const MigrateTold& told) {
    Config there = config;
    there.data.dir = from.string();
    const auto files = data_files(there);
    std::error_code error;
    if (!std::filesystem::is_directory(from, error)) {
        return fail(Errc::not_found, fmt::format("There is no folder {}.", from.string()));
    }
    const bool is_backup = is_untouched_backup(files);
    std::optional<Result<DataDirectory>> directory;  // Nobody changes it meanwhile.
    if (!is_backup) directory.emplace(DataDirectory::open(files.folder));
    if (directory && !*directory) return fail(std::move(*directory).error());
    auto source = open_source(config, files, is_backup ? &SqliteDatabase::open_still : &SqliteDatabase::open_unchanged);
    if (!source) return fail(std::move(source).error());
    std::optional<DataDirectory> own;  // Of a store that is a file.
    if (embedded_store(config) && !is_same(files.folder, data_files(config).folder)) {
        auto opened = DataDirectory::open(data_files(config).folder);
        if (!opened) return fail(std::move(opened).error());
        own.emplace(std::move(*opened));
    }
    IoThreads loop("migrate", 1);
    const auto executor = loop.executor();
    MigratedData migrated{.fences = source->log ? FencesMove::dropped : FencesMove::kept, .topics_left = {}};
    if (auto idle = check_nobody_reads(config, dry_run); !idle) return fail(std::move(idle).error());
    std::unique_ptr<MessageLog> log;
    std::optional<LogPlan> plan;
    if (source->log) {
        auto opened = open_message_log(config, OpenedBy::command);
        if (!opened) return fail(std::move(opened).error());
        log = std::move(*opened);
        plan.emplace(*source->log, source->store ? &*source->store : nullptr, *log,
                     LogPlan::Settings{group_id(Config{}), topic_names(config), SystemClock().now(), dry_run});
        auto can_go = check_messages(config, *log, *plan, dry_run, executor);
        if (!can_go) return fail(std::move(can_go).error());
        if (!source->store) {
            auto unread = plan->unread();
            if (!unread) return fail(std::move(unread).error());
            if (*unread > 0) return fail(needs_store(*unread, files.folder));
        }
    }
    if (source->store) {
        auto store = open_store(config);
        if (!store) return fail(std::move(store).error());
        auto moved = move_products(*source, *store->store, dry_run, told, executor, migrated);
        if (!moved) return fail(std::move(moved).error());
    }
    if (!plan) return migrated;
    auto moved = move_messages(*source, *log, *plan, dry_run, told, executor, migrated);
    if (!moved) return fail(std::move(moved).error());
    return migrated;
}

}  // namespace productd
