// SQLite's own check, on a connection that takes the file for one that never changes. Calls the SQLite C API.
#include "outbound/sqlite/sqlite_soundness.hpp"

#include <fmt/format.h>

namespace productd {

namespace {

struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};

}  // namespace

std::string immutable_uri(const std::filesystem::path& path) {
    std::string uri = path.is_absolute() ? "file://" : "file:";  // What follows // is a host, and none here.
    for (const char c : path.string()) {
        uri += c == '?' || c == '#' || c == '%' ? fmt::format("%{:02x}", static_cast<unsigned>(c)) : std::string(1, c);
    }
    return uri + "?immutable=1";
}

std::optional<std::string> damage_in(const SqliteFile& file) {
    std::error_code none;
    if (const auto wal = std::filesystem::file_size(file.path.string() + "-wal", none); !none && wal > 0) return {};
    sqlite3* opened = nullptr;
    constexpr int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(immutable_uri(file.path).c_str(), &opened, flags, nullptr);
    const std::unique_ptr<sqlite3, Close> connection(opened);
    if (code == SQLITE_OK && file.extend != nullptr) code = file.extend(opened);
    std::string found;
    const auto note = [](void* first, int, char** row, char**) {
        *static_cast<std::string*>(first) = row[0] != nullptr ? row[0] : "";
        return 0;
    };
    if (code == SQLITE_OK) code = sqlite3_exec(opened, "PRAGMA quick_check(1)", note, &found, nullptr);
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) return sqlite3_errstr(code);
    if (code != SQLITE_OK) return {};  // It could not be looked into, which says nothing of it.
    return found == "ok" ? std::nullopt : std::optional(found);
}

}  // namespace productd
