// Merges what the index finds in each stream of positions, newest first, and counts. Calls SQLite and the folding.
#include "outbound/sqlite/store/sqlite_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "codec/text_fold.hpp"
#include "outbound/sqlite/store/sqlite_search_index.hpp"

namespace productd {

struct SqliteSearch::Candidate {
    std::int64_t position = 0;
    std::int64_t created_at = 0;
    std::string id;
};

struct SqliteSearch::Stream {
    SqliteStatement* statement;
    Candidate head;
};

Result<SqliteSearch> SqliteSearch::prepare(SqliteDatabase& database) {
    SqliteSearch search;
    std::vector<std::pair<SqliteStatement*, std::string>> statements{
        {&search.row_, "SELECT created_at, id, name, description FROM products WHERE position = ?1"}};
    auto& tables = search.tables_;
    for (auto [table, name] : {std::pair{&tables.shorts, "search_shorts"}, std::pair{&tables.runs, "search_runs"}}) {
        const auto matching = fmt::format("SELECT rowid FROM {0} WHERE {0} MATCH ?1 ", name);
        statements.emplace_back(&table->anywhere, matching);
        for (auto& statement : table->in_stream) {
            statements.emplace_back(&statement, matching + "AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid");
        }
    }
    for (const auto& [statement, sql] : statements) {
        auto prepared = database.prepare(sql);
        if (!prepared) return fail(std::move(prepared).error());
        *statement = std::move(*prepared);
    }
    return search;
}

Result<SqliteSearch::Found> SqliteSearch::find(const SearchQuery& query, std::uint32_t streams_in_use) {
    auto term = search_term(query.text, tables_);
    if (!term) return fail(std::move(term).error());
    Found found;
    auto seen = page(query, *term, streams_in_use, found.positions);
    // A statement that is left open would keep the transaction's state of the file from being let go.
    for (auto& statement : term->table->in_stream) statement.reset();
    if (!seen) return fail(std::move(seen).error());
    // Fewer than the page had room for: then all of them were seen.
    auto total = *seen < query.page * query.size ? seen : count(*term, query.count_max + 1);
    if (!total) return fail(std::move(total).error());
    found.is_capped = *total > query.count_max;
    found.total_count = std::min(*total, query.count_max);
    return found;
}

/// Reads the page's positions and returns how many matches were seen on the way, at least `page * size` if there are.
Result<std::int64_t> SqliteSearch::page(const SearchQuery& query, const Term& term, std::uint32_t streams_in_use,
                                        std::vector<std::int64_t>& positions) {
    auto streams = open(term, streams_in_use);
    if (!streams) return fail(std::move(streams).error());
    const auto end = query.page * query.size;
    const auto begin = end - query.size;
    std::int64_t seen = 0;
    while (seen < end && !streams->empty()) {
        std::vector<Candidate> group;
        auto in_group = take_newest(*streams, term, end - seen, group);
        if (!in_group) return in_group;
        for (auto i = std::max<std::int64_t>(0, begin - seen); i < std::ssize(group); ++i) {
            positions.push_back(group[static_cast<std::size_t>(i)].position);
        }
        seen += *in_group;
    }
    return seen;
}

/// The streams that hold a match, each standing on its newest.
Result<std::vector<SqliteSearch::Stream>> SqliteSearch::open(const Term& term, std::uint32_t streams_in_use) {
    std::vector<Stream> streams;
    for (std::size_t number = 0; number < stream_count; ++number) {
        if ((streams_in_use >> number & 1) == 0) continue;
        const auto range = position_stream(number);
        auto& statement = term.table->in_stream[number];
        statement.bind(std::string_view(term.match), row_of(range.last), row_of(range.first));
        auto head = next(statement, term);
        if (!head) return fail(std::move(head).error());
        if (*head) streams.push_back({&statement, std::move(**head)});
    }
    return streams;
}

/// Takes all matches of the newest time of creation, those with the lowest ids into `group` as far as there is `room`.
/// Returns how many there are.
Result<std::int64_t> SqliteSearch::take_newest(std::vector<Stream>& streams, const Term& term, std::int64_t room,
                                               std::vector<Candidate>& group) {
    const auto created_at = [](const Stream& stream) { return stream.head.created_at; };
    const auto newest = created_at(*std::ranges::max_element(streams, {}, created_at));
    std::int64_t taken = 0;
    for (auto stream = streams.begin(); stream != streams.end();) {
        std::optional<Candidate> head = std::move(stream->head);
        while (head && head->created_at == newest) {
            ++taken;
            group.push_back(std::move(*head));
            std::ranges::push_heap(group, {}, &Candidate::id);
            if (std::ssize(group) > room) {
                std::ranges::pop_heap(group, {}, &Candidate::id);
                group.pop_back();
            }
            auto behind = next(*stream->statement, term);
            if (!behind) return fail(std::move(behind).error());
            head = std::move(*behind);
        }
        if (head) {
            stream->head = std::move(*head);
            ++stream;
        } else {
            stream = streams.erase(stream);
        }
    }
    std::ranges::sort(group, {}, &Candidate::id);
    return taken;
}

/// The next product of a stream that holds the term; nothing at the end.
Result<std::optional<SqliteSearch::Candidate>> SqliteSearch::next(SqliteStatement& stream, const Term& term) {
    for (;;) {
        auto row = stream.step();
        if (!row) return fail(std::move(row).error());
        if (!*row) return std::nullopt;
        Candidate candidate{.position = position_of(stream.integer(0))};
        auto matches = this->matches(candidate, term);
        if (!matches) return fail(std::move(matches).error());
        if (*matches) return candidate;
    }
}

/// Completes `candidate`, and compares it where the index alone does not tell.
Result<bool> SqliteSearch::matches(Candidate& candidate, const Term& term) {
    auto row = row_.bind(candidate.position).step();
    if (!row) return fail(std::move(row).error());
    if (!*row) return false;
    bool holds = term.is_exact;
    for (const int column : {2, 3}) {
        if (holds) break;
        fold(row_.bytes(column), folded_);
        holds = ::memmem(folded_.data(), folded_.size(), term.folded.data(), term.folded.size()) != nullptr;
    }
    candidate.created_at = row_.integer(0);
    candidate.id = row_.bytes(1);
    row_.reset();
    return holds;
}

Result<std::int64_t> SqliteSearch::count(const Term& term, std::int64_t max) {
    std::int64_t count = 0;
    auto& matching = term.table->anywhere;
    matching.bind(std::string_view(term.match));
    while (count < max) {
        auto row = matching.step();
        if (!row) return fail(std::move(row).error());
        if (!*row) break;
        Candidate candidate{.position = position_of(matching.integer(0))};
        auto counts = term.is_exact ? Result<bool>(true) : matches(candidate, term);
        if (!counts) {
            matching.reset();
            return fail(std::move(counts).error());
        }
        count += *counts;
    }
    matching.reset();
    return count;
}

}  // namespace productd
