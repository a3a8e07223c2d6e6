// Feeds FTS5's contentless table. Calls SQLite and the folding of text.
#include "outbound/sqlite_search_index.hpp"

#include <algorithm>

#include "codec/text_fold.hpp"

namespace productd {

std::string search_text(std::string_view name, std::string_view description) {
    return folded(name) + folded_break + folded(description);
}

Result<SqliteSearchIndex> SqliteSearchIndex::prepare(SqliteDatabase& database) {
    SqliteSearchIndex index;
    for (auto [statement, sql] : {
             std::pair{&index.insert_, "INSERT INTO search(rowid, text) VALUES (?1, ?2)"},
             std::pair{&index.remove_, "INSERT INTO search(search, rowid, text) VALUES ('delete', ?1, ?2)"},
             std::pair{&index.merge_, "INSERT INTO search(search, rank) VALUES ('merge', ?1)"},
         }) {
        auto prepared = database.prepare(sql);
        if (!prepared) return fail(std::move(prepared).error());
        *statement = std::move(*prepared);
    }
    return index;
}

void SqliteSearchIndex::change(std::int64_t position, std::string before, std::string after) {
    if (before != after) changes_.push_back({position, changes_.size(), std::move(before), std::move(after)});
}

Result<> SqliteSearchIndex::apply() {
    std::ranges::sort(changes_, {},
                      [](const Change& change) { return std::pair(row_of(change.position), change.order); });
    join_changes_of_one_position();
    for (const auto& [position, order, before, after] : changes_) {
        if (!before.empty()) {
            if (auto removed = remove_.bind(row_of(position), before).run(); !removed) return removed;
        }
        if (!after.empty()) {
            if (auto inserted = insert_.bind(row_of(position), after).run(); !inserted) return inserted;
        }
    }
    changes_.clear();
    return {};
}

/// A product changed twice in one transaction: only where it began and where it ended counts.
void SqliteSearchIndex::join_changes_of_one_position() {
    std::size_t kept = 0;
    for (auto& change : changes_) {
        if (kept > 0 && changes_[kept - 1].position == change.position) {
            changes_[kept - 1].after = std::move(change.after);
        } else if (&changes_[kept++] != &change) {
            changes_[kept - 1] = std::move(change);
        }
    }
    changes_.resize(kept);
    std::erase_if(changes_, [](const Change& change) { return change.before == change.after; });
}

Result<bool> SqliteSearchIndex::merge(SqliteDatabase& database, std::int64_t pages) {
    const auto before = sqlite3_total_changes64(database.handle());
    if (auto merged = merge_.bind(pages).run(); !merged) return fail(std::move(merged).error());
    // The command itself counts as one change (https://sqlite.org/fts5.html#the_merge_command).
    return sqlite3_total_changes64(database.handle()) - before >= 2;
}

}  // namespace productd
