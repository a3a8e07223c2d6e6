// The file format of the embedded event log: tables, ids and packed records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/ports/message_log.hpp"
#include "outbound/sqlite/sqlite_database.hpp"

namespace productd {

/// The log's file at `path`: application id and tables.
SqliteFile sqlite_log_file(std::filesystem::path path);

/// A message's row id: 19 bits of partition number, then 44 bits of offset, so that the messages of a partition stand
/// together in order and are found without a second index.
constexpr int log_offset_bits = 44;
constexpr std::int32_t log_partitions_max = (1 << 19) - 1;

constexpr std::int64_t log_row_id(std::int32_t partition_id, std::int64_t offset) {
    return (std::int64_t{partition_id} << log_offset_bits) | offset;
}
constexpr std::int64_t log_offset(std::int64_t row_id) { return row_id & ((std::int64_t{1} << log_offset_bits) - 1); }

/// `record` as the table keeps it:
///
///     1 byte    format, 1
///     1 byte    flags: 1 = there is a key, 2 = there is a value
///     8 bytes   the message's time, milliseconds, little endian, signed
///     8 bytes   when it was written, likewise; retention goes by it
///     varint    number of headers, then of each: varint length, name, varint length, value
///     varint    length of the key and the key, if there is one
///     rest      the value, if there is one
std::string pack_log_record(const Record& record, Timestamp written_at);

/// A record without its position.
struct UnpackedLogRecord {
    Timestamp time{};
    std::optional<std::string> key;
    std::optional<std::string> value;
    Headers headers;
};

/// Fails with data_loss when the bytes are not a whole record of a format we know.
Result<UnpackedLogRecord> unpack_log_record(std::string_view bytes);

/// When the record was written; needs its first 18 bytes only. The epoch when there are fewer.
Timestamp log_record_written_at(std::string_view bytes);

}  // namespace productd
