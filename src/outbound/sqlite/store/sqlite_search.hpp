// Finds products by a part of their name or description. For one connection, and one thread at a time.
//
// Terms of up to eight characters are found in an index alone (sqlite_search_grams.hpp). For a longer one the index is
// asked for its rarest parts together, and each product that has them all is compared.
#pragma once

#include <string>
#include <vector>

#include "app/ports/product_store.hpp"
#include "outbound/sqlite/sqlite_database.hpp"
#include "outbound/sqlite/store/sqlite_search_term.hpp"

namespace productd {

class SqliteSearch {
public:
    /// `database` must outlive the search.
    static Result<SqliteSearch> prepare(SqliteDatabase& database);

    struct Found {
        std::vector<std::int64_t> positions;  ///< Those on the page, in its order.
        std::int64_t total_count = 0;         ///< At most count_max.
        bool is_capped = false;
    };
    /// Within the caller's transaction. `query.text` is not empty.
    Result<Found> find(const SearchQuery& query, std::uint32_t streams_in_use);

private:
    using Term = SqliteSearchTerm;
    struct Candidate;
    struct Stream;

    SqliteSearch() = default;
    Result<std::int64_t> page(const SearchQuery& query, const Term& term, std::uint32_t streams_in_use,
                              std::vector<std::int64_t>& positions);
    Result<std::vector<Stream>> open(const Term& term, std::uint32_t streams_in_use);
    Result<std::int64_t> take_newest(std::vector<Stream>& streams, const Term& term, std::int64_t room,
                                     std::vector<Candidate>& group);
    Result<std::optional<Candidate>> next(SqliteStatement& stream, const Term& term);
    Result<bool> matches(Candidate& candidate, const Term& term);
    Result<std::int64_t> count(const Term& term, std::int64_t max);

    SqliteSearchTables tables_;
    SqliteStatement row_;
    std::string folded_;  // Used again for every comparison.
};

}  // namespace productd
