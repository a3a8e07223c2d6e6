// Feeds two contentless tables of FTS5. Calls SQLite and the folding of text.
#include "outbound/sqlite/store/sqlite_search_index.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/text_fold.hpp"

namespace productd {

std::string search_text(std::string_view name, std::string_view description) {
    return folded(name) + folded_break + folded(description);
}

Result<SqliteSearchIndex> SqliteSearchIndex::prepare(SqliteDatabase& database) {
    SqliteSearchIndex index;
    constexpr std::array names{"search_shorts", "search_runs"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto& table = index.tables_[i];
        for (auto [statement, sql] : {
                 std::pair{&table.insert, "INSERT INTO {0}(rowid, text) VALUES (?1, ?2)"},
                 std::pair{&table.remove, "INSERT INTO {0}({0}, rowid, text) VALUES ('delete', ?1, ?2)"},
                 std::pair{&table.merge, "INSERT INTO {0}({0}, rank) VALUES ('merge', ?1)"},
             }) {
            auto prepared = database.prepare(fmt::format(fmt::runtime(sql), names[i]));
            if (!prepared) return fail(std::move(prepared).error());
            *statement = std::move(*prepared);
        }
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
    for (auto& table : tables_) {
        for (const auto& change : changes_) {
            if (auto applied = apply(table, change); !applied) return applied;
        }
    }
    changes_.clear();
    return {};
}

Result<> SqliteSearchIndex::apply(Table& table, const Change& change) {
    if (!change.before.empty()) {
        if (auto removed = table.remove.bind(row_of(change.position), change.before).run(); !removed) return removed;
    }
    if (change.after.empty()) return {};
    return table.insert.bind(row_of(change.position), change.after).run();
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
    bool more = false;
    for (auto& table : tables_) {
        const auto before = sqlite3_total_changes64(database.handle());
        if (auto merged = table.merge.bind(pages).run(); !merged) return fail(std::move(merged).error());
        // The command itself counts as one change (https://sqlite.org/fts5.html#the_merge_command).
        more = more || sqlite3_total_changes64(database.handle()) - before >= 2;
    }
    return more;
}

}  // namespace productd
