// Compare-and-set in bulk. Calls SQLite, the search index and the lanes.
#include "outbound/sqlite/store/sqlite_store_file.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "outbound/sqlite/store/sqlite_store_row.hpp"

namespace productd {

namespace {

/// Writes that fail by themselves in one transaction, beyond which the whole of it is given up.
constexpr int own_failures_max = 8;
constexpr std::string_view wal_setting = "Store.WalBytesMax";

/// Whether an error may come from the one row that was written, so that others may still succeed.
bool is_of_one_row(Errc code) {
    return code == Errc::data_loss || code == Errc::invalid_argument || code == Errc::already_exists ||
           code == Errc::internal;
}

const ProductId& id_of(const Stored& next) {
    static const ProductId none;
    if (const auto* product = std::get_if<StoredProduct>(&next)) return product->product.id;
    if (const auto* tombstone = std::get_if<Tombstone>(&next)) return tombstone->id;
    return none;
}

/// Indices of `writes` with the oldest products first, as the lanes want them.
std::vector<std::size_t> oldest_first(const std::vector<const ProductWrite*>& writes) {
    std::vector<std::size_t> order(writes.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, {}, [&](std::size_t i) {
        const auto* product = std::get_if<StoredProduct>(&writes[i]->next);
        return std::pair(product ? product->product.created_at : Timestamp{}, i);
    });
    return order;
}

}  // namespace

/// What is stored under an id, as far as a write needs it.
struct SqliteStoreFile::Found {
    std::int64_t position = 0;
    Version version;
    std::int64_t created_at = 0;
    std::string name;
    std::string description;

    bool is_product() const { return position >= 0; }
};

Result<SqliteStoreFile> SqliteStoreFile::open(const SqliteFile& file, StreamsInUse& in_use,
                                              std::chrono::milliseconds read_time_max, std::int64_t changes_max) {
    auto database = SqliteDatabase::open(file);
    if (!database) return fail(std::move(database).error());
    auto index = SqliteSearchIndex::prepare(*database);
    if (!index) return fail(std::move(index).error());
    auto upkeep = SqliteStoreUpkeep::prepare(*database);
    if (!upkeep) return fail(std::move(upkeep).error());
    auto lanes = SqliteStoreLanes::load(*database);
    if (!lanes) return fail(std::move(lanes).error());
    auto mark = SqliteStoreMark::prepare(*database);
    if (!mark) return fail(std::move(mark).error());
    auto changes = SqliteStoreChanges::prepare(*database, changes_max);
    if (!changes) return fail(std::move(changes).error());
    in_use = lanes->in_use();
    SqliteStoreFile store(std::move(*database), SqliteWal(file, read_time_max), std::move(*index), std::move(*upkeep),
                          *lanes, std::move(*mark), std::move(*changes), in_use);
    if (auto prepared = store.prepare(); !prepared) return fail(std::move(prepared).error());
    return store;
}

Result<> SqliteStoreFile::prepare() {
    for (auto [statement, sql] : {
             std::pair{&find_, "SELECT position, version, created_at, name, description FROM products WHERE id = ?1"},
             std::pair{&insert_,
                       "INSERT INTO products(position, id, created_at, version, updated_at, category_id, name, "
                       "description, price, image_url, photos, quantity, rating, history, change) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"},
             // In place: position, time of creation and with them the indexes stay untouched.
             std::pair{&update_,
                       "UPDATE products SET version = ?2, updated_at = ?3, category_id = ?4, name = ?5, "
                       "description = ?6, price = ?7, image_url = ?8, photos = ?9, quantity = ?10, rating = ?11, "
                       "history = ?12, change = ?13 WHERE position = ?1"},
             std::pair{&remove_, "DELETE FROM products WHERE position = ?1"},
             std::pair{
                 &bury_,
                 "INSERT INTO products(position, id, created_at, version, updated_at, buried_at, history, change) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"},
             std::pair{&last_in_, "SELECT max(position) FROM products WHERE position BETWEEN ?1 AND ?2"},
         }) {
        auto prepared = database_.prepare(sql);
        if (!prepared) return fail(std::move(prepared).error());
        *statement = std::move(*prepared);
    }
    auto last = database_.number("SELECT coalesce(max(position), 1 << 63) FROM products WHERE position < 0");
    if (!last) return fail(std::move(last).error());
    last_grave_ = *last;
    return {};
}

Result<std::vector<WriteOutcome>> SqliteStoreFile::write(const std::vector<const ProductWrite*>& writes,
                                                         Timestamp now) {
    if (auto room = wal_.check_room(database_, wal_setting); !room) return fail(std::move(room).error());
    std::vector<WriteOutcome> outcomes(writes.size());
    std::vector<bool> failed(writes.size());
    for (int tries = 0;; ++tries) {
        const auto lanes = lanes_;
        auto committed = attempt(writes, now, outcomes, failed);
        if (committed && *committed) return outcomes;
        lanes_ = lanes;
        index_.forget();
        changes_.forget();
        if (!committed) return fail(std::move(committed).error());
        if (tries == own_failures_max) return fail(Errc::internal, "Too many products cannot be written.");
    }
}

Result<> SqliteStoreFile::probe() {
    if (auto room = wal_.check_room(database_, wal_setting); !room) return room;
    return upkeep_.probe(database_);
}

/// False when a write failed by itself: it is noted in `failed`, and nothing is stored.
Result<bool> SqliteStoreFile::attempt(const std::vector<const ProductWrite*>& writes, Timestamp now,
                                      std::vector<WriteOutcome>& outcomes, std::vector<bool>& failed) {
    auto transaction = SqliteTransaction::begin(database_);
    if (!transaction) return fail(std::move(transaction).error());
    for (const auto i : oldest_first(writes)) {
        if (failed[i]) continue;
        auto applied = apply(*writes[i], now);
        if (applied) {
            outcomes[i] = std::move(*applied);
            continue;
        }
        auto error = std::move(applied).error();
        if (!is_of_one_row(error.code)) return fail(std::move(error));
        failed[i] = true;
        outcomes[i] = fail(error.code == Errc::data_loss ? of_damaged_page(std::move(error)) : std::move(error));
        return false;
    }
    if (auto indexed = index_.apply(); !indexed) return fail(std::move(indexed).error());
    if (auto grown = mark_.grow(); !grown) return fail(std::move(grown).error());
    if (auto trimmed = changes_.trim(); !trimmed) return fail(std::move(trimmed).error());
    // Before the commit, so that no search sees products of a stream it does not know of.
    in_use_->fetch_or(lanes_.in_use());
    if (auto committed = transaction->commit(); !committed) return fail(std::move(committed).error());
    mark_.committed();
    changes_.committed();
    return true;
}

Result<WriteOutcome> SqliteStoreFile::apply(const ProductWrite& write, Timestamp now) {
    auto found = find(id_of(write.next));
    if (!found) return fail(std::move(found).error());
    const auto stored = *found ? std::optional((*found)->version) : std::nullopt;
    if (stored != write.expected) {
        return WriteOutcome(fail(Errc::aborted, "Another version of the product is stored."));
    }
    if (const auto* product = std::get_if<StoredProduct>(&write.next)) return store(*product, *found);
    if (const auto* tombstone = std::get_if<Tombstone>(&write.next)) return bury(*tombstone, *found, now);
    return WriteOutcome(fail(Errc::invalid_argument, "Nothing cannot be written."));
}

Result<std::optional<SqliteStoreFile::Found>> SqliteStoreFile::find(const ProductId& id) {
    auto row = find_.bind(SqliteBlob{blob_of(id)}).step();
    if (!row) return fail(std::move(row).error());
    if (!*row) return std::optional<Found>();
    Found found{find_.integer(0),
                {find_.integer(1)},
                find_.integer(2),
                std::string(find_.bytes(3)),
                std::string(find_.bytes(4))};
    find_.reset();
    return std::optional(std::move(found));
}

Result<WriteOutcome> SqliteStoreFile::store(const StoredProduct& next, const std::optional<Found>& found) {
    const auto& product = next.product;
    const auto category =
        product.category_id.is_none() ? std::nullopt : std::optional(SqliteBlob{blob_of(product.category_id)});
    const auto photos = encode_photos(product.photos);
    const auto history = encode_history(next.history);
    const auto created_at = milliseconds_of(product.created_at);

    if (found && found->is_product() && found->created_at == created_at) {
        if (found->name != product.name || found->description != product.description) {
            index_.change(found->position, search_text(found->name, found->description),
                          search_text(product.name, product.description));
        }
        const auto change = changes_.note(blob_of(product.id));
        if (!change) return fail(change.error());
        update_.bind(found->position, product.version.value, milliseconds_of(product.updated_at), category,
                     product.name, product.description, product.price, product.image_url, SqliteBlob{photos},
                     product.quantity, product.rating, SqliteBlob{history}, *change);
        if (auto updated = update_.run(); !updated) return fail(std::move(updated).error());
        return WriteOutcome();
    }
    auto position = place(product.created_at);
    if (!position) return fail(std::move(position).error());
    if (!*position) {
        return WriteOutcome(fail(Errc::out_of_range, "No more products of this time of creation can be stored."));
    }
    const auto change = changes_.note(blob_of(product.id));
    if (!change) return fail(change.error());
    if (auto removed = remove(found); !removed) return fail(std::move(removed).error());
    index_.change(**position, {}, search_text(product.name, product.description));
    insert_.bind(**position, SqliteBlob{blob_of(product.id)}, created_at, product.version.value,
                 milliseconds_of(product.updated_at), category, product.name, product.description, product.price,
                 product.image_url, SqliteBlob{photos}, product.quantity, product.rating, SqliteBlob{history}, *change);
    if (auto inserted = insert_.run(); !inserted) return fail(std::move(inserted).error());
    return WriteOutcome();
}

Result<WriteOutcome> SqliteStoreFile::bury(const Tombstone& next, const std::optional<Found>& found, Timestamp now) {
    if (auto removed = remove(found); !removed) return fail(std::move(removed).error());
    const auto created_at = found ? std::optional(found->created_at) : std::nullopt;
    const auto history = encode_history(next.history);
    const auto change = changes_.note(blob_of(next.id));
    if (!change) return fail(change.error());
    bury_.bind(++last_grave_, SqliteBlob{blob_of(next.id)}, created_at, next.version.value,
               milliseconds_of(next.deleted_at), milliseconds_of(now), SqliteBlob{history}, *change);
    if (auto buried = bury_.run(); !buried) return fail(std::move(buried).error());
    return WriteOutcome();
}

/// Takes a row away, because its product goes to another place.
Result<> SqliteStoreFile::remove(const std::optional<Found>& found) {
    if (!found) return {};
    if (found->is_product()) index_.change(found->position, search_text(found->name, found->description), {});
    return remove_.bind(found->position).run();
}

/// A position for a new product; nothing when there is none for its time.
Result<std::optional<std::int64_t>> SqliteStoreFile::place(Timestamp created_at) {
    const auto late = SqliteStoreLanes::late(created_at);
    if (!late) return std::nullopt;
    if (const auto position = lanes_.place(created_at)) return position;
    auto row = last_in_.bind(late->first, late->last).step();
    if (!row) return fail(std::move(row).error());
    const auto position = *row && !last_in_.is_null(0) ? last_in_.integer(0) + 1 : late->first;
    last_in_.reset();
    lanes_.note_late();
    return position <= late->last ? std::optional(position) : std::nullopt;
}

}  // namespace productd
