// What a search asks which index for: the plan of it, made before the first product is looked at.
#pragma once

#include <array>
#include <string>

#include "outbound/sqlite/sqlite_statement.hpp"
#include "outbound/sqlite/store/sqlite_store_lanes.hpp"

namespace productd {

/// Asks one of the search indexes for the rows that match ?1.
struct SqliteSearchTable {
    std::array<SqliteStatement, stream_count> in_stream;  ///< From row ?2 to row ?3, in order: the newest first.
    SqliteStatement anywhere;
};

struct SqliteSearchTables {
    SqliteSearchTable shorts;  ///< By every character and every pair of characters.
    SqliteSearchTable runs;    ///< By every run of three.
};

/// How a text is asked for.
struct SqliteSearchTerm {
    std::string folded;
    SqliteSearchTable* table = nullptr;
    std::string match;      ///< The query for it.
    bool is_exact = false;  ///< Whatever the index finds holds the term; else each product must be compared.
};

/// The term for `text`, which is not empty. Looks at `tables` to see which parts of a long text are rare; they must
/// outlive the term.
Result<SqliteSearchTerm> search_term(const std::string& text, SqliteSearchTables& tables);

}  // namespace productd
