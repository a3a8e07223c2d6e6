// Configuration, data folder, databases and certificate, for `productd doctor`. Reads files and writes none.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

#include "cli/doctor/doctor_checks.hpp"
#include "outbound/mongo/mongo_examination.hpp"
#include "outbound/redis/redis_examination.hpp"
#include "outbound/sqlite/log/sqlite_log_format.hpp"
#include "outbound/sqlite/store/sqlite_store_schema.hpp"
#include "runtime/certificate.hpp"
#include "runtime/data_files.hpp"
#include "runtime/engine.hpp"
#include "runtime/service_settings.hpp"

namespace productd {

namespace {

constexpr std::uintmax_t disk_bytes_min = 64 << 20;
constexpr std::uintmax_t disk_bytes_wished = std::uintmax_t{1} << 30;
constexpr auto certificate_warning = std::chrono::days(14);
// What the topics of the contract keep beyond Log.Retention when they stand in Kafka: a segment of 12 hours.
constexpr auto segment_time = std::chrono::hours(12);

std::string date_text(std::chrono::sys_seconds time) {
    return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::uint32_t big_endian(const char* bytes) {
    std::uint32_t number = 0;
    for (int i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
    return number;
}

/// By the 100 bytes every SQLite file begins with (https://sqlite.org/fileformat.html): SQLite itself would write its
/// companions next to a file it opens.
Finding check(const SqliteFile& file, const char* what) {
    const auto path = file.path.string();
    std::error_code error;
    const auto size = std::filesystem::file_size(file.path, error);
    if (error || size == 0) return {Verdict::ok, fmt::format("{} ({}) will be made.", path, what)};
    std::array<char, 100> header{};
    if (!std::ifstream(file.path, std::ios::binary).read(header.data(), header.size()) ||
        std::memcmp(header.data(), "SQLite format 3", 16) != 0) {
        return {
            Verdict::fail,
            fmt::format("{} is damaged or no database: put back a backup of the data folder, or move it away.", path)};
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
        return {Verdict::fail, fmt::format("{} was cut off: put back a backup of the data folder.", path)};
    }
    return {Verdict::ok, fmt::format("{} ({}) is ours, {} KiB.", path, what, size >> 10)};
}

/// The folder, or the nearest one above it that is there: what is made will be on its disk.
std::filesystem::path nearest_folder(const std::filesystem::path& folder) {
    std::error_code error;
    auto path = std::filesystem::absolute(folder, error).lexically_normal();
    while (path.has_relative_path() && !std::filesystem::exists(path, error)) path = path.parent_path();
    return path;
}

Finding check_names(const Certificate& certificate) {
    if (!certificate.names.empty()) {
        return {Verdict::ok, fmt::format("{} is for {}, until {}; SHA-256 {}.", certificate.cert_file.string(),
                                         fmt::join(certificate.names, ", "), date_text(certificate.not_after),
                                         certificate.fingerprint)};
    }
    return {Verdict::warn,
            fmt::format("{} names no host (subject alternative name), so clients refuse it: make one with names.",
                        certificate.cert_file.string())};
}

Findings check_mongo(const MongoConnection& connection) {
    const auto found = examine_mongo(connection);
    if (!found) return {{Verdict::fail, fmt::format("MongoDB: {}", found.error().detail)}};
    Findings findings;
    for (const auto& index : found->missing_indexes) {
        findings.push_back({Verdict::warn, fmt::format("MongoDB: the index {} is missing; a service that may make "
                                                       "indexes makes it at its start.",
                                                       index)});
    }
    if (!found->writes_are_safe) {
        findings.push_back({Verdict::warn,
                            "MongoDB: writes do not wait for most members and their disks: leave w and "
                            "journal out of MongoDB.URI."});
    }
    if (findings.empty()) {
        findings.push_back(
            {Verdict::ok, fmt::format("MongoDB {} answers; indexes are there, writes wait for most members.",
                                      found->server_version)});
    }
    return findings;
}

}  // namespace

Findings check_configuration(const Examined& examined) {
    const auto& [config, origins, warnings, notes] = examined.loaded;
    Findings findings;
    for (const auto& warning : warnings) findings.push_back({Verdict::warn, warning});
    if (config.store.tombstone_ttl < config.log.age_max + segment_time) {
        findings.push_back({Verdict::warn,
                            "Store.TombstoneTtl is not half a day longer than Log.Retention: an old event may bring a "
                            "deleted product back."});
    }
    const auto given = std::ranges::count_if(origins, [](const std::string& origin) { return origin != "default"; });
    if (findings.empty())
        findings.push_back({Verdict::ok, fmt::format("{} keys are set, the rest have their defaults.", given)});
    return findings;
}

Findings check_data_folder(const Examined& examined) {
    const auto folder = data_files(examined.loaded.config).folder;
    const auto nearest = nearest_folder(folder);
    std::error_code error;
    if (!std::filesystem::is_directory(nearest, error) || ::access(nearest.c_str(), W_OK | X_OK) != 0) {
        return {{Verdict::fail,
                 fmt::format("{} cannot be written: make it a folder writable for this user, or choose another "
                             "with --data-dir.",
                             nearest.string())}};
    }
    const auto space = std::filesystem::space(nearest, error);
    if (error) return {{Verdict::warn, fmt::format("The free space of {} is not known.", nearest.string())}};
    const auto sentence = fmt::format("{} is writable, {} MiB are free", folder.string(), space.available >> 20);
    if (space.available < disk_bytes_min)
        return {{Verdict::fail, sentence + ": free some, or choose another disk with --data-dir."}};
    if (space.available < disk_bytes_wished)
        return {{Verdict::warn, sentence + ": free some before the event log grows."}};
    return {{Verdict::ok, sentence + (examined.running ? "; a service runs on it." : ".")}};
}

Findings check_databases(const Examined& examined) {
    const auto& config = examined.loaded.config;
    Findings findings;
    if (const auto log = embedded_log(config)) findings.push_back(check(sqlite_log_file(*log), "event log"));
    if (const auto store = embedded_store(config)) findings.push_back(check(store_file(*store, 0), "products"));
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
        return {{Verdict::fail, fmt::format("{} Until then reads go to the store.", looked.error().detail)}};
    }
    return {
        {Verdict::ok, fmt::format("Redis at {} answers, takes writes and tells of changes.", config.redis_address)}};
}

Findings check_certificate(const Examined& examined) {
    const auto found = existing_certificate(examined.loaded.config);
    if (!found && found.error().code == Errc::not_found) return {{Verdict::ok, found.error().detail}};
    if (!found) return {{Verdict::fail, found.error().detail}};
    const auto name = found->cert_file.string();
    const auto until = date_text(found->not_after);
    if (found->not_before > examined.now)
        return {{Verdict::fail, fmt::format("{} is not valid yet: check the clock.", name)}};
    if (found->not_after < examined.now) {
        if (found->made_here)
            return {{Verdict::ok, fmt::format("{} ended on {}; the next start makes a new one.", name, until)}};
        return {{Verdict::fail, fmt::format("{} ended on {}: renew it.", name, until)}};
    }
    if (found->not_after < examined.now + certificate_warning && !found->made_here) {
        return {{Verdict::warn, fmt::format("{} ends on {}: renew it.", name, until)}};
    }
    return {check_names(*found)};
}

}  // namespace productd
