// Filters first, then the two queries. Calls libmongoc and the documents' codec.
#include "outbound/mongo/mongo_queries.hpp"

#include <algorithm>
#include <unordered_map>

#include "app/ports/product_store.hpp"
#include "codec/product/product_bson.hpp"
#include "codec/text_fold.hpp"

namespace productd {

namespace {

constexpr std::size_t ids_at_once = 5'000;

Bson newest_first() {
    Bson sort;
    sort.integer("createdAt", -1).integer("_id", 1);
    return sort;
}

/// {operator: value}
template <class Append>
Bson one(Append append) {
    Bson document;
    append(document);
    return document;
}

Bson any_of(const std::vector<Bson>& filters) {
    BsonArray alternatives;
    for (const auto& filter : filters) {
        alternatives.add([&](Bson& elements, const char* key) { elements.document(key, filter); });
    }
    return one([&](Bson& filter) { filter.array("$or", alternatives.elements()); });
}

/// {$expr: {operation: ["$folded.at", "$updatedAt"]}}: whether the folded text is of the product as it is.
void compare_folding(Bson& filter, const char* operation) {
    BsonArray both;
    for (const char* field : {"$folded.at", "$updatedAt"}) {
        both.add([&](Bson& elements, const char* key) { elements.text(key, field); });
    }
    filter.document("$expr", one([&](Bson& expression) { expression.array(operation, both.elements()); }));
}

Bson no_tombstone() {
    return one([](Bson& filter) {
        filter.document("tombstone", one([](Bson& exists) { exists.boolean("$exists", false); }));
    });
}

/// `read` (Bson options, bson_error_t& → Result) with the time until `deadline` among its `options`, and once more,
/// while there is time, if the connection broke or the primary changed.
template <class Read>
auto in_time(const Bson& options, Deadline deadline, Read read) -> std::invoke_result_t<Read&, Bson&, bson_error_t&> {
    const MongoPatience patience(deadline);
    for (bool is_repeated = false;; is_repeated = true) {
        const auto time = mongo_server_time(deadline);
        if (!time) return fail(time_is_over());
        Bson with_time;
        bson_concat(with_time.get(), options.get());
        with_time.integer("maxTimeMS", time->count());
        bson_error_t error{};
        auto result = read(with_time, error);
        const bool has_time = std::chrono::steady_clock::now() < deadline;
        if (result || is_repeated || !mongo_may_repeat(error) || !has_time) return result;
    }
}

/// Every document that is found; `take` may fail.
template <class Take>
Result<> each(mongoc_collection_t& collection, const Bson& filter, const Bson& options, bson_error_t& error,
              Take take) {
    const MongoCursor cursor(mongoc_collection_find_with_opts(&collection, filter.get(), options.get(), nullptr));
    const bson_t* document = nullptr;
    while (mongoc_cursor_next(cursor.get(), &document)) {
        if (auto taken = take(*document); !taken) return taken;
    }
    if (mongoc_cursor_error(cursor.get(), &error)) return fail(mongo_error(error));
    return {};
}

Result<> append_product(const bson_t& document, std::vector<Product>& products) {
    auto stored = decode_document(document);
    if (!stored) return fail(std::move(stored).error());
    if (auto* product = std::get_if<StoredProduct>(&*stored)) products.push_back(std::move(product->product));
    return {};
}

Result<std::vector<Product>> products_of(mongoc_collection_t& collection, const Bson& filter, const Bson& options,
                                         Deadline deadline) {
    auto read = [&](const Bson& with_time, bson_error_t& error) -> Result<std::vector<Product>> {
        std::vector<Product> products;
        auto taken = each(collection, filter, with_time, error,
                          [&](const bson_t& document) { return append_product(document, products); });
        if (!taken) return fail(std::move(taken).error());
        return products;
    };
    return in_time(options, deadline, read);
}

/// How many match, counted up to `max`.
Result<std::int64_t> count(mongoc_collection_t& collection, const Bson& filter, std::int64_t max, Deadline deadline) {
    Bson options;
    options.integer("limit", max);
    auto read = [&](const Bson& with_time, bson_error_t& error) -> Result<std::int64_t> {
        MongoReply reply;
        const auto found =
            mongoc_collection_count_documents(&collection, filter.get(), with_time.get(), nullptr, reply.out(), &error);
        if (found < 0) return fail(mongo_error(error));
        return found;
    };
    return in_time(options, deadline, read);
}

using FoundById = std::unordered_map<ProductId, Found>;

Result<> note(const bson_t& document, FoundById& found) {
    auto stored = decode_document(document);
    const auto id = id_of_document(document);
    if (!id) return fail(Errc::internal, "The store answered with what was not asked for.");
    found.insert_or_assign(*id, std::move(stored));
    return {};
}

}  // namespace

std::string literal_pattern(std::string_view text) {
    std::string pattern;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_plain = byte >= 0x80 || std::isalnum(byte) != 0;
        if (c == '\0') {
            pattern += "\\x00";
        } else if (is_plain) {
            pattern += c;
        } else {
            pattern += '\\';
            pattern += c;
        }
    }
    return pattern;
}

Bson search_filter(const std::string& text) {
    auto filter = no_tombstone();
    if (text.empty()) return filter;
    const auto folded_pattern = literal_pattern(folded(text));
    Bson ours;
    ours.regex("folded.text", folded_pattern.c_str(), "");
    compare_folding(ours, "$eq");

    const auto pattern = literal_pattern(text);
    std::vector<Bson> members;
    for (const char* name : {"name", "description"}) {
        members.push_back(one([&](Bson& member) { member.regex(name, pattern.c_str(), "i"); }));
    }
    auto others = any_of(members);
    compare_folding(others, "$ne");

    std::vector<Bson> either;
    either.push_back(std::move(ours));
    either.push_back(std::move(others));
    bson_concat(filter.get(), any_of(either).get());
    return filter;
}

Result<std::vector<Found>> mongo_find(mongoc_collection_t& products, const std::vector<ProductId>& ids,
                                      Deadline deadline) {
    FoundById found;
    found.reserve(ids.size());
    for (std::size_t from = 0; from < ids.size(); from += ids_at_once) {
        BsonArray some;
        for (std::size_t i = from; i < std::min(from + ids_at_once, ids.size()); ++i) {
            some.add([&](Bson& elements, const char* key) { elements.id(key, ids[i]); });
        }
        Bson filter;
        filter.document("_id", one([&](Bson& in) { in.array("$in", some.elements()); }));
        auto read = in_time(Bson(), deadline, [&](const Bson& with_time, bson_error_t& error) {
            return each(products, filter, with_time, error,
                        [&](const bson_t& document) { return note(document, found); });
        });
        if (!read) return fail(std::move(read).error());
    }
    std::vector<Found> in_order;
    in_order.reserve(ids.size());
    for (const auto& id : ids) {
        const auto stored = found.find(id);
        in_order.push_back(stored == found.end() ? Found{Nothing{}} : stored->second);
    }
    return in_order;
}

Result<SearchPage> mongo_search(mongoc_collection_t& products, const SearchQuery& query,
                                std::chrono::milliseconds time_max, Deadline deadline) {
    const auto until = [&] { return std::min(deadline, std::chrono::steady_clock::now() + time_max); };
    const auto filter = search_filter(query.text);
    const auto passed_over = (query.page - 1) * query.size;
    Bson options;
    options.document("sort", newest_first()).integer("skip", passed_over).integer("limit", query.size);
    auto found = products_of(products, filter, options, until());
    if (!found) return fail(std::move(found).error());

    SearchPage page{.products = std::move(*found)};
    const auto here = std::ssize(page.products);
    std::int64_t total = passed_over + here;
    // A page that is not full is the last one, unless there is none so far behind.
    if (here == query.size || (here == 0 && passed_over > 0)) {
        auto counted = count(products, filter, query.count_max + 1, until());
        if (!counted) return fail(std::move(counted).error());
        total = *counted;
    }
    page.total_count = std::min(total, query.count_max);
    page.total_count_capped = total > query.count_max;
    return page;
}

}  // namespace productd
