// One read transaction a page, so that what is told at a number is the product as of that number: a change whose
// product has a later one is passed over. Calls SQLite and the rows' codec.
#include "outbound/sqlite/store/sqlite_change_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/ports/stored_size.hpp"
#include "outbound/sqlite/store/sqlite_store_row.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

/// Changes that a page looks at, also where all of them were passed over: a page is told soon.
constexpr std::int64_t looked_at_max = 20'000;

ProductId id_in(std::string_view bytes) {
    ProductId::Bytes id{};
    std::ranges::copy(bytes.substr(0, id.size()), id.begin());
    return ProductId(id);
}

/// Who follows the rest must not wait for the repair of one product.
void tell_of_unreadable(const ProductId& id, const Error& error) {
    log::error("the feed of changes leaves out a product that cannot be read",
               {{"product_id", id.hex()}, {"error", error.detail}, {"cause", error.cause}});
}

}  // namespace

Result<SqliteChangeReader> SqliteChangeReader::open(const SqliteFile& file) {
    auto database = SqliteDatabase::open_reader(file);
    if (!database) return fail(std::move(database).error());
    SqliteChangeReader reader(std::move(*database));
    for (const auto& [statement, sql] : {
             std::pair{&reader.kept_,
                       std::string("SELECT (SELECT min(number) FROM changes), max(number) FROM changes")},
             std::pair{&reader.numbers_,
                       std::string("SELECT number, id FROM changes WHERE number > ?1 ORDER BY number LIMIT ?2")},
             std::pair{&reader.at_, fmt::format("SELECT {}, change FROM products WHERE id = ?1", product_columns)},
             std::pair{&reader.by_id_, fmt::format("SELECT {} FROM products INDEXED BY products_by_id WHERE id > ?1 "
                                                   "AND buried_at IS NULL ORDER BY id LIMIT ?2",
                                                   product_columns)},
         }) {
        auto prepared = reader.database_.prepare(sql);
        if (!prepared) return fail(std::move(prepared).error());
        *statement = std::move(*prepared);
    }
    return reader;
}

Result<FeedPage> SqliteChangeReader::begin(std::int64_t incarnation, FeedBounds most) {
    auto transaction = SqliteTransaction::begin(database_, SqliteAccess::read);
    if (!transaction) return fail(std::move(transaction).error());
    const auto now = kept();
    if (!now) return fail(now.error());
    return snapshot({incarnation, now->last, ProductId()}, most);
}

Result<FeedPage> SqliteChangeReader::read(const SqliteFeedPosition& after, FeedBounds most) {
    auto transaction = SqliteTransaction::begin(database_, SqliteAccess::read);
    if (!transaction) return fail(std::move(transaction).error());
    const auto now = kept();
    if (!now) return fail(now.error());
    if (after.number > now->last) {
        return fail(Errc::out_of_range,
                    "The store has not come to this position, it was put back to an earlier state: begin anew.");
    }
    if (after.number + 1 < now->first) {
        return fail(Errc::out_of_range, "This position is too old, what follows it is kept no longer: begin anew.");
    }
    return after.snapshot_at ? snapshot(after, most) : changes(after, most);
}

Result<SqliteChangeReader::Kept> SqliteChangeReader::kept() {
    auto row = kept_.bind().step();
    if (!row) return fail(std::move(row).error());
    const Kept kept{kept_.integer(0), kept_.integer(1)};
    kept_.reset();
    return kept;
}

Result<FeedPage> SqliteChangeReader::changes(SqliteFeedPosition after, FeedBounds most) {
    FeedPage page;
    std::size_t bytes = 0;
    numbers_.bind(after.number, looked_at_max);
    for (std::int64_t looked_at = 0;; ++looked_at) {
        auto row = numbers_.step();
        if (!row) return fail(std::move(row).error());
        page.is_end = !*row && looked_at < looked_at_max;
        if (!*row) break;
        auto next = change(numbers_.integer(0), numbers_.bytes(1));
        if (!next) return fail(std::move(next).error());
        if (*next) {
            bytes += stored_bytes((*next)->latest);
            const bool is_full = page.changes.size() == most.changes_max || bytes > most.bytes_max;
            if (is_full && !page.changes.empty()) break;
        }
        after.number = numbers_.integer(0);
        if (!*next) continue;
        (*next)->position = after.text();
        page.changes.push_back(std::move(**next));
    }
    numbers_.reset();
    page.next = after.text();
    return page;
}

/// Nothing where a later change tells the product, or it cannot be read.
Result<std::optional<ProductChange>> SqliteChangeReader::change(std::int64_t number, std::string_view id) {
    constexpr int change_column = 14;
    auto row = at_.bind(SqliteBlob{id}).step();
    if (!row) return fail(std::move(row).error());
    ProductChange change{id_in(id), Nothing{}, {}};
    if (!*row) return std::optional(std::move(change));
    std::optional<ProductChange> told;
    if (at_.integer(change_column) == number) {
        if (auto stored = stored_in(at_)) {
            change.latest = std::move(*stored);
            told = std::move(change);
        } else {
            tell_of_unreadable(change.id, stored.error());
        }
    }
    at_.reset();
    return told;
}

Result<FeedPage> SqliteChangeReader::snapshot(SqliteFeedPosition after, FeedBounds most) {
    FeedPage page{.is_snapshot = true};
    std::size_t bytes = 0;
    const auto from = *after.snapshot_at;
    by_id_.bind(SqliteBlob{blob_of(from)}, static_cast<std::int64_t>(most.changes_max));
    for (std::size_t rows = 0;; ++rows) {
        auto row = by_id_.step();
        if (!row) return fail(std::move(row).error());
        page.is_end = !*row && rows < most.changes_max;
        if (!*row) break;
        const auto id = id_in(by_id_.bytes(0));
        auto stored = stored_in(by_id_);
        if (stored) {
            bytes += stored_bytes(*stored);
            if (bytes > most.bytes_max && !page.changes.empty()) break;
        }
        after.snapshot_at = id;
        if (!stored) {
            tell_of_unreadable(id, stored.error());
            continue;
        }
        page.changes.push_back({id, std::move(*stored), after.text()});
    }
    by_id_.reset();
    if (page.is_end) after.snapshot_at.reset();
    page.next = after.text();
    return page;
}

}  // namespace productd
