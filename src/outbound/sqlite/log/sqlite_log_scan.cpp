// Calls SQLite.
#include "outbound/sqlite/log/sqlite_log_scan.hpp"

#include "outbound/sqlite/log/sqlite_log_format.hpp"

namespace productd {

namespace {

constexpr std::size_t page_bytes_max = 8 << 20;

}  // namespace

Result<SqliteLogScan> SqliteLogScan::open(const std::filesystem::path& path, SqliteDatabase::Opener open) {
    auto database = open(sqlite_log_file(path));
    if (!database) return fail(std::move(database).error());
    SqliteLogScan scan(std::move(*database));
    for (const auto& [statement, sql] :
         {std::pair{&scan.page_, "SELECT id, record FROM messages WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3"},
          std::pair{&scan.commit_, "SELECT next, metadata FROM commits WHERE reader = ?1 AND partition_id = ?2"}}) {
        auto prepared = scan.database_.prepare(sql);
        if (!prepared) return fail(std::move(prepared).error());
        *statement = std::move(*prepared);
    }
    if (auto begun = scan.database_.execute("BEGIN"); !begun) return fail(std::move(begun).error());
    return scan;
}

Result<std::vector<SqliteLogPartition>> SqliteLogScan::partitions() {
    auto select = database_.prepare(
        "SELECT id, topic, partition, begin, bytes, (SELECT max(messages.id) FROM messages WHERE messages.id >= "
        "partitions.id << 44 AND messages.id < (partitions.id + 1) << 44) FROM partitions ORDER BY topic, partition");
    if (!select) return fail(std::move(select).error());
    std::vector<SqliteLogPartition> found;
    for (;;) {
        auto row = select->step();
        if (!row) return fail(std::move(row).error());
        if (!*row) return found;
        const auto begin = select->integer(3);
        found.push_back({.id = static_cast<std::int32_t>(select->integer(0)),
                         .source = {std::string(select->bytes(1)), static_cast<std::int32_t>(select->integer(2))},
                         .begin = begin,
                         .end = select->is_null(5) ? begin : log_offset(select->integer(5)) + 1,
                         .bytes = select->integer(4)});
    }
}

Result<std::optional<Commit>> SqliteLogScan::commit(const std::string& group, std::int32_t partition_id) {
    auto row = commit_.bind(std::string_view(group), partition_id).step();
    if (!row) return fail(std::move(row).error());
    std::optional<Commit> commit;
    if (*row) commit = Commit{commit_.integer(0), std::string(commit_.bytes(1))};
    commit_.reset();
    return commit;
}

Result<std::vector<Message>> SqliteLogScan::page(const SqliteLogPartition& partition, std::int64_t from,
                                                 std::size_t max) {
    page_.bind(log_row_id(partition.id, from), log_row_id(partition.id + 1, 0), static_cast<std::int64_t>(max));
    std::vector<Message> messages;
    for (std::size_t bytes = 0; bytes < page_bytes_max;) {
        auto row = page_.step();
        if (!row) return fail(std::move(row).error());
        if (!*row) break;
        auto record = unpack_log_record(page_.bytes(1));
        if (!record) {
            page_.reset();
            return fail(std::move(record).error());
        }
        bytes += page_.bytes(1).size();
        messages.push_back({{partition.source, log_offset(page_.integer(0)), record->time},
                            std::move(record->key),
                            std::move(record->value),
                            std::move(record->headers)});
    }
    page_.reset();
    return messages;
}

}  // namespace productd
