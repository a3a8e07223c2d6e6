// A read transaction that is kept open, and SQLite's online backup from it. Calls the SQLite C API.
#include "outbound/sqlite/sqlite_snapshot.hpp"

#include <sys/stat.h>

namespace productd {

namespace {

constexpr int pages_at_once = 1'024;

struct CloseCopy {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};

}  // namespace

Result<SqliteSnapshot> SqliteSnapshot::take(const SqliteFile& file) {
    auto database = SqliteDatabase::open_unchanged(file);
    if (!database) return fail(std::move(database).error());
    // The state is chosen by the first read, not by BEGIN.
    if (auto begun = database->execute("BEGIN; SELECT count(*) FROM sqlite_schema"); !begun) {
        return fail(std::move(begun).error());
    }
    return SqliteSnapshot(std::move(*database));
}

/// The copy needs neither a journal nor syncs: until it is checked and synced it counts for nothing.
Result<> SqliteSnapshot::copy_to(const std::filesystem::path& to, const Told& told) {
    sqlite3* opened = nullptr;
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(to.c_str(), &opened, flags, nullptr);
    const std::unique_ptr<sqlite3, CloseCopy> copy(opened);
    const auto failed = [&](int with) { return fail(sqlite_error(opened, with, to.string())); };
    if (code != SQLITE_OK) return failed(code);
    ::chmod(to.c_str(), 0600);
    code = sqlite3_exec(opened, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return failed(code);

    auto* backup = sqlite3_backup_init(opened, "main", database_.handle(), "main");
    if (backup == nullptr) return failed(sqlite3_extended_errcode(opened));
    do {
        code = sqlite3_backup_step(backup, pages_at_once);
        const std::int64_t total = sqlite3_backup_pagecount(backup);
        told((total - sqlite3_backup_remaining(backup)) * 4'096, total * 4'096);
    } while (code == SQLITE_OK);
    const int ended = sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) return failed(code);
    if (ended != SQLITE_OK) return failed(ended);
    return {};
}

Result<> check_copy(SqliteDatabase& copy) {
    auto check = copy.prepare("PRAGMA integrity_check(1)");
    if (!check) return fail(std::move(check).error());
    auto row = check->step();
    if (!row) return fail(std::move(row).error());
    const std::string found(*row ? check->bytes(0) : "nothing");
    if (found == "ok") return {};
    return fail({Errc::data_loss, copy.file_name() + " is damaged.", {}, "SQLite's integrity check: " + found});
}

}  // namespace productd
