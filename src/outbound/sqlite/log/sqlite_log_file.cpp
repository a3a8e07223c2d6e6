// The statements of the log's writer. Calls SQLite through SqliteDatabase.
#include "outbound/sqlite/log/sqlite_log_file.hpp"

#include <algorithm>
#include <map>

#include "outbound/sqlite/log/sqlite_log_format.hpp"

namespace productd {

namespace {

/// Reads of the log are bounded by bytes (Fetch), not by time: this is what the largest takes on a slow disk.
constexpr std::chrono::milliseconds read_time_max{1'000};

}  // namespace

Result<SqliteLogFile> SqliteLogFile::open(const std::filesystem::path& path, std::int64_t log_bytes_max) {
    auto described = sqlite_log_file(path);
    described.wal_bytes_max = std::min(described.wal_bytes_max, log_bytes_max / 4);
    auto database = SqliteDatabase::open(described);
    if (!database) return fail(std::move(database).error());
    SqliteLogFile file(std::move(*database), SqliteWal(described, read_time_max));
    if (auto prepared = file.prepare(); !prepared) return fail(std::move(prepared).error());
    return file;
}

Result<> SqliteLogFile::prepare() {
    const std::pair<SqliteStatement*, const char*> statements[] = {
        {&append_, "INSERT INTO messages VALUES (?1, ?2)"},
        {&grow_, "UPDATE partitions SET bytes = bytes + ?2 WHERE id = ?1"},
        {&commit_, "INSERT OR REPLACE INTO commits VALUES (?1, ?2, ?3, ?4)"},
        {&drop_, "DELETE FROM messages WHERE id >= ?1 AND id < ?2"},
        {&dropped_bytes_, "SELECT total(length(record) + ?3) FROM messages WHERE id >= ?1 AND id < ?2"},
        {&move_begin_, "UPDATE partitions SET begin = ?2, bytes = max(0, bytes - ?3) WHERE id = ?1"},
        {&last_, "SELECT id FROM messages WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT 1"},
        {&written_at_, "SELECT record FROM messages WHERE id = ?1"},
        {&pages_, "PRAGMA page_count"},
        {&free_pages_, "PRAGMA freelist_count"},
        {&data_version_now_, "PRAGMA data_version"},
        {&opened_now_, "SELECT opened FROM owner"},
    };
    for (const auto& [statement, sql] : statements) {
        auto prepared = database_.prepare(sql);
        if (!prepared) return fail(std::move(prepared).error());
        *statement = std::move(*prepared);
    }
    auto opened = database_.number("UPDATE owner SET opened = opened + 1 RETURNING opened");
    if (!opened) return fail(std::move(opened).error());
    opened_ = *opened;
    auto mark = SqliteLogMark::prepare(database_);
    if (!mark) return fail(std::move(mark).error());
    mark_.emplace(std::move(*mark));
    return {};
}

// The data version moves when another connection wrote, and sometimes after an error of our own; only then is it worth
// looking who has the file.
Result<SqliteTransaction> SqliteLogFile::begin() {
    auto transaction = SqliteTransaction::begin(database_);
    if (!transaction) return transaction;
    auto version = first_number(data_version_now_);
    if (!version) return fail(std::move(version).error());
    if (*version == data_version_) return transaction;
    auto opened = first_number(opened_now_);
    if (!opened) return fail(std::move(opened).error());
    if (*opened != opened_) {
        return fail(Error{Errc::failed_precondition,
                          "Another process writes to the event log.",
                          {},
                          "Another process opened log.db for writing: stop one of the two, and start this one again."});
    }
    data_version_ = *version;
    return transaction;
}

Result<std::int64_t> SqliteLogFile::first_number(SqliteStatement& statement) {
    auto row = statement.bind().step();
    if (!row) return fail(std::move(row).error());
    const auto number = *row ? statement.integer(0) : 0;
    statement.reset();
    return number;
}

Result<std::int64_t> SqliteLogFile::end_of(std::int32_t partition_id, std::int64_t begin) {
    auto row = last_.bind(log_row_id(partition_id, 0), log_row_id(partition_id + 1, 0)).step();
    if (!row) return fail(std::move(row).error());
    const auto end = *row ? std::max(begin, log_offset(last_.integer(0)) + 1) : begin;
    last_.reset();
    return end;
}

Result<std::vector<SqliteLogPartition>> SqliteLogFile::partitions() {
    auto select = database_.prepare("SELECT id, topic, partition, begin, bytes FROM partitions ORDER BY id");
    if (!select) return fail(std::move(select).error());
    std::vector<SqliteLogPartition> found;
    for (;;) {
        auto row = select->step();
        if (!row) return fail(std::move(row).error());
        if (!*row) return found;
        SqliteLogPartition partition;
        partition.id = static_cast<std::int32_t>(select->integer(0));
        partition.source = {std::string(select->bytes(1)), static_cast<std::int32_t>(select->integer(2))};
        partition.begin = select->integer(3);
        partition.bytes = select->integer(4);
        auto end = end_of(partition.id, partition.begin);
        if (!end) return fail(std::move(end).error());
        partition.end = *end;
        found.push_back(std::move(partition));
    }
}

Result<std::vector<SqliteLogCommit>> SqliteLogFile::commits() {
    auto select = database_.prepare("SELECT reader, partition_id, next, metadata FROM commits");
    if (!select) return fail(std::move(select).error());
    std::vector<SqliteLogCommit> found;
    for (;;) {
        auto row = select->step();
        if (!row) return fail(std::move(row).error());
        if (!*row) return found;
        found.push_back({std::string(select->bytes(0)),
                         static_cast<std::int32_t>(select->integer(1)),
                         {select->integer(2), std::string(select->bytes(3))}});
    }
}

Result<std::vector<std::pair<std::string, std::string>>> SqliteLogFile::readers() {
    auto select = database_.prepare("SELECT reader, topic FROM readers");
    if (!select) return fail(std::move(select).error());
    std::vector<std::pair<std::string, std::string>> found;
    for (;;) {
        auto row = select->step();
        if (!row) return fail(std::move(row).error());
        if (!*row) return found;
        found.emplace_back(select->bytes(0), select->bytes(1));
    }
}

Result<> SqliteLogFile::write(const std::vector<SqliteLogRow>& rows, const std::vector<SqliteLogCommit>& commits) {
    auto transaction = begin();
    if (!transaction) return fail(std::move(transaction).error());
    std::map<std::int32_t, std::int64_t> grown;
    for (const auto& row : rows) {
        auto done = append_.bind(log_row_id(row.partition_id, row.offset), SqliteBlob{row.record}).run();
        if (!done) return done;
        grown[row.partition_id] += static_cast<std::int64_t>(row.record.size()) + log_row_bytes;
    }
    for (const auto& [partition_id, bytes] : grown) {
        if (auto done = grow_.bind(partition_id, bytes).run(); !done) return done;
    }
    for (const auto& [group, partition_id, commit] : commits) {
        auto done =
            commit_.bind(std::string_view(group), partition_id, commit.offset, std::string_view(commit.metadata)).run();
        if (!done) return done;
    }
    const bool notes_mark = !commits.empty() && mark_->is_told();
    if (notes_mark) {
        if (auto done = mark_->note(); !done) return done;
    }
    auto committed = transaction->commit();
    if (committed && notes_mark) mark_->committed();
    return committed;
}

Result<> SqliteLogFile::rest_on(std::function<StoreMark()> mark) {
    auto transaction = begin();
    if (!transaction) return fail(std::move(transaction).error());
    mark_->rest_on(std::move(mark));
    if (auto done = mark_->note(); !done) return done;
    auto committed = transaction->commit();
    if (committed) mark_->committed();
    return committed;
}

Result<std::vector<std::int32_t>> SqliteLogFile::add(const std::vector<TopicPartition>& partitions) {
    auto transaction = begin();
    if (!transaction) return fail(std::move(transaction).error());
    auto insert = database_.prepare("INSERT INTO partitions (topic, partition) VALUES (?1, ?2) RETURNING id");
    if (!insert) return fail(std::move(insert).error());
    std::vector<std::int32_t> ids;
    for (const auto& [topic, partition] : partitions) {
        auto row = insert->bind(std::string_view(topic), partition).step();
        if (!row) return fail(std::move(row).error());
        if (insert->integer(0) > log_partitions_max) {
            return fail(Errc::resource_exhausted, "The log has no room for more partitions.");
        }
        ids.push_back(static_cast<std::int32_t>(insert->integer(0)));
    }
    insert->reset();
    if (auto done = transaction->commit(); !done) return fail(std::move(done).error());
    return ids;
}

Result<> SqliteLogFile::add_readers(const std::string& group, const std::vector<std::string>& topics) {
    auto transaction = begin();
    if (!transaction) return fail(std::move(transaction).error());
    auto insert = database_.prepare("INSERT OR IGNORE INTO readers VALUES (?1, ?2)");
    if (!insert) return fail(std::move(insert).error());
    for (const auto& topic : topics) {
        auto done = insert->bind(std::string_view(group), std::string_view(topic)).run();
        if (!done) return done;
    }
    return transaction->commit();
}

Result<std::int64_t> SqliteLogFile::drop(std::int32_t partition_id, std::int64_t from, std::int64_t before) {
    auto transaction = begin();
    if (!transaction) return fail(std::move(transaction).error());
    const auto first = log_row_id(partition_id, from);
    const auto last = log_row_id(partition_id, before);
    auto row = dropped_bytes_.bind(first, last, log_row_bytes).step();
    if (!row) return fail(std::move(row).error());
    const auto bytes = dropped_bytes_.integer(0);
    dropped_bytes_.reset();
    if (auto done = drop_.bind(first, last).run(); !done) return fail(std::move(done).error());
    if (auto done = move_begin_.bind(partition_id, before, bytes).run(); !done) return fail(std::move(done).error());
    if (auto done = transaction->commit(); !done) return fail(std::move(done).error());
    return bytes;
}

Result<std::optional<Timestamp>> SqliteLogFile::written_at(std::int32_t partition_id, std::int64_t offset) {
    auto row = written_at_.bind(log_row_id(partition_id, offset)).step();
    if (!row) return fail(std::move(row).error());
    std::optional<Timestamp> time;
    if (*row) time = log_record_written_at(written_at_.bytes(0));
    written_at_.reset();
    return time;
}

Result<std::int64_t> SqliteLogFile::used_bytes() {
    auto pages = first_number(pages_);
    if (!pages) return pages;
    auto free_pages = first_number(free_pages_);
    if (!free_pages) return free_pages;
    return (*pages - *free_pages) * 4096;
}

Result<> SqliteLogFile::probe() {
    auto transaction = begin();
    if (!transaction) return fail(std::move(transaction).error());
    if (auto done = database_.execute("UPDATE owner SET probe = randomblob(60000)"); !done) return done;
    return transaction->commit();
}

}  // namespace productd
