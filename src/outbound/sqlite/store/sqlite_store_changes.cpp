// Rows at the end of a table, and away from its beginning. Calls SQLite.
#include "outbound/sqlite/store/sqlite_store_changes.hpp"

#include <algorithm>

namespace productd {

void SqliteStoreChanges::Told::reached(std::int64_t number) {
    {
        const std::scoped_lock lock(mutex_);
        last_ = number;
    }
    changed_.notify_all();
}

void SqliteStoreChanges::Told::wait(std::int64_t number, Deadline until) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, until, [&] { return has_ended_ || last_ > number; });
}

void SqliteStoreChanges::Told::end() {
    {
        const std::scoped_lock lock(mutex_);
        has_ended_ = true;
    }
    changed_.notify_all();
}

Result<SqliteStoreChanges> SqliteStoreChanges::prepare(SqliteDatabase& database, std::int64_t kept_max) {
    SqliteStoreChanges changes;
    changes.kept_max_ = kept_max;
    auto incarnation = database.number("SELECT incarnation FROM mark");
    if (!incarnation) return fail(std::move(incarnation).error());
    auto last = database.number("SELECT coalesce(max(number), 0) FROM changes");
    if (!last) return fail(std::move(last).error());
    auto first = database.number("SELECT coalesce(min(number), 1) FROM changes");
    if (!first) return fail(std::move(first).error());
    changes.numbers_ = changes.durable_ = {*first, *last};
    changes.told_ = std::make_shared<Told>(*incarnation);
    changes.told_->reached(*last);
    for (auto [statement, sql] : {std::pair{&changes.note_, "INSERT INTO changes VALUES (?1, ?2)"},
                                  std::pair{&changes.trim_, "DELETE FROM changes WHERE number < ?1"}}) {
        auto prepared = database.prepare(sql);
        if (!prepared) return fail(std::move(prepared).error());
        *statement = std::move(*prepared);
    }
    return changes;
}

Result<std::int64_t> SqliteStoreChanges::note(std::string_view id) {
    const auto number = ++numbers_.last;
    if (auto noted = note_.bind(number, SqliteBlob{id}).run(); !noted) return fail(std::move(noted).error());
    return number;
}

Result<> SqliteStoreChanges::trim() {
    const auto came = numbers_.last - durable_.last;
    const auto first_kept = std::min(numbers_.last - kept_max_ + 1, numbers_.first + 2 * came);
    if (first_kept <= numbers_.first) return {};
    numbers_.first = first_kept;
    return trim_.bind(first_kept).run();
}

void SqliteStoreChanges::committed() {
    if (numbers_.last != durable_.last) told_->reached(numbers_.last);
    durable_ = numbers_;
}

}  // namespace productd
