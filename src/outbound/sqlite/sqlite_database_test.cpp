// Files that are ours, foreign, newer, damaged or full, and values that are hard to keep.
#include "outbound/sqlite/sqlite_database.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "fakes/operators_words.hpp"
#include "fakes/other_user.hpp"
#include "fakes/temp_folder.hpp"

namespace productd {
namespace {

SqliteFile file_in(const TempFolder& folder) {
    return {.path = folder / "things.db",
            .application_id = 0x70647431,
            .migrations = {"CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB);"}};
}

std::string content(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Writes the file and closes it, so that all of it is in the file itself.
void fill(const SqliteFile& file) {
    auto database = SqliteDatabase::open(file);
    ASSERT_TRUE(database) << database.error().cause;
    ASSERT_TRUE(
        database->execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000) "
                          "INSERT INTO things SELECT i, printf('%0500d', i), NULL FROM n;"));
}

TEST(SqliteDatabase, KeepsTextWithNulBytesBlobsNumbersAndNullApart) {
    TempFolder folder;
    auto database = SqliteDatabase::open(file_in(folder));
    ASSERT_TRUE(database) << database.error().cause;
    auto insert = database->prepare("INSERT INTO things VALUES (?1, ?2, ?3)");
    ASSERT_TRUE(insert);
    const std::string text("a\0b", 3);
    ASSERT_TRUE(insert->bind(std::int64_t{INT64_MIN}, text, SqliteBlob{text}).run());
    ASSERT_TRUE(insert->bind(2, std::string_view{}, SqliteBlob{}).run());
    ASSERT_TRUE(insert->bind(3, std::nullopt, std::optional<std::string_view>{}).run());

    auto select = database->prepare("SELECT id, text, bytes FROM things ORDER BY id");
    ASSERT_TRUE(select->step().value());
    EXPECT_EQ(select->integer(0), INT64_MIN);
    EXPECT_EQ(select->bytes(1), text);
    EXPECT_EQ(select->bytes(2), text);
    ASSERT_TRUE(select->step().value());
    EXPECT_FALSE(select->is_null(1));
    EXPECT_FALSE(select->is_null(2));
    EXPECT_EQ(select->bytes(2), "");
    ASSERT_TRUE(select->step().value());
    EXPECT_TRUE(select->is_null(1));
    EXPECT_TRUE(select->is_null(2));
    EXPECT_FALSE(select->step().value());
}

TEST(SqliteDatabase, SyncsEveryCommitAndWritesAheadOfTheFile) {
    TempFolder folder;
    auto database = SqliteDatabase::open(file_in(folder));
    EXPECT_EQ(database->number("PRAGMA synchronous"), 2);
    EXPECT_EQ(database->number("PRAGMA wal_autocheckpoint"), 4000);
    EXPECT_EQ(database->number("PRAGMA page_size"), 4096);
    EXPECT_TRUE(std::filesystem::exists(folder / "things.db-wal"));
}

TEST(SqliteDatabase, TakesBackWhatWasNotCommitted) {
    TempFolder folder;
    auto database = SqliteDatabase::open(file_in(folder));
    {
        auto transaction = SqliteTransaction::begin(*database);
        ASSERT_TRUE(transaction);
        ASSERT_TRUE(database->execute("INSERT INTO things VALUES (1, 'gone', NULL)"));
    }
    EXPECT_EQ(database->number("SELECT count(*) FROM things"), 0);
    auto transaction = SqliteTransaction::begin(*database);
    ASSERT_TRUE(database->execute("INSERT INTO things VALUES (1, 'kept', NULL)"));
    ASSERT_TRUE(transaction->commit());
    EXPECT_EQ(database->number("SELECT count(*) FROM things"), 1);
}

TEST(SqliteDatabase, RunsOnlyTheMigrationsThatAreMissing) {
    TempFolder folder;
    auto file = file_in(folder);
    fill(file);
    file.migrations.push_back("ALTER TABLE things ADD COLUMN more INTEGER DEFAULT 7;");
    auto database = SqliteDatabase::open(file);
    ASSERT_TRUE(database) << database.error().cause;
    EXPECT_EQ(database->number("PRAGMA user_version"), 2);
    EXPECT_EQ(database->number("SELECT sum(more) FROM things"), 14'000);
}

TEST(SqliteDatabase, LeavesTheSchemaAsItWasWhenAMigrationFails) {
    TempFolder folder;
    auto file = file_in(folder);
    fill(file);
    file.migrations.push_back("CREATE TABLE half (id INTEGER); CREATE TABLE things (id INTEGER);");
    EXPECT_FALSE(SqliteDatabase::open(file));
    auto database = SqliteDatabase::open(file_in(folder));
    ASSERT_TRUE(database);
    EXPECT_EQ(database->number("SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
}

TEST(SqliteDatabase, RefusesAForeignFileAndLeavesItAsItWas) {
    TempFolder folder;
    auto foreign = file_in(folder);
    foreign.application_id = 1;
    fill(foreign);
    const auto before = content(foreign.path);
    auto database = SqliteDatabase::open(file_in(folder));
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, Errc::failed_precondition);
    EXPECT_EQ(content(foreign.path), before);
    EXPECT_FALSE(std::filesystem::exists(folder / "things.db-wal"));
}

TEST(SqliteDatabase, RefusesTheFileOfANewerVersionAndLeavesItAsItWas) {
    TempFolder folder;
    auto newer = file_in(folder);
    newer.migrations.push_back("CREATE TABLE later (id INTEGER);");
    fill(newer);
    const auto before = content(newer.path);
    auto database = SqliteDatabase::open(file_in(folder));
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, Errc::failed_precondition);
    EXPECT_NE(database.error().detail.find("newer"), std::string::npos);
    EXPECT_EQ(content(newer.path), before);
}

TEST(SqliteDatabase, RefusesGarbageAndLeavesItAsItWas) {
    TempFolder folder;
    const auto file = file_in(folder);
    for (const std::string& garbage : {std::string("x"), std::string(5000, 'g')}) {
        write(file.path, garbage);
        auto database = SqliteDatabase::open(file);
        ASSERT_FALSE(database);
        EXPECT_EQ(database.error().code, Errc::data_loss);
        EXPECT_EQ(content(file.path), garbage);
    }
}

TEST(SqliteDatabase, RefusesATruncatedFileAndLeavesItAsItWas) {
    TempFolder folder;
    const auto file = file_in(folder);
    fill(file);
    const auto whole = content(file.path);
    for (const auto length : {std::size_t{4096} * 20, std::size_t{4096}, std::size_t{1000}, std::size_t{60}}) {
        write(file.path, whole.substr(0, length));
        auto database = SqliteDatabase::open(file);
        ASSERT_FALSE(database) << length;
        EXPECT_EQ(database.error().code, Errc::data_loss) << length << database.error().cause;
        EXPECT_EQ(content(file.path).size(), length);
    }
}

TEST(SqliteDatabase, SaysThatAFileOfSomebodyElseCannotBeWritten) {
    TempFolder folder;
    const auto file = file_in(folder);
    fill(file);
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
    std::filesystem::permissions(file.path, std::filesystem::perms(0444));  // Nor by whom it belongs to.
    EXPECT_TRUE(holds_for_an_ordinary_user([&] {
        auto database = SqliteDatabase::open(file);
        return !database && database.error().code == Errc::failed_precondition;
    }));
}

TEST(SqliteDatabase, TellsCallersNoFileAndTheOperatorWhich) {
    for (int code = SQLITE_ERROR; code <= SQLITE_NOTADB; ++code) {
        const auto error = sqlite_error(nullptr, code, "things.db");
        EXPECT_TRUE(is_for_callers(error.detail)) << code << ": " << error.detail;
        EXPECT_NE(error.cause.find("things.db"), std::string::npos) << code << ": " << error.cause;
    }
    EXPECT_NE(sqlite_error(nullptr, SQLITE_BUSY, "things.db").detail.find("locked"), std::string::npos);
}

TEST(SqliteDatabase, SaysThatThereIsNoRoomAndGoesOnOnceThereIs) {
    TempFolder folder;
    auto database = SqliteDatabase::open(file_in(folder));
    ASSERT_TRUE(database->execute("PRAGMA max_page_count = 4"));
    const std::string large(100'000, 'x');
    auto insert = database->prepare("INSERT INTO things VALUES (?1, ?2, NULL)");
    auto refused = insert->bind(1, large).run();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_NE(refused.error().detail.find("full"), std::string::npos);
    ASSERT_TRUE(database->execute("PRAGMA max_page_count = 1000"));
    EXPECT_TRUE(insert->bind(1, large).run());
}

TEST(SqliteDatabase, WaitsNoLongerThanToldForALock) {
    TempFolder folder;
    auto file = file_in(folder);
    file.busy_wait = std::chrono::milliseconds(1);
    auto first = SqliteDatabase::open(file);
    auto second = SqliteDatabase::open(file);
    auto held = SqliteTransaction::begin(*first);
    ASSERT_TRUE(held);
    auto refused = SqliteTransaction::begin(*second);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
}

TEST(SqliteDatabase, LetsAReaderReadAndNothingElse) {
    TempFolder folder;
    const auto file = file_in(folder);
    fill(file);
    auto reader = SqliteDatabase::open_reader(file);
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->number("SELECT count(*) FROM things"), 2000);
    auto refused = reader->execute("DELETE FROM things");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::failed_precondition);
}

TEST(SqliteDatabase, TellsABrokenConstraintFromOtherErrors) {
    TempFolder folder;
    auto database = SqliteDatabase::open(file_in(folder));
    ASSERT_TRUE(database->execute("INSERT INTO things VALUES (1, NULL, NULL)"));
    auto twice = database->execute("INSERT INTO things VALUES (1, NULL, NULL)");
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, Errc::already_exists);
}

}  // namespace
}  // namespace productd
