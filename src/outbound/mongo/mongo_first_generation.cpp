// A page, and an update by what was read of each. Calls libmongoc and the documents' codec.
#include "outbound/mongo/mongo_first_generation.hpp"

#include "codec/product/product_bson.hpp"
#include "outbound/mongo/mongo_command.hpp"

namespace productd {

namespace {

/// A command is one document, which the server takes up to 16 MiB and a little.
constexpr std::size_t command_bytes_max = std::size_t{15} * 1'024 * 1'024;
constexpr std::size_t page_bytes_max = command_bytes_max;  // And one document more.

Bson document_of(const char* name, std::int64_t value) {
    Bson document;
    document.integer(name, value);
    return document;
}

/// The document as it was read. The older service writes no version: null is also what is missing.
Bson as_read(const Product& product) {
    Bson filter;
    filter.id("_id", product.id).text("name", product.name).text("description", product.description);
    BsonArray versions;
    versions.add([&](Bson& elements, const char* key) { elements.integer(key, product.version.value); });
    if (product.version.value == 0) versions.add([](Bson& elements, const char* key) { elements.null(key); });
    Bson any;
    any.array("$in", versions.elements());
    filter.document("version", any);
    return filter;
}

Bson renewal(const Product& product) {
    Bson set, update;
    set.integer("version", product.version.next().value).document("folded", encode_folded(product));
    update.document("$set", set);
    return update;
}

Bson update_of(const Product& product) {
    Bson update;
    update.document("q", as_read(product)).document("u", renewal(product));
    return update;
}

ScannedDocument scanned(const ProductId& id, const bson_t& document) {
    ScannedDocument one{id, decode_document(document)};
    const auto* stored = one.found ? std::get_if<StoredProduct>(&*one.found) : nullptr;
    if (stored == nullptr) return one;
    const auto& product = stored->product;
    if (product.version.value > 0 && has_own_folded(document, product)) return one;
    one.standing = update_of(product).get()->len > command_bytes_max ? Standing::too_large : Standing::old;
    return one;
}

/// How many of some updates found the document as it was read.
Result<std::int64_t> update_some(const MongoClients::Client& client, const BsonArray& updates, Deadline until) {
    Bson command;
    command.text("update", MongoClients::collection_name).boolean("ordered", false);
    command.array("updates", updates.elements());
    bson_error_t error{};
    MongoReply reply;
    if (!mongo_run_write(client, std::move(command), until, reply, error)) return fail(mongo_error(error));
    bson_iter_t at;
    const bool has_count = bson_iter_init_find(&at, &reply.get(), "n") && BSON_ITER_HOLDS_NUMBER(&at);
    return has_count ? bson_iter_as_int64(&at) : 0;
}

}  // namespace

Result<MongoFirstGeneration> MongoFirstGeneration::open(const MongoConnection& connection) {
    auto clients = MongoClients::open(connection);
    if (!clients) return fail(std::move(clients).error());
    return MongoFirstGeneration(std::move(*clients), connection.socket_timeout);
}

Result<std::vector<ScannedDocument>> MongoFirstGeneration::page(const std::optional<ProductId>& after,
                                                                std::size_t max) {
    const MongoPatience patience(std::chrono::steady_clock::now() + call_time_);
    const MongoClients::Client client(*clients_);
    const auto collection = client.collection();
    Bson filter, bound, options;
    bound.id(after ? "$gt" : "$gte", after.value_or(ProductId()));
    filter.document("_id", bound);
    options.document("sort", document_of("_id", 1)).integer("limit", static_cast<std::int64_t>(max));
    const MongoCursor cursor(mongoc_collection_find_with_opts(collection.get(), filter.get(), options.get(), nullptr));
    std::vector<ScannedDocument> found;
    const bson_t* document = nullptr;
    for (std::size_t bytes = 0; bytes < page_bytes_max && mongoc_cursor_next(cursor.get(), &document);) {
        bytes += document->len;
        if (const auto id = id_of_document(*document)) found.push_back(scanned(*id, *document));
    }
    bson_error_t error{};
    if (mongoc_cursor_error(cursor.get(), &error)) return fail(mongo_error(error));
    return found;
}

Result<std::int64_t> MongoFirstGeneration::renew(const std::vector<Product>& products) {
    const MongoClients::Client client(*clients_);
    std::int64_t renewed = 0;
    for (auto next = products.begin(); next != products.end();) {
        BsonArray updates;
        do {
            updates.add([&](Bson& elements, const char* key) { elements.document(key, update_of(*next)); });
        } while (++next != products.end() &&
                 updates.elements().get()->len + update_of(*next).get()->len <= command_bytes_max);
        const auto until = std::chrono::steady_clock::now() + call_time_;
        const MongoPatience patience(until);
        auto some = update_some(client, updates, until);
        if (!some) return some;
        renewed += *some;
    }
    return std::ssize(products) - renewed;
}

}  // namespace productd
