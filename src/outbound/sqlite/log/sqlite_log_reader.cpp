// Reads of the log's file beside its writer. Calls SQLite through SqliteDatabase, on the pool's thread.
#include "outbound/sqlite/log/sqlite_log_reader.hpp"

#include "outbound/sqlite/log/sqlite_log_format.hpp"

namespace productd {

Result<std::unique_ptr<SqliteLogReader>> SqliteLogReader::open(const std::filesystem::path& path) {
    auto database = SqliteDatabase::open_reader(sqlite_log_file(path));
    if (!database) return fail(std::move(database).error());
    auto select = database->prepare("SELECT id, record FROM messages WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3");
    if (!select) return fail(std::move(select).error());
    return std::unique_ptr<SqliteLogReader>(new SqliteLogReader(std::move(*database), std::move(*select)));
}

Task<std::vector<Message>> SqliteLogReader::read(std::int32_t partition_id, TopicPartition source, std::int64_t from,
                                                 std::int64_t before, FetchRoom room) {
    const Range range{partition_id, from, before, room};
    auto call = [this, source = std::move(source), range] { return read_now(source, range); };
    auto messages = co_await offload(pool_, std::move(call));
    co_return messages;
}

Result<std::vector<Message>> SqliteLogReader::read_now(const TopicPartition& source, const Range& range) {
    select_.bind(log_row_id(range.partition_id, range.from), log_row_id(range.partition_id, range.before),
                 static_cast<std::int64_t>(range.room.messages));
    std::vector<Message> messages;
    Fetch fetch(range.room);
    for (;;) {
        auto row = select_.step();
        if (!row) return fail(std::move(row).error());
        if (!*row) return messages;
        const auto packed = select_.bytes(1);
        if (!fetch.takes(wire_bytes_of_any + packed.size())) break;
        auto record = unpack_log_record(packed);
        if (!record) {
            select_.reset();
            return fail(std::move(record).error());
        }
        messages.push_back({{source, log_offset(select_.integer(0)), record->time},
                            std::move(record->key),
                            std::move(record->value),
                            std::move(record->headers)});
    }
    select_.reset();
    return messages;
}

}  // namespace productd
