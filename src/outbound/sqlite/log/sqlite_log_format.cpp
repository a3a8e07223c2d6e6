// Packs and unpacks log records, and declares the tables. Calls the codec of packed numbers.
#include "outbound/sqlite/log/sqlite_log_format.hpp"

#include "codec/packed.hpp"

namespace productd {

namespace {

constexpr char format = 1;
constexpr char has_key = 1;
constexpr char has_value = 2;
constexpr std::size_t prefix_bytes = 18;

void put_time(std::string& out, Timestamp time) {
    auto bits = static_cast<std::uint64_t>(time.time_since_epoch().count());
    for (int i = 0; i < 8; ++i, bits >>= 8) out += static_cast<char>(bits & 0xff);
}

Timestamp time_at(std::string_view bytes, std::size_t at) {
    std::uint64_t bits = 0;
    for (std::size_t i = 8; i > 0; --i) bits = bits << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
    return Timestamp(std::chrono::milliseconds(static_cast<std::int64_t>(bits)));
}

}  // namespace

SqliteFile sqlite_log_file(std::filesystem::path path) {
    return {.path = std::move(path),
            .application_id = 0x7064'6c67,  // "pdlg"
            .migrations = {R"(
                -- `begin` is the first offset still there; the next offset is behind the last message or, without one,
                -- `begin`, so that no offset is ever used twice. `bytes` is what the partition's messages take.
                CREATE TABLE partitions (
                    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL,
                    begin INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, partition));
                CREATE TABLE messages (id INTEGER PRIMARY KEY, record BLOB NOT NULL);
                CREATE TABLE commits (
                    reader TEXT NOT NULL, partition_id INTEGER NOT NULL, next INTEGER NOT NULL, metadata TEXT NOT NULL,
                    PRIMARY KEY (reader, partition_id)) WITHOUT ROWID;
                -- Which group ever subscribed to which topic: what it has not committed there stays.
                CREATE TABLE readers (
                    reader TEXT NOT NULL, topic TEXT NOT NULL, PRIMARY KEY (reader, topic)) WITHOUT ROWID;
                -- How often the file was opened for writing: who finds another number has a second writer beside it.
                CREATE TABLE owner (id INTEGER PRIMARY KEY, opened INTEGER NOT NULL, probe BLOB);
                INSERT INTO owner VALUES (1, 0, NULL);)",
                           R"(
                -- The store's mark when commits were written last: what they call finished is in that store.
                CREATE TABLE store_mark (
                    id INTEGER PRIMARY KEY, incarnation INTEGER NOT NULL, changes INTEGER NOT NULL);)"}};
}

std::string pack_log_record(const Record& record, Timestamp written_at) {
    std::string out;
    const std::size_t length =
        prefix_bytes + 16 + (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
    out.reserve(length + record.headers.bytes());
    out += format;
    out += static_cast<char>((record.key ? has_key : 0) | (record.value ? has_value : 0));
    put_time(out, record.time);
    put_time(out, written_at);
    record.headers.write(out);
    if (record.key) packed::put_text(out, *record.key);
    if (record.value) out += *record.value;
    return out;
}

Result<UnpackedLogRecord> unpack_log_record(std::string_view bytes) {
    const auto damaged = [] {
        return fail(Error{Errc::data_loss,
                          "A message of the event log is damaged.",
                          {},
                          "It is in log.db: put back a backup of the data folder."});
    };
    if (bytes.size() < prefix_bytes || bytes[0] != format) return damaged();
    const char flags = bytes[1];
    UnpackedLogRecord record;
    record.time = time_at(bytes, 2);
    packed::Reader reader(bytes.substr(prefix_bytes));
    record.headers = Headers::read(reader);
    if ((flags & has_key) != 0) record.key = reader.text();
    if ((flags & has_value) != 0) record.value = std::string(reader.rest());
    if (!reader.ok() || ((flags & has_value) == 0 && !reader.rest().empty())) return damaged();
    return record;
}

Timestamp log_record_written_at(std::string_view bytes) {
    return bytes.size() < prefix_bytes ? Timestamp{} : time_at(bytes, 10);
}

}  // namespace productd
