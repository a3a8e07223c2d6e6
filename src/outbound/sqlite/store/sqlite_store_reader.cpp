// Finds and searches products in one read transaction each. Calls SQLite and the search.
#include "outbound/sqlite/store/sqlite_store_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "outbound/sqlite/store/sqlite_store_row.hpp"

namespace productd {

namespace {

/// Interrupts what runs on a connection once its time is over.
class TimeLimit {
public:
    TimeLimit(SqliteDatabase& database, std::chrono::milliseconds time)
        : database_(database), end_(std::chrono::steady_clock::now() + time) {
        constexpr int steps_between_looks = 1'000;  // In SQLite's virtual machine: some ten microseconds.
        sqlite3_progress_handler(database.handle(), steps_between_looks, is_over, this);
    }
    ~TimeLimit() { sqlite3_progress_handler(database_.handle(), 0, nullptr, nullptr); }
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;

private:
    static int is_over(void* self) {
        return std::chrono::steady_clock::now() > static_cast<TimeLimit*>(self)->end_ ? 1 : 0;
    }

    SqliteDatabase& database_;
    std::chrono::steady_clock::time_point end_;
};

}  // namespace

Result<SqliteStoreReader> SqliteStoreReader::open(const SqliteFile& file, const StreamsInUse& in_use) {
    auto database = SqliteDatabase::open_reader(file);
    if (!database) return fail(std::move(database).error());
    auto search = SqliteSearch::prepare(*database);
    if (!search) return fail(std::move(search).error());
    SqliteStoreReader reader(std::move(*database), std::move(*search), in_use);
    if (auto prepared = reader.prepare(); !prepared) return fail(std::move(prepared).error());
    return reader;
}

Result<> SqliteStoreReader::prepare() {
    const std::string select = fmt::format("SELECT {} FROM products ", product_columns);
    const std::string by_age =
        fmt::format("SELECT {} FROM products INDEXED BY products_by_age WHERE buried_at IS NULL ", product_columns);
    for (const auto& [statement, sql] : {
             std::pair{&find_, select + "WHERE id = ?1"},
             std::pair{&at_, select + "WHERE position = ?1"},
             std::pair{&all_, by_age + "ORDER BY created_at DESC, id LIMIT ?1 OFFSET ?2"},
             std::pair{&count_all_,
                       std::string("SELECT count(*) FROM (SELECT 1 FROM products INDEXED BY products_by_age WHERE "
                                   "buried_at IS NULL LIMIT ?1)")},
         }) {
        auto prepared = database_.prepare(sql);
        if (!prepared) return fail(std::move(prepared).error());
        *statement = std::move(*prepared);
    }
    return {};
}

Result<std::vector<Found>> SqliteStoreReader::find(const std::vector<ProductId>& ids) {
    auto transaction = SqliteTransaction::begin(database_, SqliteAccess::read);
    if (!transaction) return fail(std::move(transaction).error());
    std::vector<Found> found;
    found.reserve(ids.size());
    for (const auto& id : ids) {
        auto row = find_.bind(SqliteBlob{blob_of(id)}).step();
        if (row) {
            found.push_back(*row ? stored_in(find_) : Nothing{});
        } else if (row.error().code == Errc::data_loss) {
            found.push_back(fail(of_damaged_page(std::move(row).error())));
        } else {
            return fail(std::move(row).error());
        }
        find_.reset();
    }
    return found;
}

Result<SearchPage> SqliteStoreReader::search(const SearchQuery& query, std::chrono::milliseconds time_max) {
    const TimeLimit limit(database_, time_max);
    auto transaction = SqliteTransaction::begin(database_, SqliteAccess::read);
    if (!transaction) return fail(std::move(transaction).error());
    auto page = query.text.empty() ? search_all(query) : search_text(query);
    if (!page && page.error().code == Errc::cancelled) {
        page.error().code = Errc::deadline_exceeded;
        page.error().detail = "The search took too long: search for a longer or rarer text.";
    }
    return page;
}

Result<SearchPage> SqliteStoreReader::search_text(const SearchQuery& query) {
    // The first read fixes the state of the file; the streams of it are known from then on.
    if (auto fixed = check(); !fixed) return fail(std::move(fixed).error());
    auto found = search_.find(query, in_use_->load());
    if (!found) return fail(std::move(found).error());
    SearchPage page{{}, found->total_count, found->is_capped};
    for (const auto position : found->positions) {
        if (auto added = append(at_.bind(position), page.products); !added) return fail(std::move(added).error());
    }
    return page;
}

Result<SearchPage> SqliteStoreReader::search_all(const SearchQuery& query) {
    SearchPage page;
    all_.bind(query.size, (query.page - 1) * query.size);
    if (auto added = append(all_, page.products); !added) return fail(std::move(added).error());
    auto counted = count_all_.bind(query.count_max + 1).step();
    if (!counted) return fail(std::move(counted).error());
    const auto total = count_all_.integer(0);
    count_all_.reset();
    page.total_count = std::min(total, query.count_max);
    page.total_count_capped = total > query.count_max;
    return page;
}

Result<> SqliteStoreReader::check() {
    auto row = at_.bind(0).step();
    if (!row) return fail(std::move(row).error());
    at_.reset();
    return {};
}

/// Every row of a statement, which is at its end afterwards.
Result<> SqliteStoreReader::append(SqliteStatement& rows, std::vector<Product>& products) {
    for (;;) {
        auto row = rows.step();
        if (!row) return fail(std::move(row).error());
        if (!*row) return {};
        auto product = product_in(rows);
        if (!product) {
            rows.reset();
            return fail(std::move(product).error());
        }
        products.push_back(std::move(*product));
    }
}

}  // namespace productd
