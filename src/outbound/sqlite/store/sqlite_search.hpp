// Finds products by a part of their name or description. For one connection, and one thread at a time.
//
// Terms of up to eight characters are found in an index alone (sqlite_search_grams.hpp). Of a longer one the rarest
// parts are asked for together, and each product they have in common is compared.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "app/ports/product_store.hpp"
#include "outbound/sqlite/sqlite_database.hpp"
#include "outbound/sqlite/store/sqlite_store_lanes.hpp"

namespace productd {

class SqliteSearch {
public:
    /// `database` must outlive the search.
    static Result<SqliteSearch> prepare(SqliteDatabase& database);

    struct Found {
        std::vector<std::int64_t> positions;  ///< Of the page, in its order.
        std::int64_t total_count = 0;         ///< At most count_max.
        bool is_capped = false;
    };
    /// Within the caller's transaction. `query.text` is not empty.
    Result<Found> find(const SearchQuery& query, std::uint32_t streams_in_use);

private:
    /// Asks one of the indexes.
    struct Index {
        std::array<SqliteStatement, stream_count> in_stream;
        SqliteStatement anywhere;
    };
    /// How a text is asked for.
    struct Term {
        std::string folded;
        Index* index = nullptr;
        std::string match;      ///< The query for it.
        bool is_exact = false;  ///< Whatever the index finds holds the term.
    };
    struct Candidate;
    struct Stream;

    SqliteSearch() = default;
    Result<Term> term(const std::string& text);
    Result<std::string> rarest_parts(std::string_view folded);
    Result<double> density(const std::string& phrase);
    Result<std::int64_t> page(const SearchQuery& query, const Term& term, std::uint32_t streams_in_use,
                              std::vector<std::int64_t>& positions);
    Result<std::vector<Stream>> open(const Term& term, std::uint32_t streams_in_use);
    Result<std::int64_t> take_newest(std::vector<Stream>& streams, const Term& term, std::int64_t room,
                                     std::vector<Candidate>& group);
    Result<std::optional<Candidate>> next(SqliteStatement& stream, const Term& term);
    Result<bool> matches(Candidate& candidate, const Term& term);
    Result<std::int64_t> count(const Term& term, std::int64_t max);

    Index shorts_, runs_;
    SqliteStatement row_;
    std::string folded_;  // Used again for every comparison.
};

}  // namespace productd
