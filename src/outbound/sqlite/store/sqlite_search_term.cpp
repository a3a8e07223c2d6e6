// Short texts are phrases of one index, long ones the rarest of their parts. Calls SQLite to see which those are.
#include "outbound/sqlite/store/sqlite_search_term.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "codec/text_fold.hpp"
#include "outbound/sqlite/store/sqlite_search_grams.hpp"
#include "outbound/sqlite/store/sqlite_search_index.hpp"

namespace productd {

namespace {

/// The longest term that is one phrase of runs: one of more would take longer than to compare what the rarest have in
/// common.
constexpr std::size_t phrase_characters_max = 8;

/// Parts of a longer term asked for together, and how much more frequent than the rarest another may be to be worth it.
constexpr std::size_t parts_asked_max = 3;
constexpr double density_ratio_max = 50;

/// Parts that are looked at to find the rarest, and how many products each is judged by.
constexpr std::size_t parts_measured_max = 12;
constexpr std::int64_t density_sample = 64;
constexpr double density_of_rare = 1e-9;  ///< Taken for a part that hardly any product has.

/// A phrase of FTS5's query language; within double quotes everything is itself but the double quote.
std::string phrase(std::string_view gram) {
    std::string quoted = "\"";
    for (const char c : gram) {
        quoted += c;
        if (c == '"') quoted += c;
    }
    return quoted + '"';
}

/// The runs of a term, each behind the one before.
std::string phrase_of_runs(std::string_view folded) {
    std::string whole;
    for (const auto run : runs(folded)) whole += (whole.empty() ? "" : " + ") + phrase(run);
    return whole;
}

/// About the share of products that have a part of a term, by the newest of the first lane.
Result<double> density(const std::string& phrase, SqliteSearchTable& table) {
    const auto lane = position_stream(1);
    auto& statement = table.in_stream[1];
    statement.bind(std::string_view(phrase), row_of(lane.last), row_of(lane.first));
    std::int64_t first = 0, last = 0, seen = 0;
    for (; seen < density_sample; ++seen) {
        auto row = statement.step();
        if (!row) return fail(std::move(row).error());
        if (!*row) return density_of_rare * static_cast<double>(seen) / density_sample;
        last = statement.integer(0);
        if (seen == 0) first = last;
    }
    statement.reset();
    return static_cast<double>(seen) / static_cast<double>(last - first + 1);
}

/// A few parts of a term that not many products have in common. More of them would take longer to walk through together
/// than they save in comparisons.
Result<std::string> rarest_parts(std::string_view folded, SqliteSearchTable& table) {
    auto parts = meetings(folded);
    std::ranges::copy(runs(folded), std::back_inserter(parts));
    const auto stride = (parts.size() + parts_measured_max - 1) / parts_measured_max;
    std::set<std::pair<double, std::string>> measured;
    for (std::size_t i = 0; i < parts.size(); i += stride) {
        auto part = phrase(parts[i]);
        auto share = density(part, table);
        if (!share) return fail(std::move(share).error());
        measured.emplace(*share, std::move(part));
        if (*share < density_of_rare) break;  // Nothing much rarer can come.
    }
    std::string match;
    std::size_t asked = 0;
    for (const auto& [share, part] : measured) {
        if (asked == parts_asked_max || share > measured.begin()->first * density_ratio_max) break;
        match += (asked++ > 0 ? " AND " : "") + part;
    }
    return match;
}

}  // namespace

Result<SqliteSearchTerm> search_term(const std::string& text, SqliteSearchTables& tables) {
    SqliteSearchTerm term{.folded = folded(text), .table = &tables.runs, .match = {}, .is_exact = true};
    const auto length = characters(term.folded);
    if (length < 3) {
        term.table = &tables.shorts;
        term.match = phrase(term.folded);
        return term;
    }
    if (length <= phrase_characters_max) {
        term.match = phrase_of_runs(term.folded);
        return term;
    }
    auto parts = rarest_parts(term.folded, tables.runs);
    if (!parts) return fail(std::move(parts).error());
    term.match = std::move(*parts);
    term.is_exact = false;
    return term;
}

}  // namespace productd
