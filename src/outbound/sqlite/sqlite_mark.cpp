// Opens a reader and leaves no trace of it. Calls SqliteDatabase.
#include "outbound/sqlite/sqlite_mark.hpp"

namespace productd {

std::optional<std::pair<std::int64_t, std::int64_t>> two_numbers(const SqliteFile& file, std::string_view sql) {
    std::error_code ignored;
    if (!std::filesystem::exists(file.path, ignored) || std::filesystem::file_size(file.path, ignored) == 0) return {};
    auto database = SqliteDatabase::open_reader(file);
    if (!database) return std::nullopt;
    // What a killed process left in its WAL stays there for it; what we made ourselves goes when we close.
    if (std::filesystem::exists(file.path.string() + "-wal", ignored)) {
        sqlite3_db_config(database->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
    auto select = database->prepare(sql);
    if (!select) return std::nullopt;
    const auto row = select->step();
    if (!row || !*row) return std::nullopt;
    return std::pair{select->integer(0), select->integer(1)};
}

}  // namespace productd
