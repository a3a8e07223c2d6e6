// Insertions, then replacements, in unordered bulks of one kind and one command each. Calls libmongoc and the
// documents' codec.
#include "outbound/mongo/mongo_write.hpp"

#include <algorithm>

#include "app/ports/product_store.hpp"
#include "codec/product/product_bson.hpp"
#include "outbound/mongo/mongo_bulk_reply.hpp"

namespace productd {

namespace {

/// A bulk has at most so many: enough to use a round trip well, and a reply that is still small when all of them lose.
constexpr std::size_t items_at_once = 1'000;
/// A bulk's documents have at most so many: a third of a message, so that it never is two, of which one may be lost.
constexpr std::size_t bytes_at_once = std::size_t{16} * 1'024 * 1'024;

using Item = const ProductWrite*;

const ProductId& id_of(const ProductWrite& write) {
    const auto* tombstone = std::get_if<Tombstone>(&write.next);
    return tombstone ? tombstone->id : std::get<StoredProduct>(write.next).product.id;
}

Bson versioned(const ProductId& id, const Version& version) {
    Bson filter;
    filter.id("_id", id);
    if (version.value != 0) {
        filter.integer("version", version.value);
        return filter;
    }
    // The older service writes none: that is version 0. Null is also what is missing.
    BsonArray none;
    none.add([](Bson& elements, const char* key) { elements.integer(key, 0); });
    none.add([](Bson& elements, const char* key) { elements.null(key); });
    Bson in;
    in.array("$in", none.elements());
    filter.document("version", in);
    return filter;
}

/// How the items of a bulk are written. The driver would read every document again to validate it, a third of what a
/// write costs us; ours have the names of the codec, and texts that were checked where they came in.
struct ItemOptions {
    Bson insert, upsert;

    ItemOptions() {
        insert.boolean("validate", false);
        upsert.boolean("validate", false).boolean("upsert", true);
    }
};

Bson encoded(const ProductWrite& write, Timestamp expire_at) {
    const auto* tombstone = std::get_if<Tombstone>(&write.next);
    return write.expected && tombstone ? encode_deletion(*tombstone, expire_at)
                                       : encode_document(write.next, expire_at);
}

/// An update of what was not there has put it there: its removal by the server's clock came between reading and
/// writing, or somebody asked for what never was. It is taken back; who decides again finds nothing.
Result<> take_back(mongoc_collection_t& products, const ProductWrite& write) {
    const auto filter = versioned(id_of(write), *version(write.next));
    bson_error_t error{};
    if (mongoc_collection_delete_one(&products, filter.get(), nullptr, nullptr, &error)) return {};
    return fail(mongo_error(error));
}

/// Items of one kind, which the driver sends as one command: what one command failed with hides nothing of another.
class Bulk {
public:
    explicit Bulk(mongoc_collection_t& products) : products_(products) {
        Bson unordered;
        unordered.boolean("ordered", false);
        bulk_.reset(mongoc_collection_create_bulk_operation_with_opts(&products, unordered.get()));
    }

    bool takes(Item item, const Bson& document) const {
        return item->expected.has_value() == items_.front()->expected.has_value() && items_.size() < items_at_once &&
               bytes_ + document.get()->len <= bytes_at_once;
    }

    Result<> append(Item item, const Bson& document) {
        items_.push_back(item);
        bytes_ += document.get()->len;
        bson_error_t error{};
        return add(*item, document, error) ? Result<>{} : fail(mongo_error(error));
    }

    /// Writes them and notes what became of each among the outcomes of all, whose first item is `first`.
    Result<> execute(Item first, std::vector<WriteOutcome>& outcomes) const {
        bson_error_t error{};
        MongoReply reply;
        mongoc_bulk_operation_execute(bulk_.get(), reply.out(), &error);
        auto told = read_bulk_reply(reply.get(), error, items_.size());
        Result<> taken_back;
        for (const auto index : told.upserted) {
            told.outcomes[index] = fail(Errc::aborted, "The product is not there any more.");
            if (taken_back) taken_back = take_back(products_, *items_[index]);
        }
        if (told.failure) return fail(std::move(*told.failure));
        for (std::size_t i = 0; i < items_.size(); ++i) {
            outcomes[static_cast<std::size_t>(items_[i] - first)] = std::move(told.outcomes[i]);
        }
        return taken_back;
    }

private:
    bool add(const ProductWrite& write, const Bson& document, bson_error_t& error) const {
        if (!write.expected) {
            return mongoc_bulk_operation_insert_with_opts(bulk_.get(), document.get(), options_.insert.get(), &error);
        }
        const auto filter = versioned(id_of(write), *write.expected);
        const auto append = std::holds_alternative<Tombstone>(write.next) ? mongoc_bulk_operation_update_one_with_opts
                                                                          : mongoc_bulk_operation_replace_one_with_opts;
        return append(bulk_.get(), filter.get(), document.get(), options_.upsert.get(), &error);
    }

    mongoc_collection_t& products_;
    ItemOptions options_;
    MongoBulk bulk_;
    std::vector<Item> items_;
    std::size_t bytes_ = 0;
};

}  // namespace

Result<std::vector<WriteOutcome>> mongo_write(mongoc_collection_t& products, const std::vector<ProductWrite>& writes,
                                              Timestamp expire_at) {
    std::vector<Item> items;
    items.reserve(writes.size());
    for (const auto& write : writes) items.push_back(&write);
    std::ranges::partition(items, [](Item item) { return !item->expected; });

    std::vector<WriteOutcome> outcomes(writes.size());
    std::optional<Bulk> bulk;
    // A bulk that failed fails the call, though what became of those before it is known. Told of its items alone it
    // would count against each of them, up to their dead letters, and not as the outage it is. Of the others those that
    // were written are found so by their fences when they come again.
    for (const auto* item : items) {
        const auto document = encoded(*item, expire_at);
        if (bulk && !bulk->takes(item, document)) {
            if (auto done = bulk->execute(writes.data(), outcomes); !done) return fail(std::move(done).error());
            bulk.reset();
        }
        if (!bulk) bulk.emplace(products);
        if (auto added = bulk->append(item, document); !added) return fail(std::move(added).error());
    }
    if (bulk) {
        if (auto done = bulk->execute(writes.data(), outcomes); !done) return fail(std::move(done).error());
    }
    return outcomes;
}

}  // namespace productd
