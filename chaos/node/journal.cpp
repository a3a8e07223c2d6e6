// Asks SQLite or MongoDB.
#include "chaos/node/journal.hpp"

#include <mongoc/mongoc.h>
#include <sqlite3.h>

#include <memory>

namespace productd::chaos {

namespace {

std::int64_t last_sequence(sqlite3* store) {
    sqlite3_stmt* statement = nullptr;
    std::int64_t end = -1;
    if (sqlite3_prepare_v2(store, "SELECT coalesce(max(seq), 0) FROM chaos_journal", -1, &statement, nullptr) == 0) {
        if (sqlite3_step(statement) == SQLITE_ROW) end = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return end;
}

/// Of an answer to `hello`: a time of the oplog counts seconds, and writes within a second.
std::int64_t majority_time(const bson_t& hello) {
    bson_iter_t at, found;
    if (!bson_iter_init(&at, &hello) || !bson_iter_find_descendant(&at, "lastWrite.majorityOpTime.ts", &found) ||
        !BSON_ITER_HOLDS_TIMESTAMP(&found)) {
        return -1;
    }
    std::uint32_t seconds = 0, write = 0;
    bson_iter_timestamp(&found, &seconds, &write);
    return static_cast<std::int64_t>(std::uint64_t{seconds} << 32 | write);
}

std::int64_t majority_time(mongoc_client_t& client) {
    bson_t hello = BSON_INITIALIZER;
    BSON_APPEND_INT32(&hello, "hello", 1);
    std::int64_t end = -1;
    constexpr int attempts = 5;  // A connection may have broken since the last time.
    for (int i = 0; i < attempts && end < 0; ++i) {
        bson_t reply;
        if (mongoc_client_command_simple(&client, "admin", &hello, nullptr, &reply, nullptr))
            end = majority_time(reply);
        bson_destroy(&reply);
    }
    bson_destroy(&hello);
    return end;
}

}  // namespace

JournalEnd sqlite_journal(const std::filesystem::path& file) {
    sqlite3* opened = nullptr;
    sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
    return [store = std::shared_ptr<sqlite3>(opened, sqlite3_close)] { return last_sequence(store.get()); };
}

JournalEnd mongo_journal(const std::string& uri) {
    mongoc_init();
    const std::shared_ptr<mongoc_client_t> client(mongoc_client_new(uri.c_str()), mongoc_client_destroy);
    return [client] { return client ? majority_time(*client) : -1; };
}

}  // namespace productd::chaos
