// The writing side of the search indexes: what a transaction changes in the texts, put into them in one go.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "outbound/sqlite/sqlite_database.hpp"

namespace productd {

/// The text under which a product is found: its name and description, folded and parted.
std::string search_text(std::string_view name, std::string_view description);

/// The row of an index for a position, and the other way round. Negative, so that the newest products come first: FTS5
/// reads a list of rows much faster from its beginning than from its end.
constexpr std::int64_t row_of(std::int64_t position) { return -position; }
constexpr std::int64_t position_of(std::int64_t row) { return -row; }

/// For the one writer. Collects changes and applies them sorted by row: FTS5 writes a segment of its own whenever
/// rows go back within a transaction, and each segment slows every search.
class SqliteSearchIndex {
public:
    static Result<SqliteSearchIndex> prepare(SqliteDatabase& database);

    /// The text at `position` changes from `before` to `after`; empty for none. `before` must be exactly what the
    /// index was given: it holds no texts of its own, so anything else would leave entries behind that lead nowhere.
    void change(std::int64_t position, std::string before, std::string after);
    /// Writes what was collected, within the caller's transaction.
    Result<> apply();
    void forget() { changes_.clear(); }

    /// Joins a few segments of the indexes, about `pages` pages of work each, within the caller's transaction. True
    /// when something was left to do.
    Result<bool> merge(SqliteDatabase& database, std::int64_t pages);

private:
    struct Table {
        SqliteStatement insert, remove, merge;
    };
    struct Change {
        std::int64_t position;
        std::size_t order;  ///< In which it was told.
        std::string before;
        std::string after;
    };

    static Result<> apply(Table& table, const Change& change);
    void join_changes_of_one_position();

    std::array<Table, 2> tables_;
    std::vector<Change> changes_;
};

}  // namespace productd
