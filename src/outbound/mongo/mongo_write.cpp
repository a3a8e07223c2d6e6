// Insertions, then replacements, in one unordered bulk: the driver sends each kind as one command. Calls libmongoc and
// the documents' codec.
#include "outbound/mongo/mongo_write.hpp"

#include <algorithm>
#include <span>

#include "app/ports/product_store.hpp"
#include "codec/product_bson.hpp"

namespace productd {

namespace {

/// Of one bulk: enough to use a round trip well, and a reply that is still small when all of them lose.
constexpr std::size_t items_at_once = 1'000;

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

/// Of the items of a bulk. The driver would read every document again to validate it, a third of what a write costs us;
/// ours have the names of the codec, and texts that were checked where they came in.
struct ItemOptions {
    Bson insert, upsert;

    ItemOptions() {
        insert.boolean("validate", false);
        upsert.boolean("validate", false).boolean("upsert", true);
    }
};

bool append(mongoc_bulk_operation_t& bulk, const ProductWrite& write, Timestamp expire_at, const ItemOptions& options,
            bson_error_t& error) {
    if (!write.expected) {
        const auto document = encode_document(write.next, expire_at);
        return mongoc_bulk_operation_insert_with_opts(&bulk, document.get(), options.insert.get(), &error);
    }
    const auto filter = versioned(id_of(write), *write.expected);
    if (const auto* tombstone = std::get_if<Tombstone>(&write.next)) {
        const auto update = encode_deletion(*tombstone, expire_at);
        return mongoc_bulk_operation_update_one_with_opts(&bulk, filter.get(), update.get(), options.upsert.get(),
                                                          &error);
    }
    const auto document = encode_document(write.next, expire_at);
    return mongoc_bulk_operation_replace_one_with_opts(&bulk, filter.get(), document.get(), options.upsert.get(),
                                                       &error);
}

/// Calls `each` with every document of an array of the reply.
template <class Each>
void elements(const bson_t& reply, const char* name, Each each) {
    bson_iter_t at, element;
    if (!bson_iter_init_find(&at, &reply, name) || !BSON_ITER_HOLDS_ARRAY(&at)) return;
    if (!bson_iter_recurse(&at, &element)) return;
    while (bson_iter_next(&element)) {
        bson_iter_t inside;
        if (BSON_ITER_HOLDS_DOCUMENT(&element) && bson_iter_recurse(&element, &inside)) each(inside);
    }
}

std::int64_t number(bson_iter_t inside, const char* name) {
    return bson_iter_find(&inside, name) ? bson_iter_as_int64(&inside) : -1;
}

std::string text(bson_iter_t inside, const char* name) {
    return bson_iter_find(&inside, name) && BSON_ITER_HOLDS_UTF8(&inside) ? bson_iter_utf8(&inside, nullptr) : "";
}

/// An update of what was not there has put it there: its removal by the server's clock came between reading and
/// writing, or somebody asked for what never was. It is taken back; who decides again finds nothing.
Result<> take_back(mongoc_collection_t& products, const ProductWrite& write) {
    const auto filter = versioned(id_of(write), *version(write.next));
    bson_error_t error{};
    if (mongoc_collection_delete_one(&products, filter.get(), nullptr, nullptr, &error)) return {};
    return fail(mongo_error(error));
}

/// What the reply says of single items.
std::vector<WriteOutcome> outcomes_in(const bson_t& reply, std::size_t items) {
    std::vector<WriteOutcome> outcomes(items);
    elements(reply, "writeErrors", [&](const bson_iter_t& inside) {
        const auto index = number(inside, "index");
        if (index < 0 || index >= static_cast<std::int64_t>(items)) return;
        const auto code = static_cast<std::int32_t>(number(inside, "code"));
        outcomes[static_cast<std::size_t>(index)] = fail(mongo_item_error(code, text(inside, "errmsg")));
    });
    return outcomes;
}

/// Whether the call as a whole failed, and not just some of its items: a reply that came to its end says no more than
/// that items failed.
std::optional<Error> failure_of_all(const bson_t& reply, const bson_error_t& error) {
    std::optional<Error> failure;
    elements(reply, "writeConcernErrors", [&](const bson_iter_t& inside) {
        failure = mongo_item_error(static_cast<std::int32_t>(number(inside, "code")), text(inside, "errmsg"));
    });
    if (failure) {
        // It is written, and perhaps rolled back later: nothing may be told of it.
        failure->code = Errc::unavailable;
        return failure;
    }
    bool has_item_errors = false;
    elements(reply, "writeErrors", [&](const bson_iter_t&) { has_item_errors = true; });
    const bool is_of_items = has_item_errors && (error.domain == MONGOC_ERROR_SERVER || error.domain == 0 ||
                                                 error.domain == MONGOC_ERROR_COMMAND);
    if (is_of_items || error.code == 0) return std::nullopt;
    return mongo_error(error);
}

Result<std::vector<WriteOutcome>> write_some(mongoc_collection_t& products, std::span<const Item> items,
                                             Timestamp expire_at) {
    Bson unordered;
    unordered.boolean("ordered", false);
    const MongoBulk bulk(mongoc_collection_create_bulk_operation_with_opts(&products, unordered.get()));
    const ItemOptions options;
    bson_error_t error{};
    for (const auto* item : items) {
        if (!append(*bulk, *item, expire_at, options, error)) return fail(mongo_error(error));
    }
    MongoReply reply;
    const bool is_done = mongoc_bulk_operation_execute(bulk.get(), reply.out(), &error) != 0;
    if (!is_done) {
        if (auto failure = failure_of_all(reply.get(), error)) return fail(std::move(*failure));
    }
    auto outcomes = outcomes_in(reply.get(), items.size());
    Result<> taken_back;
    elements(reply.get(), "upserted", [&](const bson_iter_t& inside) {
        const auto index = static_cast<std::size_t>(number(inside, "index"));
        if (index >= items.size()) return;
        outcomes[index] = fail(Errc::aborted, "The product is not there any more.");
        if (taken_back) taken_back = take_back(products, *items[index]);
    });
    if (!taken_back) return fail(std::move(taken_back).error());
    return outcomes;
}

}  // namespace

Result<std::vector<WriteOutcome>> mongo_write(mongoc_collection_t& products, const std::vector<ProductWrite>& writes,
                                              Timestamp expire_at) {
    std::vector<Item> items;
    items.reserve(writes.size());
    for (const auto& write : writes) items.push_back(&write);
    std::ranges::partition(items, [](Item item) { return !item->expected; });

    std::vector<WriteOutcome> outcomes(writes.size());
    for (std::size_t from = 0; from < items.size(); from += items_at_once) {
        const auto some = std::span(items).subspan(from, std::min(items_at_once, items.size() - from));
        auto told = write_some(products, some, expire_at);
        if (!told) return fail(std::move(told).error());
        for (std::size_t i = 0; i < some.size(); ++i) {
            outcomes[static_cast<std::size_t>(some[i] - writes.data())] = std::move((*told)[i]);
        }
    }
    return outcomes;
}

}  // namespace productd
