// The embedded files, MongoDB and the cache, for `productd doctor`. Reads them and writes nothing.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "cli/doctor/doctor_checks.hpp"
#include "domain/error_text.hpp"
#include "outbound/mongo/mongo_examination.hpp"
#include "outbound/redis/redis_examination.hpp"
#include "outbound/sqlite/log/sqlite_log_file.hpp"
#include "outbound/sqlite/log/sqlite_log_format.hpp"
#include "outbound/sqlite/sqlite_soundness.hpp"
#include "outbound/sqlite/store/sqlite_store_mark.hpp"
#include "outbound/sqlite/store/sqlite_store_schema.hpp"
#include "runtime/engine.hpp"
#include "runtime/health/store_history.hpp"
#include "runtime/service_settings.hpp"

namespace productd {

namespace {

constexpr const char* log_remedy =
    "put back a backup of it, or move it away, after which the next start makes an empty one. Products stay; lost are "
    "messages that were accepted and not yet applied, dead letters, and what `productd rebuild` would have read.";
constexpr const char* store_remedy =
    "put back a backup and bring it up to date with `productd rebuild`, which alone makes it anew from "
    "the event log: without what gRPC wrote, and what the log has dropped.";

std::uint32_t big_endian(const char* bytes) {
    std::uint32_t number = 0;
    for (int i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
    return number;
}

/// By the 100 bytes every SQLite file begins with (https://sqlite.org/fileformat.html): SQLite itself would write its
/// companions next to a file it opens.
Finding check(const SqliteFile& file, const char* what, const char* remedy) {
    const auto path = file.path.string();
    if (::access(path.c_str(), R_OK | W_OK) != 0 && errno != ENOENT && errno != ENOTDIR) {
        return {Verdict::fail,
                fmt::format("{} cannot be used ({}): run as the user of the service, or let this one read "
                            "and write it.",
                            path, std::strerror(errno))};
    }
    std::error_code error;
    const auto size = std::filesystem::file_size(file.path, error);
    if (error || size == 0) return {Verdict::ok, fmt::format("{} ({}) will be made.", path, what)};
    std::array<char, 100> header{};
    if (!std::ifstream(file.path, std::ios::binary).read(header.data(), header.size()) ||
        std::memcmp(header.data(), "SQLite format 3", 16) != 0) {
        return {Verdict::fail, fmt::format("{} is damaged or no database: {}", path, remedy)};
    }
    if (big_endian(&header[68]) != static_cast<std::uint32_t>(file.application_id)) {
        return {Verdict::fail,
                fmt::format("{} belongs to another program: move it away, or choose another folder with --data-dir.",
                            path)};
    }
    if (big_endian(&header[60]) > file.migrations.size()) {
        return {Verdict::fail, fmt::format("{} was written by a newer productd: start that version.", path)};
    }
    const auto page_bytes =
        (std::uint32_t{static_cast<unsigned char>(header[16])} << 8) | static_cast<unsigned char>(header[17]);
    if (size < std::uintmax_t{big_endian(&header[28])} * (page_bytes == 1 ? 65'536 : page_bytes)) {
        return {Verdict::fail, fmt::format("{} was cut off: {}", path, remedy)};
    }
    return {Verdict::ok, fmt::format("{} ({}) is ours, {} KiB.", path, what, size >> 10)};
}

/// Where no service writes to it, also what its header does not tell of.
Finding check_inside(const SqliteFile& file, const char* what, const char* remedy, const Examined& examined) {
    auto found = check(file, what, remedy);
    std::error_code unseen;
    const bool is_there = std::filesystem::exists(file.path, unseen);
    if (found.verdict != Verdict::ok || examined.running || !is_there) return found;
    const auto damage = damage_in(file);
    if (!damage) return found;
    return {Verdict::fail, fmt::format("{} is damaged ({}): {}", file.path.string(), *damage, remedy)};
}

/// Whether each of the two is the one that the other came by.
Findings check_marks(const std::filesystem::path& log, const std::filesystem::path& store) {
    const auto behind_commits = read_store_mark_of_log(log);
    const auto now = read_store_mark(store);
    const auto told = [](Verdict verdict, const Error& error) { return Findings{{verdict, with_cause(error)}}; };
    if (const auto found = check_log(behind_commits, now); !found) return told(Verdict::warn, found.error());
    if (!behind_commits) return {};
    const auto found = check_history({*behind_commits}, now, Committed::by_this_one);
    return found ? Findings{} : told(Verdict::fail, found.error());
}

/// What is lost, or stands still, when one server goes; nothing to say of a set of three.
Findings check_members(const MongoExamination& found) {
    if (found.is_sharded || found.members >= 3) return {};
    constexpr const char* remedy = "make it a replica set of three members, each on a machine of its own";
    if (found.members == 2) {
        return {{Verdict::warn,
                 fmt::format("MongoDB: its replica set has two members with data: while one is down no write is "
                             "confirmed; {}.",
                             remedy)}};
    }
    return {{Verdict::warn,
             fmt::format("MongoDB: it is {}: an answered write is on one disk alone, and while it is down nothing is "
                         "stored; {}.",
                         found.members == 0 ? "no replica set" : "a replica set of one member", remedy)}};
}

Findings check_indexes(const MongoExamination& found, const std::string& database) {
    Findings findings;
    for (const auto& index : found.missing_indexes) {
        findings.push_back({Verdict::warn, fmt::format("MongoDB: the index {} is missing; a service that may make "
                                                       "indexes makes it at its start.",
                                                       index)});
    }
    for (const auto& index : found.unread_indexes) {
        const bool is_of_text = index.name.find("_text") != std::string::npos;
        findings.push_back(
            {Verdict::warn,
             fmt::format("MongoDB: the index {} of the older service serves no query, takes {} KiB and slows every "
                         "write{}; when that service is gone set MongoDB.FirstGenerationIndexes to false and drop it: "
                         "db.getSiblingDB(\"{}\").products.dropIndex(\"{}\")",
                         index.name, index.bytes >> 10,
                         is_of_text ? ", those of many products to a tenth of the rate" : "", database, index.name)});
    }
    return findings;
}

Findings check_mongo(const MongoConnection& connection) {
    const auto found = examine_mongo(connection);
    if (!found) return {{Verdict::fail, "MongoDB: " + with_cause(found.error())}};
    auto findings = check_indexes(*found, connection.database);
    std::ranges::move(check_members(*found), std::back_inserter(findings));
    if (!found->writes_are_safe) {
        findings.push_back({Verdict::warn,
                            "MongoDB: writes do not wait for most members and their disks: leave w and "
                            "journal out of MongoDB.URI."});
    }
    if (findings.empty()) {
        findings.push_back(
            {Verdict::ok, fmt::format("MongoDB {} answers; its replica set has {}, indexes are there, writes wait for "
                                      "most members.",
                                      found->server_version,
                                      found->is_sharded ? "shards" : fmt::format("{} members", found->members))});
    }
    return findings;
}

}  // namespace

Findings check_databases(const Examined& examined) {
    const auto& config = examined.loaded.config;
    Findings findings;
    const auto log = embedded_log(config);
    const auto store = embedded_store(config);
    if (log) findings.push_back(check_inside(sqlite_log_file(*log), "event log", log_remedy, examined));
    if (store) findings.push_back(check_inside(store_file(*store, 0), "products", store_remedy, examined));
    const bool are_ours = std::ranges::none_of(findings, [](const auto& one) { return one.verdict == Verdict::fail; });
    if (log && store && are_ours) {
        std::ranges::move(check_marks(*log, *store), std::back_inserter(findings));
    }
    if (store_is_for_one_instance(config)) {
        findings.push_back({Verdict::warn,
                            "bus: kafka with store: sqlite is for exactly one instance: of two, each has only the "
                            "products whose partitions it is given; use store: mongodb for more."});
    }
    if (const auto mongo = mongo_server(config)) std::ranges::move(check_mongo(*mongo), std::back_inserter(findings));
    return findings;
}

Findings check_cache(const Examined& examined) {
    const auto& config = examined.loaded.config;
    if (!cache_is_redis(config)) {
        return {{Verdict::ok, fmt::format("In this process, up to {} MiB.", config.cache.bytes_max >> 20)}};
    }
    const auto settings = redis_cache_settings(config);
    const auto looked = settings ? examine_redis(*settings) : fail(settings.error());
    if (!looked) {
        return {{Verdict::fail, with_cause(looked.error()) + " Until then reads go to the store."}};
    }
    return {
        {Verdict::ok, fmt::format("Redis at {} answers, takes writes and tells of changes.", config.redis_address)}};
}

}  // namespace productd
