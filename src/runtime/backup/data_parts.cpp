// Names and statements by file. Calls the two adapters for what their files are.
#include "runtime/backup/data_parts.hpp"

#include <fmt/format.h>

#include "outbound/sqlite/log/sqlite_log_format.hpp"
#include "outbound/sqlite/store/sqlite_store_schema.hpp"
#include "runtime/data_files.hpp"
#include "runtime/engine.hpp"

namespace productd {

namespace {

constexpr std::int64_t page_cache_bytes = 8 << 20;

struct Counted {
    const char* what;
    const char* sql;
};
constexpr Counted of_log[] = {{"messages", "SELECT count(*) FROM messages"},
                              {"partitions", "SELECT count(*) FROM partitions"},
                              {"commits", "SELECT count(*) FROM commits"}};
constexpr Counted of_store[] = {{"products", "SELECT count(*) FROM products WHERE buried_at IS NULL"},
                                {"tombstones", "SELECT count(*) FROM products WHERE buried_at IS NOT NULL"}};

}  // namespace

std::optional<DataPart> data_part(const std::string& name, const std::filesystem::path& path) {
    const auto files = data_files(Config{});
    if (name == files.log.filename()) return DataPart{name, sqlite_log_file(path)};
    if (name == files.store.filename()) return DataPart{name, store_file(path, page_cache_bytes)};
    return std::nullopt;
}

Result<std::vector<DataPart>> data_parts(const Config& config) {
    std::vector<DataPart> parts;
    for (const auto& path : {embedded_log(config), embedded_store(config)}) {
        if (path) parts.push_back(*data_part(path->filename(), *path));
    }
    if (!parts.empty()) return parts;
    return fail(Errc::failed_precondition,
                "With this configuration nothing is in the data folder: Kafka and MongoDB have their own backups.");
}

Result<NamedCounts> counts_of(const DataPart& part,
                              const std::function<Result<std::int64_t>(std::string_view)>& number) {
    NamedCounts counts;
    const bool is_log = part.name == data_files(Config{}).log.filename();
    for (const auto& [what, sql] : is_log ? std::span<const Counted>(of_log) : std::span<const Counted>(of_store)) {
        auto count = number(sql);
        if (!count) return fail(std::move(count).error());
        counts.emplace_back(what, *count);
    }
    return counts;
}

Result<> check_part(const DataPart& part, const BackupFile& wanted) {
    auto copy = SqliteDatabase::open_still(part.file);
    if (!copy) return fail(std::move(copy).error());
    if (auto sound = check_copy(*copy); !sound) return sound;
    auto counts = counts_of(part, [&](std::string_view sql) { return copy->number(sql); });
    if (!counts) return fail(std::move(counts).error());
    if (*counts == wanted.counts) return {};
    return fail(Errc::data_loss, fmt::format("{} has not as many rows as were copied.", part.file.path.string()));
}

}  // namespace productd
